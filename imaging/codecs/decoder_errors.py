"""Translates what decoders raise and warn of."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, PermanentError

# Pillow raises them as plain ValueErrors for PNGs with more metadata than it accepts.
_TOO_MUCH_METADATA = ("Decompressed data too large", "Too much memory used in text chunks")

_NO_MEMORY = "Out of memory"  # libavif, if it knows


@contextmanager
def decoder_errors(*, memory_bytes: int = 0) -> Iterator[None]:
    """Translate what a decoder raises, but MemoryError, into InvalidImage or ImageTooLarge, and drop its warnings.

    `memory_bytes` is what a decoder needs that reports a failed allocation as if the file were damaged: if there is
    less, this raises MemoryError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (PermanentError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge("The image has more pixels than can be decoded.") from error
    except Exception as error:
        if any(map(str(error).startswith, _TOO_MUCH_METADATA)):
            raise ImageTooLarge("The image's text or colour profile is too large: at most 1 MiB each.") from error
        if _NO_MEMORY in str(error):
            raise MemoryError(str(error)) from error
        bytearray(memory_bytes)
        raise InvalidImage("The image is damaged, truncated, or not in the format its first bytes indicate.") from error
