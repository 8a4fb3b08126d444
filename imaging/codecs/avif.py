"""AVIF: what libavif needs to decode a still image is freed as soon as its pixels are there."""

from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, ImageFile


class AvifFile(AvifImagePlugin.AvifImageFile):
    """An AVIF as Pillow opens it, whose decoder does not outlive the only frame."""

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        if self.is_animated or not self.tile:
            return super().load()
        data, *_ = self._decoder.get_frame(0)
        self._decoder, self.fp = None, BytesIO(data)
        del data  # the file shares its memory
        loaded = ImageFile.ImageFile.load(self)
        self.fp = None
        return loaded
