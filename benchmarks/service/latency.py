"""Latency of one task on an idle service, from the submission to the link, by part."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from benchmarks.service.deployments import MeasuredService
from tests.harness.client import Json

_TASKS = 25
_CALLS = {
    "object_store/put_object": "S3 PUT",
    "object_store/get_object": "S3 GET, until it begins",
    "object_store/read_body": "S3 GET, the rest",
    "database/read": "SQL that reads",
    "database/write": "SQL that writes",
    "broker/publish": "publish",
    "session_store": "Redis",
}
type Parts = dict[str, float]  # milliseconds


def measure(service: MeasuredService, run_task: Callable[[], Json]) -> Parts:
    """Return the median of each part, in milliseconds."""
    run_task()
    found = [_measure_once(service, run_task) for _ in range(_TASKS)]
    return {part: statistics.median(each.get(part, 0.0) for each in found) for part in found[0]}


def _measure_once(service: MeasuredService, run_task: Callable[[], Json]) -> Parts:
    before = service.call_seconds()
    began, started = time.time(), time.perf_counter()
    task = run_task()
    linked = 1000 * (time.perf_counter() - started)
    calls = {name: 1000 * (seconds - before.get(name, 0.0)) for name, seconds in service.call_seconds().items()}
    render = _render_milliseconds(task["render_report"])
    created, claimed, finished = (
        1000 * (datetime.fromisoformat(task[name]).timestamp() - began)
        for name in ("created_at", "started_at", "finished_at")
    )
    return {
        "submit to link": linked,
        "render: decode, passes, encode": render,
        "**beyond the render**": linked - render,
        "until the row is there": created,
        "from the row to the claim": claimed - created,
        "from the claim to the end, without the render": finished - claimed - render,
        "from the end to the link": linked - finished,
        "of all these, to the render process and back": calls["child"] - render,
        **{f"of all these, {label}": _sum(calls, prefix) for prefix, label in _CALLS.items()},
    }


def _sum(calls: Parts, prefix: str) -> float:
    return sum(value for name, value in calls.items() if name.startswith(prefix))


def _render_milliseconds(report: Json) -> float:
    passes = sum(each["milliseconds"] for each in report["passes"])
    return float(report["decode"]["milliseconds"] + passes + report["encode"]["milliseconds"])


def table(columns: Sequence[tuple[str, Parts]]) -> Iterator[str]:
    yield f"| ms, medians of {_TASKS} | {' | '.join(name for name, _ in columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for part in columns[0][1]:
        yield f"| {part} | {' | '.join(f'{parts[part]:.1f}' for _, parts in columns)} |"
