"""Each test sees its own render processes only."""

import pytest

from tests.harness.forkservers import ignore_running_forkservers


@pytest.fixture(autouse=True)
def _ignore_forkservers_of_other_tests() -> None:
    ignore_running_forkservers()
