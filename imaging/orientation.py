"""The eight orientations of an image: flips and right-angle rotations, which move whole pixels."""

from dataclasses import dataclass

from PIL import Image

from imaging import native
from imaging.native import is_array

Size = tuple[int, int]  # width, height
Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """Rows become columns if `transpose`; then `flip_x` swaps left and right, and `flip_y` top and bottom."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def then(self, after: "Orientation") -> "Orientation":
        """The one orientation that does what the two do one after the other."""
        flip_x, flip_y = (self.flip_y, self.flip_x) if after.transpose else (self.flip_x, self.flip_y)
        return Orientation(
            transpose=self.transpose != after.transpose, flip_x=flip_x != after.flip_x, flip_y=flip_y != after.flip_y
        )

    def size_after(self, size: Size) -> Size:
        """Width and height of an image of `size` once it is oriented."""
        return (size[1], size[0]) if self.transpose else size

    def box_before(self, box: Box, size: Size) -> Box:
        """The box that becomes `box` when it is oriented; `size` is that of the oriented image."""
        left, top, right, bottom = box
        if self.flip_x:
            left, right = size[0] - right, size[0] - left
        if self.flip_y:
            top, bottom = size[1] - bottom, size[1] - top
        return (top, left, bottom, right) if self.transpose else (left, top, right, bottom)

    def apply(self, image: Image.Image) -> Image.Image:
        """Orient an image; the identity returns the image itself."""
        if self not in _METHODS:
            return image
        if is_array(image):
            return native.orient(image, transpose=self.transpose, flip_x=self.flip_x, flip_y=self.flip_y)
        return image.transpose(_METHODS[self])


IDENTITY = Orientation()
ROTATIONS = (  # clockwise by 0, 90, 180 and 270 degrees
    IDENTITY,
    Orientation(transpose=True, flip_x=True),
    Orientation(flip_x=True, flip_y=True),
    Orientation(transpose=True, flip_y=True),
)
_METHODS = {
    Orientation(flip_x=True): Image.Transpose.FLIP_LEFT_RIGHT,
    Orientation(flip_y=True): Image.Transpose.FLIP_TOP_BOTTOM,
    ROTATIONS[1]: Image.Transpose.ROTATE_270,  # Pillow counts counter-clockwise
    ROTATIONS[2]: Image.Transpose.ROTATE_180,
    ROTATIONS[3]: Image.Transpose.ROTATE_90,
    Orientation(transpose=True): Image.Transpose.TRANSPOSE,
    Orientation(transpose=True, flip_x=True, flip_y=True): Image.Transpose.TRANSVERSE,
}
# What makes an image upright, by its EXIF tag 0x0112: https://www.media.mit.edu/pia/Research/deepview/exif.html
FROM_EXIF: dict[object, Orientation] = {
    1: IDENTITY,
    2: Orientation(flip_x=True),
    3: ROTATIONS[2],
    4: Orientation(flip_y=True),
    5: Orientation(transpose=True),
    6: ROTATIONS[1],
    7: Orientation(transpose=True, flip_x=True, flip_y=True),
    8: ROTATIONS[3],
}
