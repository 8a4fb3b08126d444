"""JPEG XL: libjxl decodes it, upright. It cannot stop after the first frame of an animation, and ignores black ink."""

from contextlib import suppress
from dataclasses import replace

from PIL import Image, ImageFile

from core.errors import UnsupportedImageFeature
from imaging import native
from imaging.codecs.containers.icc_profile import read_code_points
from imaging.codecs.containers.jxl.boxes import read_parts
from imaging.codecs.containers.jxl.header import JxlHeader, read_header
from imaging.codecs.metadata import ORIENTATION
from imaging.codecs.source import BytePair, SourceImage
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.color_space import from_code_points
from imaging.memory import has_room_for_words

_BYTE = 8
_SAMPLE_BYTES = 4  # of what libjxl keeps as it is stored
_XYB_BYTES = 4  # a pixel, of a lossy image
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}


class JxlFile(ImageFile.ImageFile):
    """What a file says before its pixels, which JxlSource decodes."""

    format = "JXL"
    format_description = "JPEG XL"

    def _open(self) -> None:
        data: bytes = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        parts = read_parts(data)
        self.codestream, self.header = parts.codestream, read_header(parts.codestream)
        _check(self.header)
        found = {"icc_profile": native.read_jxl_profile(self.codestream), "exif": parts.exif, "xmp": parts.xmp}
        self.info.update((name, value) for name, value in found.items() if value)
        with suppress(Exception):  # broken metadata must not spoil the image
            exif = self.getexif()
            if ORIENTATION in exif:  # that of the codestream counts, which libjxl applies
                exif[ORIENTATION] = 1
        self._size, self._mode, self.tile = self.header.size, self.header.mode, []


class JxlSource(SourceImage):
    """Keeps 16 bits a sample. HDR, for which libjxl makes a profile, is converted by its numbers, as in an AVIF."""

    file: JxlFile

    def _describe(self, name: str) -> SourceInfo:
        header = self.file.header
        space = from_code_points(*(read_code_points(self.file.info.get("icc_profile", b"")) or (0, 0)))
        if space.hdr:
            self._color_space = space
            del self.file.info["icc_profile"]
        is_deep = header.bits > _BYTE and not header.is_premultiplied
        return replace(
            super()._describe(name),
            has_words=is_deep and has_room_for_words(header.size, len(header.mode)),
            decoder_bytes=_estimate_bytes(header),
        )

    def _load(self, hints: DecodeHints) -> Image.Image:  # noqa: ARG002 - libjxl cannot save work
        header = self.file.header
        if header.is_premultiplied:
            image = native.decode_jxl(self.file.codestream, header.size, _PREMULTIPLIED[header.mode]).convert(
                header.mode
            )
        else:
            image = native.decode_jxl(self.file.codestream, header.size, header.mode)
        image.info = dict(self.file.info)
        return image

    def _load_words(self) -> BytePair:
        return native.decode_jxl_words(self.file.codestream, self.file.size, self.file.mode)


def _check(header: JxlHeader) -> None:
    """Raise UnsupportedImageFeature."""
    if header.is_animated:
        raise UnsupportedImageFeature("This JPEG XL is animated, which is not supported.")
    if header.has_black:
        raise UnsupportedImageFeature("This JPEG XL has CMYK colours, which are not supported.")


def _estimate_bytes(header: JxlHeader) -> int:
    """Return what libjxl takes for a pixel: measured on images of 49 megapixels."""
    stored = header.extra_channels if header.is_xyb else len(header.mode.removesuffix("A")) + header.extra_channels
    return _SAMPLE_BYTES * stored + (_XYB_BYTES if header.is_xyb else 0)
