"""The output options: format, quality, metadata and colours of what a render writes."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from imaging.codecs.formats import WRITTEN_INSTEAD, Format
from imaging.codecs.metadata import SUPPORT, MetadataPolicy, MetadataRequest, StatedText, Statement
from imaging.colors import OpaqueColor

# Qualities of libjpeg-turbo, libwebp, libavif, libjxl and OpenJPEG at which their outputs look about alike.
DEFAULT_QUALITY = {"jpeg": 80, "webp": 79, "avif": 63, "jxl": 80, "jpeg2000": 80}
Analysis = Literal["info", "histogram", "palette", "average_color", "blurhash", "thumbhash", "dhash"]

AUTO = "auto"
SOURCE_QUALITY = "source"
_ALIASES = {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000"}  # file name extensions


class OutputOptions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["auto", "jpeg", "png", "webp", "avif", "jxl", "gif", "tiff", "bmp", "ico", "jpeg2000"] = Field(
        "auto",
        description="auto: the source's format; jpeg for heic and png for svg. jpg, tif and jp2 are accepted too.",
    )
    quality: Annotated[int, Field(ge=1, le=100)] | Literal["source"] | None = Field(
        None,
        description="For jpeg, webp, avif, jxl and jpeg2000; default: 80, 79, 63, 80 and 80. source: that of a "
        "JPEG, for jpeg.",
    )
    lossless: bool = Field(
        default=False,
        description="Lose nothing in webp, jxl and jpeg2000, not even colours under alpha 0; png, tiff and bmp never "
        "do.",
    )
    effort: int | None = Field(
        None,
        ge=1,
        le=10,
        description="For jpeg, png, webp, avif and jxl: 1 is fastest, 10 gives the smallest file; default: a balance.",
    )
    progressive: bool = Field(
        default=False, description="A progressive jpeg, which appears coarse first: about 10 % smaller."
    )
    subsampling: Literal["444", "422", "420"] | None = Field(
        None, description="Chroma subsampling of jpeg and avif; default: 420."
    )
    target_bytes: Annotated[int, Field(ge=100, le=2**28)] | None = Field(
        None,
        description="For jpeg, webp, avif, jxl and jpeg2000: the best quality up to `quality` that gives a file no "
        "larger than this, or else the lowest.",
    )
    only_if_smaller: bool = Field(
        default=False,
        description="If nothing changes the pixels of a jpeg, png, webp or gif, and encoding gives a larger file: "
        "return them in the source's own format, with the metadata that `metadata` keeps.",
    )
    background: OpaqueColor = Field("white", description="Colour behind transparent pixels in jpeg and bmp.")
    metadata: MetadataPolicy = Field(
        "strip",
        description="keep: EXIF, XMP, IPTC, PNG text and resolution; keep_all_but_location: the same without GPS and "
        "place names; keep_copyright: creator and copyright only.",
    )
    copyright: StatedText | None = Field(None, description="Copyright notice, written whatever `metadata` is.")
    creator: StatedText | None = Field(None, description="Who made the image, written likewise.")
    description: StatedText | None = Field(None, description="What the image shows, written likewise.")
    dpi: Annotated[int, Field(ge=1, le=65_535)] | None = Field(
        None, description="Resolution in pixels an inch, written likewise. It changes no pixels."
    )
    icc: Literal["srgb", "keep"] = Field(
        "srgb", description="srgb: convert to sRGB; keep: keep and embed the source's RGB profile."
    )
    frames: Literal["all", "first"] = Field("all", description="first: only the first frame of an animation.")
    loop: Annotated[int, Field(ge=0, le=65_535)] | None = Field(
        None, description="How often an animation plays; 0: forever; default: as the source."
    )
    auto_orient: bool = Field(default=True, description="Apply the EXIF orientation before the first step.")

    analyse: Annotated[tuple[Analysis, ...], Field(strict=False, max_length=7)] = Field(
        (), description="Analyses to return as JSON with the task, instead of an image."
    )

    @property
    def metadata_request(self) -> MetadataRequest:
        stated = {name: getattr(self, name) for name in SUPPORT}
        return MetadataRequest(policy=self.metadata, statement=Statement(**stated))

    @field_validator("format", mode="before")
    @classmethod
    def _name_format(cls, value: object) -> object:
        return _ALIASES.get(value, value) if isinstance(value, str) else value

    @field_validator("analyse")
    @classmethod
    def _check_analyse(cls, value: tuple[Analysis, ...], info: ValidationInfo) -> tuple[Analysis, ...]:
        if value and info.data.get("format", AUTO) != AUTO:
            raise PydanticCustomError(
                "analyse", "replaces the image, so it cannot be combined with format; omit one of them"
            )
        return tuple(dict.fromkeys(value))


def choose_format(options: OutputOptions, *, source_format: str) -> Format:
    """The format to write; `auto` is the source's, or another where that can only be read."""
    auto = WRITTEN_INSTEAD.get(source_format, source_format)
    return cast("Format", auto if options.format == AUTO else options.format)
