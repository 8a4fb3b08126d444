"""Everything in one process: killed at any moment and started again, it goes on with the same promises."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.cases import API_POINTS, WORKER_POINTS
from tests.faults.harness.load import Load, loading
from tests.faults.harness.output_check import check_output
from tests.faults.harness.workload import mixed
from tests.faults.test_exactly_once import failing
from tests.harness.client import FINAL, Json
from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.http import NO_TLS
from tests.harness.scale import WHOLE, check_seconds

_POINTS = tuple(point for point in (*API_POINTS, *WORKER_POINTS) if point != "child")
_SOME_POINTS = ("mid_stream", "after_insert", "claimed", "uploaded")
_GOES_ON_SECONDS = 5.0


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Deployment]:
    with deployed(embedded_settings(tmp_path), tmp_path) as deployment:
        yield deployment


@pytest.mark.parametrize("point", _POINTS if WHOLE else _SOME_POINTS)
def test_it_goes_on_where_it_was_killed(embedded: Deployment, point: str) -> None:
    """Holds promise 12: at every fail-point, here at four; in `make faults` within 5 s of its return."""
    when = f"{point}:2" if point == "taking" else point  # the first time is before it serves
    doomed = embedded.start_api(**failing(f"{when}=kill"))
    with loading(embedded.url, mixed(8)) as load:
        wait_for(lambda: doomed.process.poll() is not None, what=point)
        embedded.assert_no_stray()
        known = list(load.seen.accepted)
        embedded.start_api()
        back_at = time.monotonic()
        wait_for(lambda: _have_ended(load, known), what="the end of what it knew")
        check_seconds(time.monotonic() - back_at, most=_GOES_ON_SECONDS)
        load.finish(seconds=300)
        wait_for(lambda: _have_ended(load, list(load.seen.accepted)), what="the end of everything")
        _look_at_everything(load)


def _have_ended(load: Load, known: list[str]) -> bool:
    return all((task := load.task(task_id)) and task["status"] in {*FINAL, "deleted"} for task_id in known)


def _look_at_everything(load: Load) -> None:
    with httpx.Client(verify=NO_TLS) as anybody:
        for task_id, submission in load.seen.accepted.items():
            task: Json = load.task(task_id) or {}
            assert task["status"] in {*submission.ends, *(["deleted"] if submission.then == "delete" else [])}, task
            assert task["status"] != "succeeded" or not check_output(task["output"], anybody)
    assert load.seen.partial_outputs == []
    assert [status for status in load.seen.answers if status >= 500 and status != 503] == []
