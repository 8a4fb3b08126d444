"""One set of servers for all fault tests; what breaks is brought back before the next one."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.testbed import Stand, open_stand
from tests.harness import servers

QUICK = {
    "DARKROOM_SWEEP_INTERVAL_SECONDS": "0.5",
    "DARKROOM_RETRY_BASE_SECONDS": "0.2",
    "DARKROOM_LEASE_SECONDS": "5",
}
_STAND = pytest.StashKey[Stand]()


@pytest.fixture(scope="session")
def breakable_stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with ExitStack() as stack:
        try:
            stand = stack.enter_context(open_stand(tmp_path_factory.mktemp("stand"), **QUICK))
        except servers.Unavailable as error:
            pytest.skip(str(error))
        yield stand


@pytest.fixture
def stand(breakable_stand: Stand) -> Stand:
    """Empty. The API and the workers are the test's to start."""
    breakable_stand.renew()
    return breakable_stand
