"""What comes out: the options of an output and what they mean for each format."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from imaging.codecs.formats import Format
from imaging.colors import OpaqueColor

# Those of libjpeg-turbo, libwebp and libavif that look about alike.
DEFAULT_QUALITY = {"jpeg": 80, "webp": 79, "avif": 63, "jpeg2000": 80}
Analysis = Literal["info", "histogram", "palette", "average_color", "blurhash", "thumbhash", "dhash"]

_NEVER_LOSSLESS = {"jpeg", "avif"}
_HAS_SUBSAMPLING = {"jpeg", "avif"}
_AUTO = "auto"
_ALSO_CALLED = {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000"}  # as in file names


class OutputOptions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["auto", "jpeg", "png", "webp", "avif", "gif", "tiff", "bmp", "ico", "jpeg2000"] = Field(
        "auto", description="auto: the source's format. jpg, tif and jp2 are understood."
    )
    quality: int | None = Field(
        None,
        ge=1,
        le=100,
        description="Of jpeg, webp, avif and jpeg2000; left out: 80, 79, 63 and 80. The others lose nothing.",
    )
    lossless: bool = Field(default=False, description="Lose nothing, in webp and jpeg2000 too.")
    effort: int | None = Field(
        None, ge=1, le=10, description="1 is quickest, 10 smallest; left out: what is worth its time on photographs."
    )
    progressive: bool = Field(default=False, description="A jpeg that appears coarse first: about 10 % smaller.")
    subsampling: Literal["444", "422", "420"] | None = Field(
        None, description="How fine colours are kept in jpeg and avif; left out: 420."
    )
    target_bytes: Annotated[int, Field(ge=100, le=2**28)] | None = Field(
        None, description="Find the best quality up to `quality` whose file is no larger; else the lowest."
    )
    background: OpaqueColor = Field("white", description="What shows through transparent pixels in jpeg and bmp.")
    metadata: Literal["strip", "keep_copyright", "keep"] = Field(
        "strip", description="keep: EXIF and XMP, places included; keep_copyright: artist and copyright."
    )
    icc: Literal["srgb", "keep"] = Field(
        "srgb", description="srgb: convert the colours; keep: leave them in the source's RGB profile and embed it."
    )
    frames: Literal["all", "first"] = Field("all", description="first: a still picture of an animation.")
    loop: Annotated[int, Field(ge=0, le=65_535)] | None = Field(
        None, description="How often an animation is shown; 0: for ever; left out: as the source is."
    )
    auto_orient: bool = Field(default=True, description="Turn the picture upright as its EXIF says, before any step.")

    analyse: Annotated[tuple[Analysis, ...], Field(strict=False, max_length=7)] = Field(
        (), description="What to tell of the picture, as JSON on the task, instead of writing it."
    )

    @field_validator("format", mode="before")
    @classmethod
    def _name_format(cls, value: object) -> object:
        return _ALSO_CALLED.get(value, value) if isinstance(value, str) else value

    @field_validator("analyse")
    @classmethod
    def _check_analyse(cls, value: tuple[Analysis, ...], info: ValidationInfo) -> tuple[Analysis, ...]:
        if value and info.data.get("format", _AUTO) != _AUTO:
            raise PydanticCustomError("analyse", "is instead of a format: leave one of them out")
        return tuple(dict.fromkeys(value))

    @field_validator("lossless")
    @classmethod
    def _check_lossless(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if value and info.data.get("format") in _NEVER_LOSSLESS:
            raise PydanticCustomError("lossless", "is not for jpeg and avif; webp, png, tiff and jpeg2000 can")
        return value

    @field_validator("subsampling")
    @classmethod
    def _check_subsampling(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and info.data.get("format", _AUTO) not in {_AUTO, *_HAS_SUBSAMPLING}:
            raise PydanticCustomError("subsampling", "is for jpeg and avif")
        return value

    @field_validator("progressive")
    @classmethod
    def _check_progressive(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - as above
        if value and info.data.get("format", _AUTO) not in {_AUTO, "jpeg"}:
            raise PydanticCustomError("progressive", "is for jpeg")
        return value

    @field_validator("target_bytes")
    @classmethod
    def _check_target(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value and (info.data.get("lossless") or info.data.get("format", _AUTO) not in {_AUTO, *DEFAULT_QUALITY}):
            raise PydanticCustomError("target_bytes", "is for what can lose: jpeg, webp, avif and jpeg2000")
        return value


def choose_format(options: OutputOptions, *, source_format: str) -> Format:
    """What `auto` stands for with this source: all that can be read can be written."""
    return cast("Format", source_format if options.format == _AUTO else options.format)
