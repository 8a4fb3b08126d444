"""Writes the JPEG XL files among the cases, if it is run as a module by `uv run --with imagecodecs`.

imagecodecs ships a shared libjxl, which is asked for what pyjpegxl cannot write.
"""

import ctypes
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pyjpegxl
from numpy.typing import NDArray
from PIL import Image

from tests.unit.imaging.files import file, quarters

_CASES = Path(__file__).parent / "cases"
_DISPLAY_P3, _BT2020, _SRGB, _PQ = 11, 9, 13, 16
_ALPHA, _BLACK = 0, 4


class _BasicInfo(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("container", "width", "height", "bits", "exponent_bits")),
        *((name, ctypes.c_float) for name in ("intensity", "min_nits")),
        ("relative", ctypes.c_int),
        ("linear_below", ctypes.c_float),
        *((name, ctypes.c_int) for name in ("original_profile", "preview", "animation", "orientation", "colors")),
        *((name, ctypes.c_int) for name in ("extras", "alpha_bits", "alpha_exponent_bits", "premultiplied")),
        ("padding", ctypes.c_char * 256),
    )


class _ExtraInfo(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int), ("bits", ctypes.c_int), ("padding", ctypes.c_char * 248))


class _PixelFormat(ctypes.Structure):
    _fields_ = (("bands", ctypes.c_int), ("kind", ctypes.c_int), ("order", ctypes.c_int), ("align", ctypes.c_size_t))


def _libjxl() -> Any:  # noqa: ANN401 - a library of C
    folder = Path(imagecodecs.__file__).parents[1] / "imagecodecs.libs"
    library = ctypes.CDLL(str(next(folder.glob("libjxl-*.so*"))))
    library.JxlEncoderCreate.restype = library.JxlEncoderFrameSettingsCreate.restype = ctypes.c_void_p
    return library


def _encode(pixels: NDArray[np.uint8], kind: int, *, premultiplied: bool = False) -> bytes:
    """Encode RGB and one more channel without loss."""
    jxl = _libjxl()
    encoder = ctypes.c_void_p(jxl.JxlEncoderCreate(None))
    info, extra = _BasicInfo(), _ExtraInfo()
    jxl.JxlEncoderInitBasicInfo(ctypes.byref(info))
    info.width, info.height, info.bits, info.original_profile = pixels.shape[1], pixels.shape[0], 8, 1
    info.colors, info.extras, info.premultiplied = 3, 1, premultiplied
    info.alpha_bits = 8 if kind == _ALPHA else 0
    _check(jxl.JxlEncoderSetBasicInfo(encoder, ctypes.byref(info)))
    jxl.JxlEncoderInitExtraChannelInfo(kind, ctypes.byref(extra))
    if kind != _ALPHA:
        _check(jxl.JxlEncoderSetExtraChannelInfo(encoder, ctypes.c_size_t(0), ctypes.byref(extra)))
    space = ctypes.create_string_buffer(512)
    jxl.JxlColorEncodingSetToSRGB(space, 0)
    _check(jxl.JxlEncoderSetColorEncoding(encoder, space))
    settings = ctypes.c_void_p(jxl.JxlEncoderFrameSettingsCreate(encoder, None))
    _check(jxl.JxlEncoderSetFrameLossless(settings, 1))
    has_alpha = kind == _ALPHA
    data = np.ascontiguousarray(pixels if has_alpha else pixels[:, :, :3])
    layout = _PixelFormat(4 if has_alpha else 3, 2, 0, 0)
    size = ctypes.c_size_t
    _check(
        jxl.JxlEncoderAddImageFrame(
            settings, ctypes.byref(layout), data.ctypes.data_as(ctypes.c_void_p), size(data.nbytes)
        )
    )
    if not has_alpha:
        black, single = np.ascontiguousarray(pixels[:, :, 3]), _PixelFormat(1, 2, 0, 0)
        pointer = black.ctypes.data_as(ctypes.c_void_p)
        _check(jxl.JxlEncoderSetExtraChannelBuffer(settings, ctypes.byref(single), pointer, size(black.nbytes), 0))
    jxl.JxlEncoderCloseInput(encoder)
    out, left = ctypes.create_string_buffer(2**20), ctypes.c_size_t(2**20)
    at = ctypes.c_void_p(ctypes.addressof(out))
    _check(jxl.JxlEncoderProcessOutput(encoder, ctypes.byref(at), ctypes.byref(left)))
    return out.raw[: 2**20 - left.value]


def _check(status: int) -> None:
    if status:
        message = f"libjxl returned {status}"
        raise RuntimeError(message)


def main() -> None:
    """Write them all."""
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "Ada"
    sideways = file(quarters(), "JPEG", quality=95, exif=exif)
    (_CASES / "jxl_of_a_sideways_jpeg.jxl").write_bytes(pyjpegxl.jpeg_to_jxl(sideways))
    plain = np.full((32, 48, 3), (200, 100, 60), np.uint8)
    for name, primaries, transfer in (("p3", _DISPLAY_P3, _SRGB), ("pq", _BT2020, _PQ)):
        data = imagecodecs.jpegxl_encode(plain, lossless=True, primaries=primaries, transfer=transfer)
        (_CASES / f"jxl_{name}.jxl").write_bytes(data)
    frames = np.stack([np.full((32, 48, 3), value, np.uint8) for value in (0, 90, 200)])
    (_CASES / "jxl_animated.jxl").write_bytes(imagecodecs.jpegxl_encode(frames, lossless=True))
    alpha = np.asarray(Image.linear_gradient("L").resize((48, 32)))
    colors = np.asarray(quarters())
    multiplied = (colors.astype(int) * alpha[:, :, None] // 255).astype(np.uint8)
    premultiplied = _encode(np.dstack([multiplied, alpha]), _ALPHA, premultiplied=True)
    (_CASES / "jxl_premultiplied.jxl").write_bytes(premultiplied)
    (_CASES / "jxl_cmyk.jxl").write_bytes(_encode(np.dstack([colors, alpha]), _BLACK))


if __name__ == "__main__":
    main()
