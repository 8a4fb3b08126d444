"""AVIF and HEIC: colours that the container describes by numbers; the decoder of an AVIF is freed once it is done."""

from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, ImageFile

from imaging.codecs.containers.isobmff.boxes import read_code_points
from imaging.codecs.source import SourceImage
from imaging.codecs.source_info import SourceInfo
from imaging.color_space import SRGB, from_code_points


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


class AvifSource(SourceImage):
    """Has converted YUV to full-range RGB: primaries and transfer remain. An ICC profile takes precedence."""

    def _describe(self, name: str) -> SourceInfo:
        space = from_code_points(*(read_code_points(self.data) or (0, 0)))
        self._color_space = None if space == SRGB else space
        return super()._describe(name)
