"""What a client asks to be written, what a render changes, and what an output carries because of both."""

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from imaging.orientation import IDENTITY, Orientation

MetadataPolicy = Literal["strip", "keep_copyright", "keep", "keep_all_but_location"]

# What XML 1.0 cannot hold: controls but tab and line ends, half a surrogate pair, U+FFFE and U+FFFF.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _check_text(text: str) -> str:
    if not text.strip() or _NO_XML.search(text):
        raise PydanticCustomError("text", "must be text that is not blank and has no control characters")
    return text


StatedText = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_check_text)]
Resolution = tuple[float, float]  # pixels an inch, across and down


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the output says of its image, whatever the source says; None where nothing is stated."""

    copyright: str | None = None
    creator: str | None = None
    description: str | None = None
    dpi: int | None = None

    @property
    def names(self) -> frozenset[str]:
        """Names of what is stated."""
        return frozenset(name for name in self.__slots__ if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataRequest:
    """How much of the source's metadata an output keeps, and what it states beside it."""

    policy: MetadataPolicy = "strip"
    statement: Statement = field(default_factory=Statement)

    @property
    def keeps_all(self) -> bool:
        """Whether everything stays, but for the location."""
        return self.policy in {"keep", "keep_all_but_location"}

    @property
    def keeps_location(self) -> bool:
        return self.policy == "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """What happened to the image's coordinates: whether any pixel moved, and whether rows became columns."""

    is_moved: bool = False
    is_transposed: bool = False

    def after(self, orientation: Orientation) -> Self:
        """The same steps after an orientation."""
        return replace(
            self,
            is_moved=self.is_moved or orientation != IDENTITY,
            is_transposed=self.is_transposed != orientation.transpose,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the source's metadata no longer says rightly.

    `is_upright`: the EXIF orientation was applied. `is_converted`: the pixels have left the profile of the source.
    """

    is_upright: bool = False
    is_converted: bool = False
    geometry: Geometry = field(default_factory=Geometry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Bytes to be embedded, empty for none. `profile` is the ICC profile that the pixels are still in."""

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    profile: bytes = b""
    comment: bytes = b""
    texts: tuple[tuple[bytes, bytes], ...] = ()  # names and contents of a PNG's text chunks
    resolution: Resolution | None = None
