"""Filters that sharpen or smooth by convolution: each pixel is a weighted sum of its neighbours."""

from typing import Annotated, ClassVar

from PIL import Image
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from imaging import native
from imaging.filters.alpha import apply_premultiplied, keeping_alpha, remove_alpha
from imaging.filters.base import Filter
from imaging.filters.parameters import Sigma, Strength

_KERNEL_SIZES = {9, 25}
_REACH = 2  # rows, of the largest kernel
_SMOOTH = (1, 1, 1, 1, 5, 1, 1, 1, 1)
_SMOOTH_MORE = (1, 1, 1, 1, 1, 1, 5, 5, 5, 1, 1, 5, 44, 5, 1, 1, 5, 5, 5, 1, 1, 1, 1, 1, 1)
_DETAIL = (0, -1, 0, -1, 10, -1, 0, -1, 0)
_EDGE_ENHANCE = (-1, -1, -1, -1, 10, -1, -1, -1, -1)
_EDGE_ENHANCE_MORE = (-1, -1, -1, -1, 9, -1, -1, -1, -1)


def _check_kernel(weights: tuple[float, ...]) -> tuple[float, ...]:
    if len(weights) not in _KERNEL_SIZES:
        raise PydanticCustomError("kernel", "must have 9 weights (3 x 3) or 25 (5 x 5), row by row")
    return weights


Weight = Annotated[float, Field(ge=-1000, le=1000)]
Kernel = Annotated[
    tuple[Weight, ...],
    Field(strict=False, min_length=9, max_length=25, json_schema_extra={"unit": "weight"}),
    AfterValidator(_check_kernel),
]


class Sharpen(Filter):
    summary: ClassVar[str] = "Sharpens edges."
    mixes_colors: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    amount: Strength = Field(50, description="0 changes nothing, 50 is the usual 3 x 3 kernel, 100 is twice as strong.")

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        """Move each pixel away from its eight neighbours, by amount/400 of the difference to each."""
        if self.amount == 0:
            return image
        weight = self.amount / 400 * self._pixel**2
        weights = [-weight] * 4 + [1 + 8 * weight] + [-weight] * 4
        return keeping_alpha(image, lambda colors: native.convolve(colors, weights))


class UnsharpMask(Filter):
    summary: ClassVar[str] = "Sharpens by adding the difference to a blurred copy."
    mixes_colors: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    radius: Sigma = Field(2, description="Sigma of the blurred copy.")
    percent: int = Field(150, ge=0, le=500, json_schema_extra={"unit": "%"}, description="0 changes nothing.")
    threshold: int = Field(
        3,
        ge=0,
        le=255,
        json_schema_extra={"unit": "level"},
        description="Differences up to this one are not sharpened.",
    )

    def apply(self, image: Image.Image) -> Image.Image:
        return native.blend_with_blur(image, self.radius, self._sharpen, prepare=remove_alpha)

    def _sharpen(self, image: Image.Image, blurred: Image.Image, _top: int) -> Image.Image:
        return keeping_alpha(
            image,
            lambda colors: native.sharpen(colors, blurred, amount=self.percent / 100, threshold=self.threshold),
        )


class _KernelFilter(Filter):
    """Convolves with a fixed kernel, whose pixels are those of the original image."""

    runs_natively: ClassVar[bool] = True

    def _convolve(self, image: Image.Image, weights: tuple[float, ...]) -> Image.Image:
        """Divide by the sum of the weights. In a preview, their effect shrinks with the square of a pixel's side."""
        share, scale = self._pixel**2, sum(weights)
        blended = [weight * share for weight in weights]
        blended[len(weights) // 2] += scale * (1 - share)
        return native.convolve(image, blended, scale=scale)


class Smooth(_KernelFilter):
    summary: ClassVar[str] = "Softens the image slightly."

    more: bool = Field(default=False, description="Whether to use a 5 x 5 kernel instead of 3 x 3.")

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        weights = _SMOOTH_MORE if self.more else _SMOOTH
        return apply_premultiplied(image, lambda colors: self._convolve(colors, weights))


class Detail(_KernelFilter):
    summary: ClassVar[str] = "Brings out fine detail."
    mixes_colors: ClassVar[bool] = True

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: self._convolve(colors, _DETAIL))


class EdgeEnhance(_KernelFilter):
    summary: ClassVar[str] = "Emphasises edges."
    mixes_colors: ClassVar[bool] = True

    more: bool = Field(default=False, description="Whether to use a stronger kernel.")

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        weights = _EDGE_ENHANCE_MORE if self.more else _EDGE_ENHANCE
        return keeping_alpha(image, lambda colors: self._convolve(colors, weights))


class Convolution(Filter):
    summary: ClassVar[str] = "Convolves the image with a kernel of your own."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "A preview lacks the finest detail, on which a kernel acts."
    runs_natively: ClassVar[bool] = True

    kernel: Kernel = Field((0, 0, 0, 0, 1, 0, 0, 0, 0), description="9 or 25 weights, row by row from the top left.")
    divisor: Annotated[
        Annotated[float, Field(ge=0.001, le=100_000)] | None, Field(json_schema_extra={"unit": "weight"})
    ] = Field(
        None,
        description="Divisor of the weighted sum. If omitted: the sum of the weights, or 1 if that is not positive.",
    )
    offset: float = Field(
        0, ge=-255, le=255, json_schema_extra={"unit": "level"}, description="Number of levels to add at the end."
    )

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        total = sum(self.kernel)
        scale = self.divisor or (total if total > 0 else 1)
        return keeping_alpha(
            image, lambda colors: native.convolve(colors, self.kernel, scale=scale, offset=self.offset)
        )
