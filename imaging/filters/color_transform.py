"""Filters that map each colour by itself: a matrix that mixes the channels, then look-up tables (LUTs)."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

from PIL import Image

from imaging import native
from imaging.colors import has_alpha
from imaging.filters.alpha import keeping_alpha
from imaging.filters.base import Filter, Size
from imaging.filters.luts import IDENTITY_LUT, LookupTable, Luts, compose_luts, tabulate_gains
from imaging.native import is_array

Row = tuple[float, float, float]
Matrix3 = tuple[Row, Row, Row]
Matrix = Matrix3 | tuple[Row]

IDENTITY: Matrix3 = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
LUMA_601: Row = (0.299, 0.587, 0.114)  # ITU-R BT.601, which convert("L") uses too
LUMA_709: Row = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709

_DIGITS = 9  # more of them are rounding errors of the products
_UNCHANGED: Luts = (IDENTITY_LUT,)
_FACTOR_DIGITS = 6
_ROUNDING = 0.5  # levels by which rounding may change a value
# With one more rounding at the end: two levels at most. Native code rounds weights to 1024ths, up to 0.4 levels a
# matrix, which never came to a third level in 317 pipelines on 340,000 colours (ADR 15).
_MOST_ERROR = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorTransform:
    """A matrix with three rows that make red, green and blue, or one that makes grey; then LUTs.

    `error` is by how many levels the product of joined matrices may differ from the matrices one after the other.
    """

    matrix: Matrix = IDENTITY
    luts: Luts = _UNCHANGED
    error: float = 0

    @property
    def sees_luma_only(self) -> bool:
        return self.matrix == (LUMA_601,)

    @property
    def mixes(self) -> bool:
        """Whether a matrix of three rows mixes the channels."""
        return len(self.matrix) > 1 and not self.looks_up

    @property
    def looks_up(self) -> bool:
        """Whether it consists of LUTs alone."""
        return self.matrix == IDENTITY

    def apply(self, image: Image.Image) -> Image.Image:
        if image.mode in {"L", "LA"}:
            return apply_luts(image, self.luts_on_grey())
        return apply_luts(apply_matrix(image, self.matrix), self.luts)

    def luts_on_grey(self) -> Luts:
        """Return LUTs that do the same to grey, where a row of the matrix is just a factor."""
        # Rounded: an error in the sums would turn grey into a colour.
        factors = (round(sum(row), _FACTOR_DIGITS) for row in self.matrix)
        return compose_luts(tabulate_gains(*factors), self.luts)

    def then(self, after: "ColorTransform") -> "ColorTransform | None":
        """Join two transforms. None if clipping between them, or too many roundings, would be lost."""
        if len(self.matrix) == len(self.luts) == 1:
            return replace(self, luts=compose_luts(self.luts, after.luts_on_grey()))
        if after.looks_up:
            return replace(self, luts=compose_luts(self.luts, after.luts))
        error = (self.error + _ROUNDING) * error_gain(after.matrix)
        if len(self.matrix) == 1 or self.luts != _UNCHANGED or not stays_in_range(self.matrix) or error > _MOST_ERROR:
            return None
        return ColorTransform(matrix=multiply_matrices(self.matrix, after.matrix), luts=after.luts, error=error)


class ColorFilter(Filter):
    """A filter that is a ColorTransform and can be joined with its neighbours."""

    pixelwise: ClassVar[bool] = True

    @property
    def sees_luma_only(self) -> bool:
        return self.color_transform().sees_luma_only

    @abstractmethod
    def color_transform(self) -> ColorTransform:
        """Return what the filter does."""

    def changes_nothing(self, size: Size) -> bool:
        transform = self.color_transform()
        return (transform.matrix, transform.luts) == (IDENTITY, _UNCHANGED) or super().changes_nothing(size)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.color_transform().apply(image)


class MatrixFilter(ColorFilter):
    """A filter that makes each channel a weighted sum of all three."""

    @abstractmethod
    def color_matrix(self) -> Matrix3:
        """Return three rows of weights: for red, green and blue."""

    def color_transform(self) -> ColorTransform:
        return ColorTransform(matrix=self.color_matrix())


class LutFilter(ColorFilter):
    """A filter that maps each value of a channel by itself."""

    @abstractmethod
    def luts(self) -> Luts:
        """Return one LUT for all colour bands, or one each for red, green and blue, which turns grey into a colour."""

    def color_transform(self) -> ColorTransform:
        return ColorTransform(luts=self.luts())


def apply_lut(image: Image.Image, lut: LookupTable) -> Image.Image:
    """Apply one LUT to all colour bands in one pass; alpha stays."""
    bands = len(image.getbands()) - has_alpha(image)
    luts = (lut,) * bands + (IDENTITY_LUT,) * has_alpha(image)
    return native.apply_lut(image, luts) if is_array(image) else image.point([*chain(*luts)])


def apply_channel_luts(image: Image.Image, *luts: LookupTable) -> Image.Image:
    """Apply one LUT each to red, green and blue in one pass; grey becomes colour."""
    if image.mode in {"L", "LA"}:
        return keeping_alpha(image, lambda grey: _apply_palette(grey, [*chain(*zip(*luts, strict=True))]))
    luts = (*luts, IDENTITY_LUT)[: len(image.getbands())]
    return native.apply_lut(image, luts) if is_array(image) else image.point([*chain(*luts)])


def _apply_palette(grey: Image.Image, palette: list[int]) -> Image.Image:
    """Convert L to RGB by a palette, in a third of the time of three LUTs."""
    indexed = grey.copy()  # its palette would stay with it
    indexed.putpalette(palette)
    return indexed.convert("RGB")


def apply_luts(image: Image.Image, luts: Luts) -> Image.Image:
    """Apply LUTs; the identity returns the image itself."""
    if luts == (IDENTITY_LUT,):
        return image
    return apply_lut(image, luts[0]) if len(luts) == 1 else apply_channel_luts(image, *luts)


def apply_matrix(image: Image.Image, matrix: Matrix) -> Image.Image:
    """Apply a matrix to an RGB or RGBA image; alpha stays."""
    if matrix == IDENTITY:
        return image
    if len(matrix) > 1:
        return keeping_alpha(image, lambda colors: native.transform_colors(colors, matrix))
    # Pillow's own convert("L") is BT.601, and twice as fast as a matrix.
    weights = None if matrix == (LUMA_601,) else (*matrix[0], 0.0)
    return keeping_alpha(image, lambda colors: colors.convert("L", weights))


def blend_with_identity(target: Matrix3, strength: float) -> Matrix3:
    """Interpolate from the identity (strength 0) to `target` (1); other strengths extrapolate."""
    red, green, blue = (
        _row(own + (other - own) * strength for own, other in zip(*pair, strict=True))
        for pair in zip(IDENTITY, target, strict=True)
    )
    return red, green, blue


def multiply_matrices(first: Matrix3, then: Matrix) -> Matrix:
    """Return the matrix that does what `first` and then `then` do."""
    red, *others = (
        _row(sum(weight * own for weight, own in zip(row, column, strict=True)) for column in zip(*first, strict=True))
        for row in then
    )
    return (red, others[0], others[1]) if others else (red,)


def stays_in_range(matrix: Matrix) -> bool:
    """Whether no colour can leave 0..255."""
    return all(min(row) >= 0 and sum(row) <= 1 + 10**-_DIGITS for row in matrix)


def error_gain(matrix: Matrix) -> float:
    """Return by how much a matrix may enlarge an error."""
    return max(sum(map(abs, row)) for row in matrix)


def _row(weights: Iterable[float]) -> Row:
    red, green, blue = (round(weight, _DIGITS) for weight in weights)
    return red, green, blue
