"""Turns are what Pillow makes of them, one after the other or at once, and know where each pixel comes from."""

from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageOps

from imaging.native.arrays import ArrayImage
from imaging.orientation import FROM_EXIF, ROTATIONS, Box, Orientation
from tests.unit.imaging.images import MODES, canvas

TURNS = [
    Orientation(transpose=transpose, flip_x=flip_x, flip_y=flip_y)
    for transpose, flip_x, flip_y in product((False, True), repeat=3)
]
BOX: Box = (2, 5, 11, 9)


@pytest.mark.parametrize(("first", "second"), [*product(TURNS, TURNS)])
def test_two_are_one(first: Orientation, second: Orientation) -> None:
    image = canvas("RGB")
    compose_luts, at_once = second.apply(first.apply(image)), first.then(second).apply(image)
    assert np.array_equal(np.asarray(compose_luts), np.asarray(at_once))
    assert at_once.size == first.then(second).size_after(image.size)


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_cut_out_before_is_what_is_cut_out_afterwards(turn: Orientation) -> None:
    image = canvas("RGB")
    turned = turn.apply(image)
    before = turn.apply(image.crop(turn.box_before(BOX, turned.size)))
    assert np.array_equal(np.asarray(before), np.asarray(turned.crop(BOX)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_undone_as_pillow_undoes_them(orientation: int) -> None:
    image = canvas("L")
    image.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(image)
    assert np.array_equal(np.asarray(FROM_EXIF[orientation].apply(image)), np.asarray(upright))


@pytest.mark.parametrize(("turn", "mode"), [*product(TURNS, MODES)])
def test_an_array_is_turned_as_pillow_turns_images(turn: Orientation, mode: str) -> None:
    image = canvas(mode)
    turned = turn.apply(ArrayImage(np.asarray(image), mode))
    assert np.array_equal(np.asarray(turned), np.asarray(turn.apply(image)))
    assert turned.mode == mode


@pytest.mark.parametrize("quarters", range(4))
def test_quarters_go_clockwise(quarters: int) -> None:
    image = canvas("L")
    expected = image.rotate(-90 * quarters, expand=True)
    assert np.array_equal(np.asarray(ROTATIONS[quarters].apply(image)), np.asarray(expected))


def test_nothing_is_copied_where_nothing_moves() -> None:
    image: Image.Image = canvas("L")
    assert Orientation().apply(image) is image
