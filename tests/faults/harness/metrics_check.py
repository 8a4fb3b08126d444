"""Compares the metrics of all services with the database."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import httpx

from tests.faults.harness.findings import Row
from tests.faults.harness.load import Seen
from tests.faults.harness.testbed import Testbed, is_running
from tests.harness.http import NO_TLS

_SUBMITTED, _FINISHED = "darkroom_tasks_submitted_total", "darkroom_tasks_finished_total"
_SAMPLE = re.compile(rf"^({_SUBMITTED}|{_FINISHED})(?:\{{.*\}})? (\S+)$", re.MULTILINE)
Totals = Counter[str]


def read_totals(testbed: Testbed) -> Totals:
    found: Totals = Counter()
    for service in filter(is_running, testbed.deployment.services):
        for name, value in _SAMPLE.findall(httpx.get(f"{service.url}/metrics", verify=NO_TLS).text):
            found[name] += int(float(value))
    return found


def check_totals(before: Totals, after: Totals, *, rows: Iterable[Row], seen: Seen) -> Iterator[str]:
    """Yield differences. Valid only if no process died: its counts die with it."""
    submitted, finished = (after[name] - before[name] for name in (_SUBMITTED, _FINISHED))
    ended = sum(row["status"] in {"succeeded", "failed"} for row in rows)
    if submitted != len(seen.accepted):
        yield f"{submitted} tasks submitted by the metrics, {len(seen.accepted)} by the responses"
    if not ended <= finished <= ended + len(seen.deleted):
        yield f"{finished} tasks finished by the metrics, {ended} by the rows, {len(seen.deleted)} deleted"
