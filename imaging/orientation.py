"""The eight ways to lay a picture down: turns by right angles and reflections, which move whole pixels."""

from dataclasses import dataclass

from PIL import Image

from imaging import native
from imaging.native import is_array

Size = tuple[int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Rows become columns if it `swaps`; then left and right change places `across`, top and bottom `down`."""

    swaps: bool = False
    across: bool = False
    down: bool = False

    def then(self, after: "Turn") -> "Turn":
        across, down = (self.down, self.across) if after.swaps else (self.across, self.down)
        return Turn(swaps=self.swaps != after.swaps, across=across != after.across, down=down != after.down)

    def size_after(self, size: Size) -> Size:
        return (size[1], size[0]) if self.swaps else size

    def box_before(self, box: Box, size: Size) -> Box:
        """Left, top, right, bottom of what comes to lie in `box` of the turned picture, which has this size."""
        left, top, right, bottom = box
        if self.across:
            left, right = size[0] - right, size[0] - left
        if self.down:
            top, bottom = size[1] - bottom, size[1] - top
        return (top, left, bottom, right) if self.swaps else (left, top, right, bottom)

    def apply(self, image: Image.Image) -> Image.Image:
        """The picture itself where nothing moves."""
        if self not in _METHODS:
            return image
        if is_array(image):
            return native.orient(image, swaps=self.swaps, across=self.across, down=self.down)
        return image.transpose(_METHODS[self])


AS_IT_IS = Turn()
CLOCKWISE = (  # by quarters
    AS_IT_IS,
    Turn(swaps=True, across=True),
    Turn(across=True, down=True),
    Turn(swaps=True, down=True),
)
_METHODS = {
    Turn(across=True): Image.Transpose.FLIP_LEFT_RIGHT,
    Turn(down=True): Image.Transpose.FLIP_TOP_BOTTOM,
    CLOCKWISE[1]: Image.Transpose.ROTATE_270,  # Pillow counts counter-clockwise
    CLOCKWISE[2]: Image.Transpose.ROTATE_180,
    CLOCKWISE[3]: Image.Transpose.ROTATE_90,
    Turn(swaps=True): Image.Transpose.TRANSPOSE,
    Turn(swaps=True, across=True, down=True): Image.Transpose.TRANSVERSE,
}
# https://www.media.mit.edu/pia/Research/deepview/exif.html, tag 0x0112: what makes such a picture upright
OF_ORIENTATION: dict[object, Turn] = {
    1: AS_IT_IS,
    2: Turn(across=True),
    3: CLOCKWISE[2],
    4: Turn(down=True),
    5: Turn(swaps=True),
    6: CLOCKWISE[1],
    7: Turn(swaps=True, across=True, down=True),
    8: CLOCKWISE[3],
}
