"""What steps do to the coordinates of an image: metadata that points at pixels is right only where none moved."""

from collections.abc import Iterable

from imaging.codecs.metadata import Geometry
from imaging.filters import Filter


def describe_geometry(steps: Iterable[Filter]) -> Geometry:
    """Whether any step may move pixels, and whether rows become columns."""
    geometry = Geometry()
    for step in steps:
        orientation = step.as_orientation()
        if orientation:
            geometry = geometry.after(orientation)
        elif step.group == "geometry" or type(step).size_after is not Filter.size_after:
            geometry = Geometry(is_moved=True, is_transposed=geometry.is_transposed)
    return geometry
