"""The only place that opens files with Pillow. Nothing that a stranger uploads is trusted before it is through here."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count

from PIL import AvifImagePlugin, Image, JpegImagePlugin, TiffImagePlugin, WebPImagePlugin

from core.errors import ImageTooLarge, InvalidImage, PermanentError
from imaging import native
from imaging.codecs.formats import ANIMATED, READABLE, sniff
from imaging.codecs.jpeg_scans import count_scans
from imaging.codecs.metadata import Metadata, Wanted, exif_to_keep, orientation, xmp_to_keep
from imaging.codecs.srgb import has_other_colors, kept_profile, to_srgb
from imaging.limits import Limits
from imaging.orientation import FROM_EXIF, IDENTITY, Orientation

# A multi-picture JPEG opens as MPO; its first picture is the photograph.
_PILLOW_FORMATS = {name: {name.upper()} for name in READABLE} | {"jpeg": {"JPEG", "MPO"}}
# Imported so that Image.open need not import every plug-in to find these.
_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
# A worker runs one render a core: libavif must not take the others.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

# How Pillow refuses a PNG that holds more of these than pixels; it has no error class for it.
_TOO_MUCH_TEXT = ("Decompressed data too large", "Too much memory used in text chunks")
# Nor does it log what it finds in strangers' files to where nobody can make sense of it.
logging.getLogger("PIL").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Frame:
    """In mode L, LA, RGB or RGBA, whole, without a trace of metadata."""

    image: Image.Image
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Of a JPEG: how many times smaller than it is (1, 2, 4 or 8), and whether without its colours."""

    shrunk: int = 1
    luma_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that may be decoded: frame by frame, when its pixels are asked for."""

    format: str
    limits: Limits
    auto_orient: bool
    keep_profile: bool
    picture: Image.Image
    data: bytes
    orientation: int  # 1..8, as the file says

    @property
    def is_animated(self) -> bool:
        with _decoder_errors():
            return self.format in ANIMATED and bool(getattr(self.picture, "is_animated", False))

    @property
    def plays(self) -> int:
        """How often an animation is shown; 0 is for ever."""
        loop = self.picture.info.get("loop")
        if self.format != "gif":
            return int(loop or 0)
        # A GIF counts the repetitions, and without a count it is shown once.
        return 1 if loop is None else int(loop) + (loop > 0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright if that is wanted: once it is decoded, of what was decoded."""
        return self._turn.size_after(self.picture.size)

    @property
    def _turn(self) -> Orientation:
        return FROM_EXIF[self.orientation] if self.auto_orient else IDENTITY

    def unturned(self) -> tuple["Source", Orientation]:
        """The same as it is stored, and the turn that makes it upright. Only a JPEG's can wait until it is decoded."""
        if not isinstance(self.picture, JpegImagePlugin.JpegImageFile):
            return self, IDENTITY
        return replace(self, auto_orient=False), self._turn

    def decode_less(self, *, least: tuple[int, int] | None, luma_only: bool) -> Decoding:
        """Of a JPEG that is still to be turned: as many times smaller as its blocks allow, or without its colours.

        No side comes below `least`.
        """
        if not isinstance(self.picture, JpegImagePlugin.JpegImageFile):
            return Decoding()
        shrunk = self._shrunk(least) if least else 1
        width, height = self.picture.size
        with _decoder_errors():
            was_grey = self.picture.mode == "L"
            mode = "L" if luma_only and not has_other_colors(self.picture) else None
            self.picture.draft(mode, (width // shrunk, height // shrunk))
            return Decoding(shrunk=shrunk, luma_only=self.picture.mode == "L" and not was_grey)

    def _shrunk(self, least: tuple[int, int]) -> int:
        ratio = min(own // side for own, side in zip(self.picture.size, least, strict=True))
        return next((n for n in (8, 4, 2) if n <= ratio), 1)

    def first(self, *, as_array: bool = False) -> Image.Image:
        """What a still picture is made from. Raises InvalidImage or ImageTooLarge.

        `as_array`: a kernel sees it first, so that a JPEG that is decoded whole is read into no memory of Pillow's. The
        pixels are the same.
        """
        with _decoder_errors():
            image = self._upright((self._array() if as_array else None) or self._loaded())
            # No other frame comes into the same memory: only `info` must be its own.
            return _silent(image._new(image.im) if image is self.picture else image)  # noqa: SLF001 - no public name

    def frames(self) -> Iterator[Frame]:
        """Each as it is seen, laid over those before it. Raises InvalidImage or ImageTooLarge."""
        start = int(getattr(self.picture, "default_image", False))  # shown only by who knows no animated PNG
        for index in count(start):
            with _decoder_errors():
                if not self._seek(index):
                    return
                self.limits.check_frames(index - start + 1, self.picture.size)
                self.picture.load()
                image, duration_ms = self._upright(self.picture), self.picture.info.get("duration", 0)
                image = _silent(image.copy() if image is self.picture else image)
            yield Frame(image, float(duration_ms))

    def metadata(self, wanted: Wanted) -> Metadata:
        """To be asked after the first frame: some formats write it behind the pixels."""
        return Metadata(
            exif=exif_to_keep(self.picture, wanted, is_upright=self.auto_orient),
            xmp=xmp_to_keep(self.picture, wanted, is_upright=self.auto_orient),
            profile=kept_profile(self.picture) if self.keep_profile else b"",
        )

    def _loaded(self) -> Image.Image:
        self.picture.load()
        return self.picture

    def _array(self) -> Image.Image | None:
        """None for what Pillow is to judge: what is wrong with a JPEG, and whether it can be shown for all that.

        It would decode that a second time, so progressive ones, which may be made to take long, are left to it too.
        """
        if not isinstance(self.picture, JpegImagePlugin.JpegImageFile) or "progressive" in self.picture.info:
            return None
        image = native.decode_jpeg(self.data, self.picture.size, self.picture.mode)
        if image:
            image.info = self.picture.info
        return image

    def _seek(self, index: int) -> bool:
        try:
            self.picture.seek(index)
        except EOFError:
            return False
        return True

    def _upright(self, picture: Image.Image) -> Image.Image:
        turn = FROM_EXIF.get(orientation(picture), IDENTITY) if self.auto_orient else IDENTITY
        return turn.apply(to_srgb(picture, keep_profile=self.keep_profile))


def open_source(
    data: bytes | memoryview, *, limits: Limits, auto_orient: bool = True, keep_profile: bool = False
) -> Source:
    """`auto_orient` turns it upright as its EXIF says (a TIFF is always turned); `keep_profile` leaves its colours.

    Raises InvalidImage or ImageTooLarge.
    """
    source = bytes(data)
    name = sniff(source)
    if name not in READABLE:
        raise InvalidImage(f"Not a picture in one of the formats {', '.join(READABLE)}.")
    if name == "jpeg" and count_scans(source) > limits.max_scans:
        raise ImageTooLarge(f"A JPEG of more than {limits.max_scans} scans takes too long to decode.")
    with _decoder_errors():
        picture = _open(source, name, limits)
        turned = orientation(picture)
    return Source(
        format=name,
        limits=limits,
        auto_orient=auto_orient,
        keep_profile=keep_profile,
        picture=picture,
        data=source,
        orientation=turned if isinstance(turned, int) and turned in FROM_EXIF else 1,
    )


def decode(data: bytes | memoryview, *, limits: Limits, auto_orient: bool) -> Image.Image:
    """The first frame as sRGB in mode L, LA, RGB or RGBA, without a trace of metadata."""
    return open_source(data, limits=limits, auto_orient=auto_orient).first()


def _open(source: bytes, name: str, limits: Limits) -> Image.Image:
    allowed = _PILLOW_FORMATS[name]
    picture = Image.open(BytesIO(source), formats=[name.upper()])
    if picture.format not in allowed:
        raise InvalidImage(f"The file says {name} and holds {picture.format}.")
    limits.check(picture.size)
    plain = native.inflate_png(source, picture.size) if name == "png" else None
    return Image.open(BytesIO(plain), formats=["PNG"]) if plain else picture


def _silent(image: Image.Image) -> Image.Image:
    """Or the encoders would copy a comment or a profile into the output."""
    image.info = {}
    return image


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """Whatever a decoder raises is the picture's fault, but for the memory. Its warnings are not for our log."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (PermanentError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge("The picture has more pixels than can be decoded.") from error
    except Exception as error:
        if any(map(str(error).startswith, _TOO_MUCH_TEXT)):
            raise ImageTooLarge("The picture's text or colour profile is too large: at most 1 MiB each.") from error
        raise InvalidImage("The picture is damaged, cut short, or not what its first bytes say.") from error
