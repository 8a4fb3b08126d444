"""An opened image file: what its header says at once, its pixels when they are decoded."""

from collections.abc import Iterator
from itertools import count

from PIL import Image, _imaging

from imaging import native
from imaging.codecs.decoder_errors import decoder_errors
from imaging.codecs.formats import ANIMATED
from imaging.codecs.frames import Frame
from imaging.codecs.metadata import Changes, Geometry, Metadata, MetadataRequest, read_orientation, select_metadata
from imaging.codecs.source_info import EVERYTHING, DecodeHints, SourceInfo
from imaging.codecs.srgb import find_color_space, has_foreign_profile, select_profile, to_srgb
from imaging.color_space import SRGB, ColorSpace
from imaging.limits import Limits
from imaging.orientation import FROM_EXIF, IDENTITY, Size

# Bytes a pixel that a decoder needs for a frame: libwebp beside its canvases; libavif 12 bits deep; libheif; libjxl.
_FRAME_BYTES = {"webp": 5, "avif": 10, "heic": 5, "jxl": 20}


type BytePair = tuple[Image.Image, Image.Image]  # of the high and the low bytes of samples of 16 bits


class SourceImage:
    """A file that Pillow has opened. Reading changes it: `decode` it once, then ask for what follows the pixels."""

    _color_space: ColorSpace | None = None  # what numbers in the file say; counts where it has no ICC profile

    def __init__(self, file: Image.Image, data: bytes, *, format: str, limits: Limits, auto_orient: bool) -> None:  # noqa: A002 - the field's word
        self.file = file
        self.data = data
        self.decoded_size = file.size  # of the frame decoded last, as are the next two
        self.decoded_mode = file.mode
        self.luma_only = False  # whether its chroma was left undecoded
        self._limits = limits
        self._auto_orient = auto_orient
        self._keep_profile = False
        self.info = self._describe(format)

    @property
    def oriented_size(self) -> Size:
        """Size of the whole image as it is seen, once it was decoded, whole or smaller."""
        is_scaled = self.info.shrink_factors or self.info.most_enlargement > 1
        whole = self.info.size if is_scaled else self.decoded_size
        return self.info.pending_orientation.size_after(whole)

    @property
    def is_animated(self) -> bool:
        """Whether the file has more than one frame. Raises InvalidImage: some formats look for the second one."""
        with decoder_errors():
            return self.info.format in ANIMATED and bool(getattr(self.file, "is_animated", False))

    @property
    def loop_count(self) -> int:
        """How often an animation is shown; 0 is forever."""
        loop = self.file.info.get("loop")
        if self.info.format != "gif":
            return int(loop or 0)
        # A GIF counts repetitions, and is shown once where it has no count.
        return 1 if loop is None else int(loop) + (loop > 0)

    def decode(
        self, hints: DecodeHints = EVERYTHING, *, all_frames: bool = False, keep_profile: bool = False
    ) -> Iterator[Frame]:
        """Yield the first frame, or all, each when it is asked for.

        Frames are sRGB, or in the file's RGB profile with `keep_profile`; upright if `auto_orient`, but for
        `info.pending_orientation`. Raises InvalidImage or ImageTooLarge.
        """
        self._keep_profile = keep_profile
        if all_frames and self.is_animated:
            yield from self._frames()
        else:
            yield self._still(hints)

    def read_durations_ms(self) -> list[float]:
        """Durations of all frames, each of which is decoded. Raises InvalidImage or ImageTooLarge."""
        return [self._duration_ms() for _ in self._seek_frames()]

    def metadata(self, request: MetadataRequest, geometry: Geometry) -> Metadata:
        """What the output is to carry after such steps. Some formats store it behind the pixels, so decode first."""
        profile = select_profile(self.file) if self._keep_profile else b""
        is_oriented = self._auto_orient or self.info.format == "tiff"  # which Pillow always orients
        changes = Changes(
            is_upright=self._auto_orient,
            is_converted=(has_foreign_profile(self.file) or self._color_space is not None) and not profile,
            geometry=geometry.after(FROM_EXIF[self.info.exif_orientation] if is_oriented else IDENTITY),
        )
        return select_metadata(self.file, self.data, request, changes, profile=profile)

    def _describe(self, name: str) -> SourceInfo:
        return SourceInfo(format=name, size=self.file.size, exif_orientation=self._exif_orientation())

    def _exif_orientation(self) -> int:
        found = read_orientation(self.file)
        return found if isinstance(found, int) and found in FROM_EXIF else 1

    def _memory_bytes(self) -> int:
        """What its decoder needs to decode a frame, where it cannot say that it ran out of it."""
        width, height = self.info.size
        return width * height * _FRAME_BYTES.get(self.info.format, 0)

    def _load(self, hints: DecodeHints) -> Image.Image:  # noqa: ARG002 - only some decoders can save work
        self.file.load()
        return self.file

    def _to_srgb(self, image: Image.Image) -> Image.Image:
        return to_srgb(image, keep_profile=self._keep_profile, color_space=self._color_space)

    def _load_words(self) -> BytePair:
        """The samples of a file that `has_words`, in mode L, LA, RGB or RGBA, as high and low bytes."""
        raise NotImplementedError

    def _still(self, hints: DecodeHints) -> Frame:
        with decoder_errors(memory_bytes=self._memory_bytes()):
            if self.info.has_words and (frame := self._deep_still(hints)):
                return frame
            image = self._orient(self._to_srgb(self._load(hints)))
            # The pixels are handed over, not copied: only `info` has to be its own.
            frame = self._frame(image._new(image.im) if image is self.file else image)  # noqa: SLF001 - no public name
            self._forget_pixels()
            return frame

    def _forget_pixels(self) -> None:
        """Leave the file one pixel, for those who read its mode and metadata: the frame may be freed before."""
        if self.file._im is not None:  # noqa: SLF001 - no public name
            self.file.im = _imaging.new(self.file.mode, (1, 1))

    def _deep_still(self, hints: DecodeHints) -> Frame | None:
        """The frame at 16 bits, or rounded to 8 once its colours are sRGB. None where decoding to 8 bits will do."""
        keeps = self._keep_profile and bool(select_profile(self.file))
        space = SRGB if keeps else find_color_space(self.file, self._color_space)
        if space is None or (space == SRGB and not hints.keep_words):
            return None
        if space != SRGB:
            return self._frame(self._orient(native.round_words(self._load_words(), space)))
        high, low = self._load_words()
        frame = self._frame(self._orient(high))
        frame.low_bytes = self._orient(low)
        return frame

    def _frames(self) -> Iterator[Frame]:
        """Each frame as it is seen, composed over those before it."""
        for _ in self._seek_frames():
            with decoder_errors():
                image = self._orient(self._to_srgb(self._seen()))
                frame = self._frame(image.copy() if image is self.file else image, self._duration_ms())
            yield frame

    def _seen(self) -> Image.Image:
        """The frame that was loaded last, as it is seen."""
        return self.file

    def _frame(self, image: Image.Image, duration_ms: float = 0) -> Frame:
        """Without `info`: encoders would copy a comment or a profile from it into the output."""
        image.info = {}
        self.decoded_size, self.decoded_mode = image.size, image.mode
        return Frame(image, duration_ms)

    def _seek_frames(self) -> Iterator[int]:
        """Load one frame after the other."""
        start = int(getattr(self.file, "default_image", False))  # an APNG's fallback for those who cannot animate
        for index in count(start):
            with decoder_errors(memory_bytes=self._memory_bytes()):
                if not self._seek(index):
                    return
                self._limits.check_frames(index - start + 1, self.file.size)
                self.file.load()
            yield index

    def _seek(self, index: int) -> bool:
        try:
            self.file.seek(index)
        except EOFError:
            return False
        return True

    def _duration_ms(self) -> float:
        return float(self.file.info.get("duration", 0))

    def _orient(self, image: Image.Image) -> Image.Image:
        found = FROM_EXIF.get(read_orientation(self.file), IDENTITY) if self._auto_orient else IDENTITY
        return found.apply(image)
