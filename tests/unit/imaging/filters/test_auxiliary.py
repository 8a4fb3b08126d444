"""Filters with an auxiliary image, against their formulas."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, InvalidStep
from imaging.codecs.formats import SNIFF_BYTES, needs_more, sniff
from imaging.filters import CATALOGUE
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.filters.color.cube_file import parse_cube
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import animations, files
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.images import MODES, Array, array, canvas, colors, rounded

ID = str(auxiliary.MARK)


def _step(name: str, **parameters: Any) -> AuxiliaryImageFilter:  # noqa: ANN401 - as they come from JSON
    step = CATALOGUE[name].model_validate({"image_id": ID, **parameters})
    assert isinstance(step, AuxiliaryImageFilter)
    return step


def _apply(name: str, image: Image.Image, second: bytes, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as above
    return _step(name, **parameters).bind(second, limits=Limits())(image)


def _png(image: Image.Image) -> bytes:
    return files.file(image, "PNG")


STAMP = Image.new("RGB", (6, 4), "red")


@pytest.mark.parametrize(
    ("position", "corner"),
    [
        ("northwest", (3, 3)),
        ("north", (17, 3)),
        ("northeast", (31, 3)),
        ("west", (3, 13)),
        ("center", (17, 13)),
        ("east", (31, 13)),
        ("southwest", (3, 23)),
        ("south", (17, 23)),
        ("southeast", (31, 23)),
    ],
)
def test_that_a_watermark_lies_where_it_should(position: str, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (40, 30), "white")
    marked = _apply("watermark", image, _png(STAMP), position=position, scale=None, margin=3)
    expected = image.copy()
    expected.paste(STAMP, corner)
    np.testing.assert_array_equal(array(marked), array(expected))


def test_that_tiles_cover_the_image() -> None:
    marked = array(_apply("watermark", Image.new("RGB", (40, 30)), _png(STAMP), position="tile", scale=None, margin=2))
    down, across = np.mgrid[0:30, 0:40]
    np.testing.assert_array_equal(marked[:, :, 0] == 255, (across % 8 < 6) & (down % 6 < 4))


def test_that_tiles_of_one_pixel_are_not_placed_one_by_one() -> None:
    """That would take half a minute."""
    dot = Image.new("RGBA", (1, 1), (255, 0, 0, 255))
    marked = _apply("watermark", Image.new("RGB", (5000, 4000)), _png(dot), position="tile", scale=None, margin=0)
    assert marked.getcolors() == [(5000 * 4000, (255, 0, 0))]


def test_that_a_scale_is_of_the_images_width_and_never_too_high() -> None:
    for size, box in (((100, 80), [25, 17]), ((200, 10), [15, 10])):
        marked = array(_apply("watermark", Image.new("RGB", size), _png(STAMP), scale=25.0, margin=0))
        red = marked[:, :, 0] > 128
        assert [int(red.any(axis=axis).sum()) for axis in (0, 1)] == box


def test_that_a_mark_larger_than_the_image_is_cut() -> None:
    big = _png(canvas("RGB", (50, 50)))
    for position in ("northwest", "center", "southeast", "tile"):
        marked = _apply("watermark", Image.new("RGB", (20, 10)), big, position=position, scale=None)
        assert marked.size == (20, 10)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("opacity", [0.0, 35.0, 100.0])
def test_that_a_mark_is_laid_over_as_porter_and_duff_say(mode: str, opacity: float) -> None:
    image, mark = canvas(mode), canvas("RGBA", seed=3)
    marked = _apply("watermark", image, _png(mark), scale=None, margin=0, opacity=opacity)
    expected = _over(_rgba(image), _rgba(mark) * [1, 1, 1, opacity / 100])
    assert marked.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    _assert_near(_rgba(marked), expected)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_that_grey_on_grey_stays_grey(mode: str) -> None:
    image, mark = canvas(mode), canvas("LA", seed=3)
    for name in ("watermark", "overlay"):
        parameters: dict[str, Any] = {"scale": None, "margin": 0} if name == "watermark" else {}
        laid = _apply(name, image, _png(mark), **parameters)
        assert laid.mode == mode
        _assert_near(_rgba(laid), _over(_rgba(image), _rgba(mark)))


BLENDS: dict[str, Callable[[Array, Array], Array]] = {
    "normal": lambda _below, above: above,
    "multiply": lambda below, above: below * above,
    "screen": lambda below, above: 1 - (1 - below) * (1 - above),
    "overlay": lambda below, above: np.where(below < 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
    "hard_light": lambda below, above: np.where(above < 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
    "soft_light": lambda below, above: (1 - below) * below * above + below * (1 - (1 - below) * (1 - above)),
    "darken": np.minimum,
    "lighten": np.maximum,
    "difference": lambda below, above: np.abs(below - above),
    "add": lambda below, above: np.minimum(1, below + above),
    "subtract": lambda below, above: np.maximum(0, below - above),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("blend", BLENDS)
def test_that_each_blend_is_its_formula(blend: str, mode: str) -> None:
    image, other = canvas(mode), canvas("RGBA", seed=3)
    laid = _apply("overlay", image, _png(other), mode=blend, opacity=80.0)
    below, above = _rgba(image) / 255, _rgba(other) / 255
    mixed = BLENDS[blend](below[:, :, :3], above[:, :, :3])
    mixed = (1 - below[:, :, 3:]) * above[:, :, :3] + below[:, :, 3:] * mixed
    layer = np.concatenate([mixed, above[:, :, 3:] * 0.8], axis=2) * 255
    _assert_near(_rgba(laid), _over(_rgba(image), layer), most=6)


def test_that_every_blend_is_tested() -> None:
    assert list(BLENDS.keys() ^ set(CATALOGUE["overlay"].parameters()["properties"]["mode"]["enum"])) == []


@pytest.mark.parametrize(("fit", "left", "top"), [("fill", 0, 0), ("cover", 0, 0), ("inside", 10, 0)])
def test_that_an_overlay_is_fitted(fit: str, left: int, top: int) -> None:
    laid = array(_apply("overlay", Image.new("RGB", (40, 20)), _png(Image.new("RGB", (9, 9), "red")), fit=fit))
    red = np.argwhere(laid[:, :, 0] == 255)
    assert red.min(axis=0).tolist() == [top, left]
    assert red.max(axis=0).tolist() == [19 - top, 39 - left]


def _trilinear(image: Array, grid: Array) -> Array:
    """`grid` by blue, green, red."""
    last = grid.shape[0] - 1
    place = image / 255 * last
    low = np.minimum(place.astype(int), last - 1)
    share = place - low
    total = np.zeros_like(image)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, share, 1 - share), axis=-1, keepdims=True)
        red, green, blue = np.moveaxis(low + corner, -1, 0)
        total += weight * grid[blue, green, red]
    return total * 255


@cache
def _cube(size: int) -> tuple[bytes, Array]:
    """Return the file and its values. Those of size 65 take a second."""
    table = auxiliary.cube(size, gamma=0.5)
    return table, np.array(parse_cube(table).rows).reshape(size, size, size, 3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("strength", [100.0, 40.0, 0.0])
@pytest.mark.parametrize("size", [2, 17, 65])
def test_that_a_cube_is_interpolated(size: int, strength: float, mode: str) -> None:
    image, (table, grid) = canvas(mode), _cube(size)
    graded = _apply("lut", image, table, strength=strength)
    source = _rgba(image)[:, :, :3]
    expected = source + (_trilinear(source, grid) - source) * strength / 100
    assert np.abs(colors(graded) - expected).max() <= 1.5
    np.testing.assert_array_equal(_rgba(graded)[:, :, 3], _rgba(image)[:, :, 3])


@pytest.mark.parametrize("level", [2, 3, 5, 8])
def test_that_a_hald_image_is_the_table_it_shows(level: int) -> None:
    image = canvas("RGB")
    np.testing.assert_allclose(array(_apply("lut", image, _png(auxiliary.hald(level)))), array(image), atol=1.5)
    by_hald = _apply("lut", image, _png(auxiliary.hald(level, gamma=2.2)))
    by_cube = _apply("lut", image, auxiliary.cube(level**2, gamma=2.2))
    np.testing.assert_allclose(array(by_hald), array(by_cube), atol=1.5)


@pytest.mark.parametrize("mode", MODES)
def test_that_a_table_of_one_dimension_is_three_curves(mode: str) -> None:
    image = canvas(mode)
    graded = _apply("lut", image, auxiliary.cube(1024, gamma=0.5, dimensions=1), strength=50.0)
    source = _rgba(image)[:, :, :3]
    np.testing.assert_allclose(colors(graded), rounded((source + (source / 255) ** 0.5 * 255) / 2), atol=1)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_that_a_domain_is_heeded(dimensions: int) -> None:
    head = "DOMAIN_MIN 0.25 0.25 0.25\r\nDOMAIN_MAX 0.75 0.75 0.75\r\n"
    image = canvas("RGB")
    graded = _apply("lut", image, auxiliary.cube(9, dimensions=dimensions, head=head))
    expected = np.clip((array(image) / 255 - 0.25) * 2, 0, 1) * 255
    np.testing.assert_allclose(array(graded), expected, atol=2)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (b"LUT_3D_SIZE 66\n", "LUT_3D_SIZE of the .cube file is 66; it must be 2 to 65"),
        (b"LUT_3D_SIZE 1\n", "LUT_3D_SIZE of the .cube file is 1; it must be 2 to 65"),
        (b"LUT_1D_SIZE 65537\n", "it must be 2 to 65536"),
        (b"LUT_3D_SIZE 2\nLUT_3D_SIZE 3\n", "exactly once"),
        (b"LUT_3D_SIZE 2\n0 0 0\n", "has 1 rows of three numbers; its size requires 8"),
        (b"LUT_3D_SIZE 2\n" + b"0 0 0 0\n" * 8, "requires 8"),
        (b"LUT_1D_SIZE 2\n0 0 nan\n1 1 1\n", "not a number"),
        (b"LUT_1D_SIZE 2\n0 0 inf\n1 1 1\n", "not a number"),
        (b"LUT_1D_SIZE 2\n0 0 x\n1 1 1\n", "not a number"),
        (b"DOMAIN_MIN 1 1 1\nLUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "empty domain"),
        (b"LUT_1D_SIZE 2\n" + b"#" * 2**24, "at most 16777216 bytes"),
        (
            _png(Image.new("RGB", (100, 100))),
            "100 x 100 pixels; a Hald image is a square with a side of one of 8, 27, 64, 125, 216, 343, 512",
        ),
    ],
)
def test_that_an_invalid_lut_is_rejected(second: bytes, message: str) -> None:
    with pytest.raises(InvalidStep, match=message):
        _step("lut").bind(second, limits=Limits())


def test_that_a_cube_is_recognised_among_other_texts() -> None:
    assert sniff(auxiliary.cube(2)[:SNIFF_BYTES]) == "cube"
    assert sniff(b"LUT_1D_SIZE 16\n0 0 0") == "cube"
    assert sniff(b"\xef\xbb\xbf# a comment\r\n  LUT_3D_SIZE\t33\r\n") == "cube"
    assert sniff(b"my LUT_3D_SIZE 33") is None
    assert sniff(b"\0LUT_3D_SIZE 33\nLUT_3D_SIZE 33") is None
    assert sniff(b"# " + b"x" * SNIFF_BYTES + b"\nLUT_3D_SIZE 33") is None
    assert needs_more(b"#" * 1000)
    assert not needs_more(b"#" * SNIFF_BYTES)
    assert not needs_more(b"\0" * 100)
    assert not needs_more(_png(STAMP)[:40])


def _render(
    source: bytes, *steps: dict[str, Any], pictures: dict[UUID, bytes], limits: Limits | None = None
) -> Rendered:
    return render(
        source,
        parse_pipeline(list(steps)),
        parse_output_options({"format": "png"}),
        limits=limits or Limits(),
        auxiliary_images=pictures,
    )


def test_that_a_pipeline_gets_its_auxiliary_images() -> None:
    steps = [{"filter": "watermark", "image_id": ID}, {"filter": "lut", "image_id": str(auxiliary.CUBE)}]
    source = _png(canvas("RGB", (60, 60)))
    rendered = _render(source, *steps, pictures=auxiliary.IMAGES)
    assert [name for name, _ in rendered.report.step_seconds] == ["watermark", "lut"]
    assert [place for place, _ in parse_pipeline(list(steps)).auxiliary_images] == ["pipeline.0", "pipeline.1"]
    assert rendered.data == _render(source, *steps, pictures=auxiliary.IMAGES).data


def test_that_every_frame_gets_the_mark() -> None:
    animation = animations.encode("GIF", animations.frames(mode="RGB"))
    step = {"filter": "watermark", "image_id": ID, "position": "northwest", "scale": None, "margin": 0}
    shown, _ = animations.seen(_render(animation, step, pictures={auxiliary.MARK: _png(STAMP)}).data)
    assert len(shown) == 4
    for values in shown:
        assert (values[:4, :6, :3] == [255, 0, 0]).all()


def test_that_errors_of_an_auxiliary_image_name_the_step() -> None:
    step, source = {"filter": "overlay", "image_id": ID}, _png(STAMP)
    with pytest.raises(InvalidStep, match=rf"^pipeline\.0 \(overlay\): the auxiliary image {ID} is missing$"):
        _render(source, step, pictures={})
    with pytest.raises(InvalidImage, match=r"^pipeline\.0 \(overlay\): The image is damaged"):
        _render(source, step, pictures={auxiliary.MARK: source[:50]})
    with pytest.raises(InvalidImage, match=r"^pipeline\.0 \(overlay\): Unsupported image format"):
        _render(source, step, pictures={auxiliary.MARK: auxiliary.cube(2)})
    big = _png(Image.new("RGB", (40, 40)))
    with pytest.raises(ImageTooLarge, match=r"^pipeline\.0 \(overlay\): An image of 40 x 40"):
        _render(source, step, pictures={auxiliary.MARK: big}, limits=Limits(max_pixels=1599))


def _rgba(image: Image.Image) -> Array:
    return array(image.convert("RGBA"))


def _over(below: Array, above: Array) -> Array:
    """Porter and Duff, Compositing digital images, 1984. The colour of transparent pixels is undefined."""
    alpha, base = above[:, :, 3:] / 255, below[:, :, 3:] / 255
    total = alpha + base * (1 - alpha)
    mixed = (above[:, :, :3] * alpha + below[:, :, :3] * base * (1 - alpha)) / np.where(total, total, 1)
    return np.concatenate([mixed, total * 255], axis=2)


def _assert_near(seen: Array, expected: Array, *, most: float = 3) -> None:
    """Colours count as much as they are seen."""
    assert np.abs(seen[:, :, 3] - expected[:, :, 3]).max() <= 2
    shown = expected[:, :, 3:] / 255
    assert np.abs((seen - expected)[:, :, :3] * shown).max() <= most


@pytest.mark.parametrize(
    "variant",
    [
        b"\xef\xbb\xbf" + auxiliary.cube(5, gamma=0.5).partition(b"\n")[2].partition(b"\n")[2],
        auxiliary.cube(5, gamma=0.5).replace(b"LUT_3D_SIZE", b"lut_3d_size"),
        auxiliary.cube(5, gamma=0.5).replace(b"SIZE 5", b"SIZE 5 # a side"),
        auxiliary.cube(5, gamma=0.5).replace(b"\n0.", b" # row\r\n0."),
        auxiliary.cube(5, gamma=0.5, head="Domain_Min 0 0 0\ndomain_max 1 1 1 # white\nLUT_3D_INPUT_RANGE 0 1\n"),
    ],
    ids=["byte-order mark", "lower case", "comment behind the size", "comments behind rows", "domains"],
)
def test_that_a_cube_may_be_written_in_other_ways(variant: bytes) -> None:
    assert sniff(variant[:SNIFF_BYTES]) == "cube"
    image = canvas("RGB")
    assert _apply("lut", image, variant).tobytes() == _apply("lut", image, auxiliary.cube(5, gamma=0.5)).tobytes()


def _with_shaper(*, gamma: float, shaper_gamma: float, most: float = 1.0) -> bytes:
    """Resolve's: both sizes, then the rows of the shaper, whose output is 0..most, and those of the table."""
    shaper = "\n".join(" ".join([f"{most * (step / 99) ** shaper_gamma:.6f}"] * 3) for step in range(100))
    rows = auxiliary.cube(33, gamma=gamma).partition(b"\n\n")[2].decode()
    head = f"LUT_1D_SIZE 100\nLUT_1D_INPUT_RANGE 0.0 1.0\nLUT_3D_SIZE 33\nLUT_3D_INPUT_RANGE 0.0 {most}\n"
    return f"{head}\n{shaper}\n{rows}".encode()


