"""One fault at one moment under load, from the first request to the last look: lost, doubled, and how long it took."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from tests.faults.cases import UNDER_LOAD, Case
from tests.faults.checker import Findings, all_ended, check, rows_of
from tests.faults.load import Load, loading
from tests.faults.metrics_check import sums, wrong_sums
from tests.faults.preconditions import PRELUDES
from tests.faults.testbed import Stand
from tests.faults.workload import mixed
from tests.harness.deployment import Service, wait_for

_MOMENT_SECONDS = 60.0
_END_SECONDS = 60.0  # promise 1: from the recovery on
_ACCEPT_SECONDS = 120.0
_SOME_LOAD = 5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`recovery_seconds`: from the end of the outage, or from the kill where nothing comes back, to the last task."""

    case: Case
    findings: Findings
    recovery_seconds: float


def run(stand: Stand, case: Case, *, tasks: int, outage_seconds: float) -> Outcome:
    """Leaves an API and a worker that live; the caller resets the stand."""
    broken = _prepare(stand, case)
    known, sums_before = rows_of(stand), sums(stand) if case.leaves_metrics else None
    first_url = broken.url if broken and case.at == "api" else stand.url
    with loading(first_url, mixed(tasks), other_url=stand.url) as load:
        _wait_for_moment(case, broken, load)
        stand.release_workers()
        with _struck(stand, case, broken):
            time.sleep(outage_seconds if case.is_outage else 0)
        recovered_at = time.monotonic()
        _bring_back(stand)
        load.finish(seconds=_ACCEPT_SECONDS)
        _wait_for_the_end(stand)
        recovery_seconds = time.monotonic() - recovered_at
    findings = check(stand, load, known=known)
    if sums_before is not None:
        rows = rows_of(stand).values()
        findings.others += wrong_sums(sums_before, sums(stand), rows=rows, seen=load.seen)
    return Outcome(case=case, findings=findings, recovery_seconds=recovery_seconds)


def _wait_for_the_end(stand: Stand) -> None:
    """AssertionError with what has not ended."""
    try:
        wait_for(lambda: all_ended(rows_of(stand).values()), seconds=_END_SECONDS, what="every task's end")
    except AssertionError as error:
        told = ("task_id", "status", "attempt", "worker_id", "lease_expires_at", "published_at", "available_at")
        left = [{name: str(row[name]) for name in told} for row in rows_of(stand).values() if not all_ended([row])]
        raise AssertionError(f"{error}: {left[:3]} and {len(left)} in all") from error


def _prepare(stand: Stand, case: Case) -> Service | None:
    """The process that will reach the fail-point, or that will be broken; None when it is a server."""
    stand.have_workers(1)
    api = stand.have_api()
    if prelude := PRELUDES.get(case.moment):
        prelude(stand)
        return stand.start_worker(**case.failpoint, DARKROOM_ORPHAN_SECONDS="6", DARKROOM_ORPHAN_TRASH_SECONDS="1")
    if case.at == "worker":
        stand.hold_workers()
        return stand.start_worker(**case.failpoint)
    if case.at == "api":
        return stand.start_second_api(**case.failpoint)
    return {"api": api, "worker": stand.workers[-1]}.get(case.component)


def _wait_for_moment(case: Case, broken: Service | None, load: Load) -> None:
    if case.moment == UNDER_LOAD or broken is None:
        wait_for(lambda: len(load.seen.accepted) >= _SOME_LOAD, seconds=_MOMENT_SECONDS, what="some load")
        return
    wait_for(lambda: _has_reached(case, broken), seconds=_MOMENT_SECONDS, what=f"fail-point {case.moment}")


def _has_reached(case: Case, broken: Service) -> bool:
    if case.component == "child" and case.fault == "kill":
        return _lost_children(broken) > 0
    return bool(broken.process.poll() is not None or stopped(broken))


def _lost_children(worker: Service) -> float:
    found = re.findall(
        r"^darkroom_render_children_lost_total\S* ([\d.]+)", httpx.get(f"{worker.url}/metrics").text, re.MULTILINE
    )
    return sum(map(float, found))


def stopped(service: Service) -> list[psutil.Process]:
    """Which of the service's processes a fail-point holds."""
    try:
        parent = psutil.Process(service.process.pid)
        return [each for each in (parent, *parent.children(recursive=True)) if each.status() == psutil.STATUS_STOPPED]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def _struck(stand: Stand, case: Case, broken: Service | None) -> Iterator[None]:
    """Broken inside, whole again after; a process that was killed stays dead."""
    if server := stand.servers.get(case.component):
        server.strike(case.fault)
        if broken:
            wake(broken)
        yield
        server.mend()
        return
    if broken and case.moment == UNDER_LOAD:
        broken.kill() if case.fault == "kill" else broken.process.send_signal(signal.SIGSTOP)
    yield
    if broken:
        wake(broken)


def wake(service: Service) -> None:
    for process in stopped(service):
        process.send_signal(signal.SIGCONT)


def _bring_back(stand: Stand) -> None:
    stand.have_api()
    stand.have_workers(1)
