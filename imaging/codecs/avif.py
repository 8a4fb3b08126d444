"""AVIF: colours that the container describes by numbers, which libavif leaves to its caller."""

from imaging.codecs.containers.isobmff import read_code_points
from imaging.codecs.source import SourceImage, SourceInfo
from imaging.color_space import SRGB, from_code_points


class AvifSource(SourceImage):
    """Has converted YUV to full-range RGB: primaries and transfer remain. An ICC profile takes precedence."""

    def _describe(self, name: str) -> SourceInfo:
        space = from_code_points(*(read_code_points(self.data) or (0, 0)))
        self._color_space = None if space == SRGB else space
        return super()._describe(name)
