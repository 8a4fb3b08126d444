"""Whether the metrics of all services add up to what the database knows."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import httpx

from tests.faults.checker import Row
from tests.faults.load import Seen
from tests.faults.testbed import Stand, lives

_SUBMITTED, _FINISHED = "darkroom_tasks_submitted_total", "darkroom_tasks_finished_total"
_SAMPLE = re.compile(rf"^({_SUBMITTED}|{_FINISHED})(?:\{{.*\}})? (\S+)$", re.MULTILINE)
Sums = Counter[str]


def sums(stand: Stand) -> Sums:
    found: Sums = Counter()
    for service in filter(lives, stand.deployment.services):
        for name, value in _SAMPLE.findall(httpx.get(f"{service.url}/metrics").text):
            found[name] += int(float(value))
    return found


def wrong_sums(before: Sums, after: Sums, *, rows: Iterable[Row], seen: Seen) -> Iterator[str]:
    """Only for when no process of ours died: its counts die with it."""
    submitted, finished = (after[name] - before[name] for name in (_SUBMITTED, _FINISHED))
    ended = sum(row["status"] in {"succeeded", "failed"} for row in rows)
    if submitted != len(seen.accepted):
        yield f"{submitted} tasks submitted by the metrics, {len(seen.accepted)} by the answers"
    if not ended <= finished <= ended + len(seen.deleted):
        yield f"{finished} tasks finished by the metrics, {ended} by the rows, {len(seen.deleted)} deleted"
