"""Each test sees its own render processes only."""

from collections.abc import AsyncIterator

import pytest

from rendering import Renderer
from tests.harness.forkservers import ignore_running_forkservers
from tests.unit.rendering.renderers import a_renderer


@pytest.fixture(autouse=True)
def _ignore_forkservers_of_other_tests() -> None:
    ignore_running_forkservers()


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    async with a_renderer() as renderer:
        yield renderer
