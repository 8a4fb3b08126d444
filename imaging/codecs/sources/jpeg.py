"""JPEG: the one format that can be decoded smaller or without its colours, and that takes long if it has many scans."""

from dataclasses import replace

from PIL import Image

from core.errors import ImageTooLarge, InvalidImage
from imaging import native
from imaging.codecs.containers.jpeg.markers import MOST_MARKERS, find_end_of_scans, has_all_coefficients, markers
from imaging.codecs.containers.jpeg.quality import estimate_quality
from imaging.codecs.source import SourceImage
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.codecs.srgb import has_foreign_profile
from imaging.limits import Limits
from imaging.orientation import FROM_EXIF, IDENTITY

SHRINK_FACTORS = (8, 4, 2)  # by which libjpeg scales its blocks of 8 x 8 pixels

_SCAN = 0xDA
_END = 0xD9
_END_BYTES = b"\xff\xd9"
_MOST_CUTS = 4


class JpegSource(SourceImage):
    """Leaves its orientation to the plan, which can apply it to fewer pixels."""

    def _describe(self, name: str) -> SourceInfo:
        info = super()._describe(name)
        pending = FROM_EXIF[info.exif_orientation] if self._auto_orient else IDENTITY
        return replace(
            info, pending_orientation=pending, shrink_factors=SHRINK_FACTORS, has_luma_plane=self.file.mode == "RGB"
        )

    def estimate_quality(self) -> int:
        """The quality, 1 to 100, that it was saved with, by its first table, that of luma."""
        tables: dict[int, list[int]] = getattr(self.file, "quantization", {})
        return estimate_quality(tables[min(tables)] if tables else [])

    def _memory_bytes(self) -> int:
        """Coefficients of 16 bits, which libjpeg keeps where there is more than one scan."""
        width, height = self.info.size
        return 2 * width * height * len(self.file.getbands()) if count_scans(self.data) > 1 else 0

    def _load(self, hints: DecodeHints) -> Image.Image:
        self._check_end()
        self._draft(hints)
        return (self._load_array() if hints.as_array else None) or super()._load(hints)

    def _check_end(self) -> None:
        """Raise InvalidImage where the end is missing, and pixels with it.

        Pillow has got the file with an end, at which libjpeg would fill what is missing with grey and only warn.
        """
        ended = with_end(self.data)
        if ended is self.data:
            return
        extra: int | None = None
        for _ in range(_MOST_CUTS):  # padding may hide that pixels are missing, and is not counted to its last byte
            ended = ended[: -(extra or 0) - len(_END_BYTES)] + _END_BYTES
            extra = native.count_extra_bytes(ended, self.info.size, self.file.mode)
            if not extra:
                break
        if extra != 0 or not has_all_coefficients(ended):
            raise InvalidImage("The JPEG is truncated: it ends before its last pixel.")

    def _draft(self, hints: DecodeHints) -> None:
        """Have Pillow decode less. With a foreign profile luma alone would not do: the profile needs all channels."""
        luma_only = hints.luma_only and not has_foreign_profile(self.file)
        width, height = (side // int(hints.shrink_factor) for side in self.info.size)
        self.file.draft("L" if luma_only else None, (width, height))
        self.luma_only = luma_only and self.info.has_luma_plane

    def _load_array(self) -> Image.Image | None:
        """None for what Pillow has to judge: what is wrong with a JPEG, and whether it can be shown nevertheless.

        It decodes such a file a second time, so progressive ones, which can be made slow to decode, are left to it too.
        """
        if "progressive" in self.file.info:
            return None
        image = native.decode_jpeg(self.data, self.file.size, self.file.mode)
        if image:
            image.info = self.file.info
        return image

    def _orient(self, image: Image.Image) -> Image.Image:
        return image


def check_scans(data: bytes, limits: Limits) -> None:
    """Raise ImageTooLarge for a progressive JPEG with too many scans: each costs a pass over all its pixels."""
    if count_scans(data) > limits.max_scans:
        raise ImageTooLarge(
            f"The JPEG has more than {limits.max_scans} scans and would take too long to decode. Save it as baseline."
        )


def with_end(data: bytes) -> bytes:
    """The file itself, or with an end-of-image marker where it has none: writers that broke off leave it out.

    What stands there in its place is cut off if it looks like a segment.
    """
    if data.endswith(_END_BYTES) or any(marker == _END for marker, _ in markers(data)):
        return data
    return data[: find_end_of_scans(data)] + _END_BYTES


def count_scans(data: bytes) -> int:
    """Scans of the first image in a JPEG file; where decoders might disagree, rather too many than too few.

    Only what stands before the end-of-image marker counts: phones append whole videos behind it.
    """
    found = [marker for marker, _ in markers(data)]
    return len(found) if len(found) == MOST_MARKERS else found.count(_SCAN)
