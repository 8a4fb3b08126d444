"""What a JPEG XL says before its pixels: size, depth, alpha, animation. ISO/IEC 18181-1, annex D."""

from dataclasses import dataclass

from imaging.codecs.containers.jxl.bits import BitReader
from imaging.codecs.containers.jxl.boxes import CODESTREAM
from imaging.orientation import FROM_EXIF, Size

_HEADER_BYTES = 2**16  # more than names of extra channels take
_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_PREVIEW_EIGHTHS = ((16, 0), (32, 0), (1, 5), (33, 9))
_PREVIEW_SIDE = ((1, 6), (65, 8), (321, 10), (1345, 12))
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_GREY = 1  # a colour space
_ALPHA, _SPOT, _BLACK, _CFA = 0, 2, 4, 5  # types of extra channels


@dataclass(frozen=True, slots=True, kw_only=True)
class JxlHeader:
    """`size` is that of the image as it is seen: decoders apply the orientation."""

    size: Size
    bits: int = 8  # a sample
    is_animated: bool = False
    has_alpha: bool = False
    is_premultiplied: bool = False
    has_black: bool = False  # CMYK
    extra_channels: int = 0  # alpha among them
    is_xyb: bool = True  # lossy, in most cases
    is_grey: bool = False

    @property
    def mode(self) -> str:
        """As Pillow names it."""
        return ("L" if self.is_grey else "RGB") + ("A" if self.has_alpha else "")


def read_header(codestream: bytes) -> JxlHeader:
    """Raise ValueError for a header that is damaged."""
    reader = BitReader(codestream[len(CODESTREAM) : _HEADER_BYTES])
    size = _read_size(reader)
    return JxlHeader(size=size) if reader.read_flag() else _read_metadata(reader, size)


def _read_metadata(reader: BitReader, size: Size) -> JxlHeader:
    is_animated = False
    if reader.read_flag():
        size = FROM_EXIF[1 + reader.read(3)].size_after(size)
        if reader.read_flag():  # an intrinsic size, which is for readers that scale
            _read_size(reader)
        if reader.read_flag():
            _skip_preview(reader)
        is_animated = reader.read_flag()
        if is_animated:
            _skip_animation(reader)
    bits = _read_depth(reader)
    reader.read_flag()  # whether buffers of 16 bits suffice
    extras = [_read_extra_channel(reader) for _ in range(reader.read_choice(((0, 0), (1, 0), (2, 4), (1, 12))))]
    alphas = [is_premultiplied for kind, is_premultiplied in extras if kind == _ALPHA]
    is_xyb = reader.read_flag()
    return JxlHeader(
        size=size,
        bits=bits,
        is_animated=is_animated,
        has_alpha=bool(alphas),
        is_premultiplied=alphas[:1] == [True],
        has_black=any(kind == _BLACK for kind, _ in extras),
        extra_channels=len(extras),
        is_xyb=is_xyb,
        is_grey=_read_is_grey(reader),
    )


def _read_is_grey(reader: BitReader) -> bool:
    """Read the colour encoding up to its space. One with an ICC profile says that too."""
    if reader.read_flag():
        return False
    reader.read_flag()  # whether there is a profile
    return reader.read_choice(_ENUM) == _GREY


def _read_size(reader: BitReader) -> Size:
    is_small = reader.read_flag()
    height = _read_side(reader, is_small=is_small)
    ratio = reader.read(3)
    if ratio == 0:
        return _read_side(reader, is_small=is_small), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _read_side(reader: BitReader, *, is_small: bool) -> int:
    return 8 * (1 + reader.read(5)) if is_small else reader.read_choice(_SIDE)


def _skip_preview(reader: BitReader) -> None:
    sides = _PREVIEW_EIGHTHS if reader.read_flag() else _PREVIEW_SIDE
    reader.read_choice(sides)
    if reader.read(3) == 0:
        reader.read_choice(sides)


def _skip_animation(reader: BitReader) -> None:
    reader.read_choice(((100, 0), (1000, 0), (1, 10), (1, 30)))  # ticks a second, as a fraction
    reader.read_choice(((1, 0), (1001, 0), (1, 8), (1, 10)))
    reader.read_choice(((0, 0), (0, 3), (0, 16), (0, 32)))  # loops
    reader.read_flag()  # time codes


def _read_depth(reader: BitReader) -> int:
    if not reader.read_flag():
        return reader.read_choice(((8, 0), (10, 0), (12, 0), (1, 6)))
    bits = reader.read_choice(((32, 0), (16, 0), (24, 0), (1, 6)))
    reader.read(4)  # of the exponent
    return bits


def _read_extra_channel(reader: BitReader) -> tuple[int, bool]:
    """Return its type, and whether colours are multiplied by it."""
    if reader.read_flag():
        return _ALPHA, False
    kind = reader.read_choice(_ENUM)
    _read_depth(reader)
    reader.read_choice(((0, 0), (3, 0), (4, 0), (1, 3)))  # how much smaller it is stored
    reader.read(8 * reader.read_choice(((0, 0), (0, 4), (16, 5), (48, 10))))  # its name
    if kind == _SPOT:
        reader.read(4 * 16)
    if kind == _CFA:
        reader.read_choice(((1, 0), (0, 2), (3, 4), (19, 8)))
    return kind, kind == _ALPHA and reader.read_flag()
