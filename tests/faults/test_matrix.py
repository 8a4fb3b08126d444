"""The smoke of the matrix, with every change; what other fault tests strike in any case is left to them.

`make faults` runs all of it, with 200 tasks a case and outages of ten seconds.
"""

import re

import pytest

from tests.faults import run_case
from tests.faults.cases import API_POINTS, SHARING_POINTS, SWEEP_POINTS, WORKER_POINTS, Case, matrix, smoke
from tests.faults.harness.testbed import Testbed
from tests.harness.deployment import ROOT

_TASKS = 12
_OUTAGE_SECONDS = 2.0


@pytest.mark.parametrize("case", smoke(), ids=str)
def test_nothing_is_lost_or_doubled(testbed: Testbed, case: Case) -> None:
    """Holds promise 1, promise 2, promise 3 and promise 6, on a small load."""
    outcome = run_case.run(testbed, case, tasks=_TASKS, outage_seconds=_OUTAGE_SECONDS)
    assert outcome.findings.problems == []
    assert outcome.findings.tasks == _TASKS


def test_the_matrix_knows_every_failpoint() -> None:
    found = {
        name
        for package in ("api", "worker", "rendering", "storage", "broker")
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r'failpoint\("(\w+)"\)', path.read_text())
    }
    assert found == {*API_POINTS, *WORKER_POINTS, *SWEEP_POINTS, *SHARING_POINTS}
    assert set(smoke()) <= set(matrix())
