"""The filter that CONTRIBUTING.md adds as its worked example. It is tested here, and is not in the catalogue."""

from typing import Any, ClassVar

from pydantic import Field

from imaging.filters.color_transform import LutFilter
from imaging.filters.luts import Luts, tabulate
from imaging.filters.parameters import Level


class LiftBlacks(LutFilter):
    summary: ClassVar[str] = "Raises dark values to a level."

    level: Level = Field(40, description="Values below this level become this level.")

    def luts(self) -> Luts:
        return (tabulate(lambda value: max(value, self.level)),)


SHEET: list[dict[str, Any]] = [{}, {"level": 80}]
