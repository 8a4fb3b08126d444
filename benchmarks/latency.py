"""Submit to link of one task while nothing else runs, split into its parts, and how far below the bar it is."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from benchmarks.deployments import Setup
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


def measure(setup: Setup, order: Callable[[], Json]) -> Parts:
    """The median of each part."""
    order()
    found = [_once(setup, order) for _ in range(_TASKS)]
    return {part: statistics.median(each.get(part, 0.0) for each in found) for part in found[0]}


def _once(setup: Setup, order: Callable[[], Json]) -> Parts:
    before = setup.call_seconds()
    began, started = time.time(), time.perf_counter()
    task = order()
    linked = 1000 * (time.perf_counter() - started)
    calls = {name: 1000 * (seconds - before.get(name, 0.0)) for name, seconds in setup.call_seconds().items()}
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
        "of all these, to the render child and back": calls["child"] - render,
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
