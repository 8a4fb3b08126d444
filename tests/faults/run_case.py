"""Runs one case: a load, a fault, the recovery, and the checks."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from tests.faults.cases import UNDER_LOAD, Case
from tests.faults.harness.checker import all_ended, check
from tests.faults.harness.findings import Findings, rows_of
from tests.faults.harness.load import Load, loading
from tests.faults.harness.metrics_check import check_totals, read_totals
from tests.faults.harness.preconditions import PRECONDITIONS
from tests.faults.harness.testbed import Testbed
from tests.faults.harness.workload import mixed
from tests.harness.deployment import Service, wait_for
from tests.harness.http import NO_TLS
from tests.harness.scale import figure

_MOMENT_SECONDS = 300.0
_END_SECONDS = figure(part=300, whole=60)  # promise 1: from the recovery on
_ACCEPT_SECONDS = 300.0
_SOME_LOAD = 5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`recovery_seconds`: from the end of the outage, or from the kill where nothing comes back, to the last task."""

    case: Case
    findings: Findings
    recovery_seconds: float


def run(testbed: Testbed, case: Case, *, tasks: int, outage_seconds: float) -> Outcome:
    """Leaves a running API and worker; the caller resets the testbed."""
    broken = _prepare(testbed, case)
    known, totals_before = rows_of(testbed), read_totals(testbed) if case.leaves_metrics else None
    first_url = broken.url if broken and case.at == "api" else testbed.url
    with loading(first_url, mixed(tasks), other_url=testbed.url) as load:
        _wait_for_moment(case, broken, load)
        testbed.release_workers()
        with _fault_injected(testbed, case, broken):
            time.sleep(outage_seconds if case.is_outage else 0)
        recovered_at = time.monotonic()
        _bring_back(testbed)
        load.finish(seconds=_ACCEPT_SECONDS)
        _wait_for_the_end(testbed)
        recovery_seconds = time.monotonic() - recovered_at
    findings = check(testbed, load, known=known)
    if totals_before is not None:
        rows = rows_of(testbed).values()
        findings.others += check_totals(totals_before, read_totals(testbed), rows=rows, seen=load.seen)
    return Outcome(case=case, findings=findings, recovery_seconds=recovery_seconds)


def _wait_for_the_end(testbed: Testbed) -> None:
    """Raises AssertionError with the tasks that have not ended."""
    try:
        wait_for(lambda: all_ended(rows_of(testbed).values()), seconds=_END_SECONDS, what="every task's end")
    except AssertionError as error:
        columns = ("task_id", "status", "attempt", "worker_id", "lease_expires_at", "published_at", "available_at")
        left = [{name: str(row[name]) for name in columns} for row in rows_of(testbed).values() if not all_ended([row])]
        raise AssertionError(f"{error}: {left[:3]} and {len(left)} in all") from error


def _prepare(testbed: Testbed, case: Case) -> Service | None:
    """Return the process that will reach the fail-point or be broken; None when a server is."""
    testbed.ensure_workers(1)
    api = testbed.ensure_api()
    if prepare := PRECONDITIONS.get(case.moment):
        prepare(testbed)
        return testbed.start_worker(**case.failpoint, DARKROOM_ORPHAN_SECONDS="6", DARKROOM_ORPHAN_TRASH_SECONDS="1")
    if case.at == "worker":
        testbed.hold_workers()
        return testbed.start_worker(**case.failpoint)
    if case.at == "api":
        return testbed.start_second_api(**case.failpoint)
    return {"api": api, "worker": testbed.workers[-1]}.get(case.component)


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
        r"^darkroom_render_children_lost_total\S* ([\d.]+)",
        httpx.get(f"{worker.url}/metrics", verify=NO_TLS).text,
        re.MULTILINE,
    )
    return sum(map(float, found))


def stopped(service: Service) -> list[psutil.Process]:
    """Return the service's processes that a fail-point has stopped."""
    try:
        parent = psutil.Process(service.process.pid)
        return [each for each in (parent, *parent.children(recursive=True)) if each.status() == psutil.STATUS_STOPPED]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def _fault_injected(testbed: Testbed, case: Case, broken: Service | None) -> Iterator[None]:
    """Inject the fault, and undo it on leaving; a killed process stays dead."""
    if server := testbed.servers.get(case.component):
        server.inject(case.fault)
        if broken:
            wake(broken)
        yield
        server.recover()
        return
    if broken and case.moment == UNDER_LOAD:
        broken.kill() if case.fault == "kill" else broken.process.send_signal(signal.SIGSTOP)
    yield
    if broken:
        wake(broken)


def wake(service: Service) -> None:
    for process in stopped(service):
        process.send_signal(signal.SIGCONT)


def _bring_back(testbed: Testbed) -> None:
    testbed.ensure_api()
    testbed.ensure_workers(1)
