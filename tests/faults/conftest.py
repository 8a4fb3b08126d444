"""One testbed for all fault tests, reset before each; it ends with them, or it would take CPU from all others."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.harness.testbed import Testbed, open_testbed
from tests.harness import servers

QUICK = {
    "DARKROOM_SWEEP_INTERVAL_SECONDS": "0.5",
    "DARKROOM_RETRY_BASE_SECONDS": "0.2",
    "DARKROOM_LEASE_SECONDS": "5",
}
_TESTBED = pytest.StashKey[Testbed]()


@pytest.fixture(scope="package")
def shared_testbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Testbed]:
    with ExitStack() as stack:
        try:
            testbed = stack.enter_context(open_testbed(tmp_path_factory.mktemp("testbed"), **QUICK))
        except servers.Unavailable as error:
            pytest.skip(str(error))
        yield testbed


@pytest.fixture
def testbed(shared_testbed: Testbed) -> Testbed:
    """A reset testbed. The test starts API and workers."""
    shared_testbed.restore()
    return shared_testbed