@pytest.mark.parametrize("most", [1.0, 4.0])
def test_that_a_shaper_comes_before_the_table(most: float) -> None:
    image = canvas("RGBA")
    shaped = array(_apply("lut", image, _with_shaper(gamma=0.5, shaper_gamma=2.0, most=most)))
    assert np.abs(shaped - array(image))[array(image) > 60].max() < 9  # the curves cancel each other out
    assert np.abs(array(_apply("lut", image, auxiliary.cube(33, gamma=0.5))) - array(image)).max() > 50
    half = array(_apply("lut", image, _with_shaper(gamma=1.0, shaper_gamma=2.0), strength=50.0))
    whole = array(_apply("lut", image, _with_shaper(gamma=1.0, shaper_gamma=2.0)))
    np.testing.assert_allclose(half, (array(image) + whole) / 2, atol=1)
    expected = 255 * (array(image)[:, :, :3] / 255) ** 2
    np.testing.assert_allclose(whole[:, :, :3], expected, atol=2)


def test_that_a_shaper_without_all_rows_is_rejected() -> None:
    with pytest.raises(InvalidStep, match=r"has \d+ rows of three numbers; its size requires 36037"):
        parse_cube(_with_shaper(gamma=1.0, shaper_gamma=1.0).rpartition(b"\n1")[0])
