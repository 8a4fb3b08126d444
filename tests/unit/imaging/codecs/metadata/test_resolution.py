"""Resolution is read from wherever a format has it, and written where the output's format has it."""

import struct
from io import BytesIO

import pytest
from PIL import ExifTags, Image

from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case
from tests.unit.imaging.codecs.metadata import sources
from tests.unit.imaging.codecs.metadata.sources import written

X, Y, UNIT = ExifTags.Base.XResolution.value, ExifTags.Base.YResolution.value, ExifTags.Base.ResolutionUnit.value
NATIVE = ["jpeg", "png", "tiff", "bmp"]
EXIF = ["jpeg", "png", "webp", "avif", "tiff"]


def _dpi(data: bytes) -> tuple[float, ...] | None:
    """What the format itself has."""
    found = Image.open(BytesIO(data)).info.get("dpi")
    return None if found is None else tuple(float(round(value, 1)) for value in found)


def _exif_dpi(data: bytes) -> tuple[float, float, int]:
    exif = sources.opened(data).getexif()
    return float(exif[X]), float(exif[Y]), exif[UNIT]


def _exif(x: float, y: float, unit: int) -> Image.Exif:
    exif = Image.Exif()
    exif[X], exif[Y], exif[UNIT] = x, y, unit
    return exif


def _per_cm() -> bytes:
    data = bytearray(files.file(files.quarters(), "JPEG", dpi=(118, 59)))
    data[13] = 2  # the unit of JFIF
    return bytes(data)


SOURCES = {
    "JFIF": (files.file(files.quarters(), "JPEG", dpi=(300, 150)), (300, 150)),
    "JFIF in cm": (_per_cm(), (299.7, 149.9)),
    "JFIF of a case": (case("meta_jfif_dpi.jpg"), (300, 300)),
    "pHYs": (files.file(files.quarters(), "PNG", dpi=(300, 150)), (300, 150)),
    "TIFF": (files.file(files.quarters(), "TIFF", dpi=(300, 150)), (300, 150)),
    "TIFF in cm": (sources.tiff_with(tags={X: 118.11, Y: 59.055, UNIT: 3}), (300, 150)),
    "compressed TIFF": (files.file(files.quarters(), "TIFF", dpi=(300, 150), compression="tiff_lzw"), (300, 150)),
    "TIFF of 12 bits": (case("grey12.tif"), None),
    "BMP": (files.file(files.quarters(), "BMP", dpi=(300, 150)), (300, 150)),
    "EXIF": (files.file(files.quarters(), "WEBP", exif=_exif(300, 150, 2)), (300, 150)),
    "EXIF in cm": (files.file(files.quarters(), "AVIF", exif=_exif(118.11, 59.055, 3)), (300, 150)),
    "JFIF before EXIF": (files.file(files.quarters(), "JPEG", dpi=(300, 150), exif=_exif(72, 72, 2)), (300, 150)),
    "EXIF without JFIF's": (files.file(files.quarters(), "JPEG", exif=_exif(300, 150, 2)), (300, 150)),
    "none": (files.file(files.quarters(), "PNG"), None),
}


@pytest.mark.parametrize("output_format", NATIVE)
@pytest.mark.parametrize("name", SOURCES)
def test_that_a_resolution_is_kept_in_every_format_that_has_one(name: str, output_format: str) -> None:
    source, dpi = SOURCES[name]
    data = written(source, format=output_format)
    if dpi:
        # JFIF has whole numbers.
        assert _dpi(data) == pytest.approx(dpi, abs=0.5 if output_format == "jpeg" else 0.1)
    else:
        assert _dpi(data) == (_dpi(written(source, "strip", format=output_format)))


@pytest.mark.parametrize("output_format", EXIF)
@pytest.mark.parametrize("name", [name for name, (_, dpi) in SOURCES.items() if dpi])
def test_that_exif_states_the_same(name: str, output_format: str) -> None:
    source, dpi = SOURCES[name]
    assert _exif_dpi(written(source, format=output_format)) == pytest.approx((*(dpi or ()), 2), abs=0.1)


@pytest.mark.parametrize("metadata", ["strip", "keep_copyright"])
def test_that_no_resolution_is_kept_unasked(metadata: str) -> None:
    source = files.file(files.quarters(), "JPEG", dpi=(300, 300))
    assert _dpi(written(source, metadata)) is None
    assert _dpi(written(source, metadata, format="png")) is None


def test_that_a_resize_keeps_it() -> None:
    source = files.file(files.quarters(), "JPEG", dpi=(300, 300))
    assert _dpi(written(source, "keep", {"filter": "resize", "width": 24}, format="png")) == (300, 300)


@pytest.mark.parametrize("steps", [[{"filter": "rotate", "angle": 90}], [{"filter": "transpose"}, {"filter": "flip"}]])
def test_that_across_and_down_change_places_with_the_sides(steps: list[dict[str, object]]) -> None:
    source = files.file(files.quarters(), "JPEG", dpi=(300, 150))
    assert _dpi(written(source, "keep", *steps, format="png")) == (150, 300)
    assert _dpi(written(source, "keep", *steps, *steps, format="png")) in {(300, 150), (150, 300)}


@pytest.mark.parametrize(
    ("orientation", "auto_orient", "dpi"), [(6, True, (150, 300)), (3, True, (300, 150)), (6, False, (300, 150))]
)
@pytest.mark.parametrize("source_format", ["JPEG", "PNG"])
def test_that_an_orientation_swaps_them_when_it_is_applied(
    source_format: str,
    orientation: int,
    auto_orient: bool,  # noqa: FBT001 - parametrized
    dpi: tuple[int, int],
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation.value] = orientation
    source = files.file(files.quarters(), source_format, exif=exif, dpi=(300, 150))
    assert _dpi(written(source, format="png", auto_orient=auto_orient)) == dpi


def test_that_the_orientation_of_a_tiff_swaps_them_too() -> None:
    source = sources.tiff_with(tags={ExifTags.Base.Orientation.value: 6}, dpi=(300, 150))
    assert _dpi(written(source, format="png")) == (150, 300)


@pytest.mark.parametrize("dpi", [(0, 0), (-1, -1), (2**31 - 1, 2**31 - 1)])
def test_that_a_resolution_that_makes_no_sense_is_not_kept(dpi: tuple[int, int]) -> None:
    bmp = bytearray(files.file(files.quarters(), "BMP"))
    struct.pack_into("<ii", bmp, 38, *dpi)
    assert _dpi(written(bytes(bmp), format="png")) is None


@pytest.mark.parametrize("value", [0.0, 1e9, 0.001])
def test_that_one_of_exif_that_makes_no_sense_is_not_kept(value: float) -> None:
    source = files.file(files.quarters(), "WEBP", exif=_exif(value, value, 2))
    assert _dpi(written(source, format="jpeg")) is None


def test_that_xmp_does_not_contradict_it() -> None:
    xmp = sources.packet('tiff:XResolution="72/1" tiff:YResolution="72/1" tiff:ResolutionUnit="2" xmp:Rating="5"')
    source = files.file(files.quarters(), "JPEG", dpi=(300, 300), xmp=xmp)
    kept = sources.xmp_of(written(source, format="png"))
    assert b"72/1" not in kept
    assert b"Rating" in kept
    assert b"72/1" in sources.xmp_of(written(files.file(files.quarters(), "JPEG", xmp=xmp), format="png"))
