"""Look-up tables as an auxiliary image: cubes, shapers and Hald images, against their formulas."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidStep
from imaging.codecs.formats import SNIFF_BYTES, needs_more, sniff
from imaging.filters.color.cube_file import parse_cube
from imaging.limits import Limits
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.filters.marks import STAMP, apply, png, rgba, step
from tests.unit.imaging.images import MODES, Array, array, canvas, colors, rounded


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
    graded = apply("lut", image, table, strength=strength)
    source = rgba(image)[:, :, :3]
    expected = source + (_trilinear(source, grid) - source) * strength / 100
    assert np.abs(colors(graded) - expected).max() <= 1.5
    np.testing.assert_array_equal(rgba(graded)[:, :, 3], rgba(image)[:, :, 3])


@pytest.mark.parametrize("level", [2, 3, 5, 8])
def test_that_a_hald_image_of_all_colors_in_order_changes_nothing(level: int) -> None:
    image = canvas("RGB")
    np.testing.assert_allclose(array(apply("lut", image, png(auxiliary.hald(level)))), array(image), atol=1.5)


@pytest.mark.parametrize("level", [2, 3, 5, 8])
def test_that_a_hald_image_is_the_table_it_shows(level: int) -> None:
    image = canvas("RGB")
    by_hald = apply("lut", image, png(auxiliary.hald(level, gamma=2.2)))
    by_cube = apply("lut", image, auxiliary.cube(level**2, gamma=2.2))
    np.testing.assert_allclose(array(by_hald), array(by_cube), atol=1.5)


@pytest.mark.parametrize("mode", MODES)
def test_that_a_table_of_one_dimension_is_three_curves(mode: str) -> None:
    image = canvas(mode)
    graded = apply("lut", image, auxiliary.cube(1024, gamma=0.5, dimensions=1), strength=50.0)
    source = rgba(image)[:, :, :3]
    np.testing.assert_allclose(colors(graded), rounded((source + (source / 255) ** 0.5 * 255) / 2), atol=1)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_that_a_domain_is_heeded(dimensions: int) -> None:
    head = "DOMAIN_MIN 0.25 0.25 0.25\r\nDOMAIN_MAX 0.75 0.75 0.75\r\n"
    image = canvas("RGB")
    graded = apply("lut", image, auxiliary.cube(9, dimensions=dimensions, head=head))
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
            png(Image.new("RGB", (100, 100))),
            "100 x 100 pixels; a Hald image is a square with a side of one of 8, 27, 64, 125, 216, 343, 512",
        ),
    ],
)
def test_that_an_invalid_lut_is_rejected(second: bytes, message: str) -> None:
    with pytest.raises(InvalidStep, match=message):
        step("lut").bind(second, limits=Limits())


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
    assert not needs_more(png(STAMP)[:40])


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
    assert apply("lut", image, variant).tobytes() == apply("lut", image, auxiliary.cube(5, gamma=0.5)).tobytes()


def _with_shaper(*, gamma: float, shaper_gamma: float, most: float = 1.0) -> bytes:
    """Resolve's: both sizes, then the rows of the shaper, whose output is 0..most, and those of the table."""
    shaper = "\n".join(" ".join([f"{most * (step / 99) ** shaper_gamma:.6f}"] * 3) for step in range(100))
    rows = auxiliary.cube(33, gamma=gamma).partition(b"\n\n")[2].decode()
    head = f"LUT_1D_SIZE 100\nLUT_1D_INPUT_RANGE 0.0 1.0\nLUT_3D_SIZE 33\nLUT_3D_INPUT_RANGE 0.0 {most}\n"
    return f"{head}\n{shaper}\n{rows}".encode()


@pytest.mark.parametrize("most", [1.0, 4.0])
def test_that_a_shaper_comes_before_the_table(most: float) -> None:
    image = canvas("RGBA")
    shaped = array(apply("lut", image, _with_shaper(gamma=0.5, shaper_gamma=2.0, most=most)))
    assert np.abs(shaped - array(image))[array(image) > 60].max() < 9  # the curves cancel each other out
    assert np.abs(array(apply("lut", image, auxiliary.cube(33, gamma=0.5))) - array(image)).max() > 50


def test_that_a_shaper_is_mixed_with_the_table() -> None:
    image = canvas("RGBA")
    half = array(apply("lut", image, _with_shaper(gamma=1.0, shaper_gamma=2.0), strength=50.0))
    whole = array(apply("lut", image, _with_shaper(gamma=1.0, shaper_gamma=2.0)))
    np.testing.assert_allclose(half, (array(image) + whole) / 2, atol=1)
    expected = 255 * (array(image)[:, :, :3] / 255) ** 2
    np.testing.assert_allclose(whole[:, :, :3], expected, atol=2)


def test_that_a_shaper_without_all_rows_is_rejected() -> None:
    with pytest.raises(InvalidStep, match=r"has \d+ rows of three numbers; its size requires 36037"):
        parse_cube(_with_shaper(gamma=1.0, shaper_gamma=1.0).rpartition(b"\n1")[0])
