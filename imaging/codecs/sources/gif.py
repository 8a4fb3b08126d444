"""GIF: frames are composed as browsers do, on a screen that is transparent where no frame is; Pillow decodes each."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import islice

from PIL import Image

from core.errors import InvalidImage
from imaging.codecs.containers.gif.blocks import GifFrame, read_frames, read_screen
from imaging.codecs.decoder_errors import decoder_errors
from imaging.codecs.source import SourceImage
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.orientation import Size

_CLEAR, _RESTORE = 2, (3, 4)  # disposals; some writers number the latter 4
_OPAQUE = (255, 255)


class GifSource(SourceImage):
    """Pillow puts its first palette entry where nothing is, and enlarges the screen for frames that go beyond it."""

    _shown: Image.Image | None = None
    _delay_ms = 0.0

    @property
    def is_animated(self) -> bool:
        """Whether the file has more than one frame."""
        with decoder_errors():
            return len(list(islice(read_frames(self.data), 2))) > 1

    def _describe(self, name: str) -> SourceInfo:
        screen = read_screen(self.data)
        return replace(super()._describe(name), size=screen if all(screen) else self.file.size)

    def _load(self, hints: DecodeHints) -> Image.Image:  # noqa: ARG002 - as in the base class
        frame = next(read_frames(self.data), None)
        if frame is None:
            raise InvalidImage("The GIF has no frame.")
        if frame.box == (0, 0, *self.info.size):
            return self._decode_frame(frame)
        return _compose(self._transparent(), self._decode_frame(frame), frame)

    def _seek_frames(self) -> Iterator[int]:
        with decoder_errors():
            count = sum(1 for _ in islice(read_frames(self.data), self._limits.max_frames + 1))
            self._limits.check_frames(count, self.info.size)  # before a frame takes memory
            screen, frames = self._transparent(), read_frames(self.data)
        for index in range(self._limits.max_frames + 1):
            with decoder_errors():
                frame = next(frames, None)
                if frame is None:
                    return
                self._limits.check_frames(index + 1, self.info.size)
                before = screen.copy() if frame.disposal in _RESTORE else screen
                screen = _compose(screen, self._decode_frame(frame), frame)
                self._shown, self._delay_ms = _without_needless_alpha(screen), frame.delay * 10
            yield index
            screen = _dispose(screen, before, frame)

    def _seen(self) -> Image.Image:
        return self._shown or self.file

    def _duration_ms(self) -> float:
        return self._delay_ms

    def _decode_frame(self, frame: GifFrame) -> Image.Image:
        self._limits.check(frame.size)
        image = Image.open(BytesIO(frame.as_file()), formats=["GIF"])
        image.load()
        return image

    def _transparent(self) -> Image.Image:
        return Image.new("RGBA", self.info.size)


def _compose(screen: Image.Image, image: Image.Image, frame: GifFrame) -> Image.Image:
    """Draw the frame on the screen, which is changed and returned; what goes beyond it is cut off."""
    visible = image.crop((0, 0, *_visible_size(frame, screen.size)))
    if 0 in visible.size:
        return screen
    colors = visible.convert("RGBA")
    screen.paste(colors, frame.box[:2], colors if frame.transparent is not None else None)
    return screen


def _visible_size(frame: GifFrame, screen: Size) -> Size:
    left, top, right, bottom = frame.box
    return max(0, min(right, screen[0]) - left), max(0, min(bottom, screen[1]) - top)


def _dispose(screen: Image.Image, before: Image.Image, frame: GifFrame) -> Image.Image:
    """The screen on which the next frame is drawn."""
    if frame.disposal in _RESTORE:
        return before
    if frame.disposal == _CLEAR:
        screen.paste((0, 0, 0, 0), frame.box)
    return screen


def _without_needless_alpha(screen: Image.Image) -> Image.Image:
    """A copy, in mode RGB where all of it is opaque."""
    return screen.convert("RGB") if screen.getchannel("A").getextrema() == _OPAQUE else screen.copy()
