"""Runs cases on several testbeds at once, each in its own process: one works while another waits for an outage."""

import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from tests.faults import run_case
from tests.faults.cases import Case
from tests.faults.harness.findings import Findings
from tests.faults.harness.testbed import Testbed, open_testbed
from tests.faults.run_case import Outcome

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_POLL_SECONDS = 1.0


class _Unfinished(Exception):
    """A case that did not finish may have left any state: the next one gets a new testbed."""


def run_cases(cases: Sequence[Case], *, testbeds: int, tasks: int, outage_seconds: float) -> Iterator[Outcome]:
    """Yield outcomes as they end. Raises RuntimeError when a testbed could not be opened or closed cleanly."""
    context = multiprocessing.get_context("spawn")
    waiting, ended = context.Queue(), context.Queue()
    for case in (*cases, *[None] * testbeds):
        waiting.put(case)
    arguments = (waiting, ended, tasks, outage_seconds)
    processes = [context.Process(target=_work, args=arguments) for _ in range(testbeds)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes) or not ended.empty():
        with suppress(Empty):
            yield ended.get(timeout=_POLL_SECONDS)
    if any(process.exitcode for process in processes):
        raise RuntimeError("a testbed broke: see above")


def _work(waiting: "Queue[Case | None]", ended: "Queue[Outcome]", tasks: int, outage_seconds: float) -> None:
    cases = iter(waiting.get, None)
    for first in cases:
        with suppress(_Unfinished), _new_testbed() as testbed:
            for case in chain([first], cases):
                _run_case(testbed, case, ended, tasks=tasks, outage_seconds=outage_seconds)


def _run_case(testbed: Testbed, case: Case, ended: "Queue[Outcome]", *, tasks: int, outage_seconds: float) -> None:
    """Raises _Unfinished after reporting the case as lost: the other cases are still of interest."""
    try:
        outcome = run_case.run(testbed, case, tasks=tasks, outage_seconds=outage_seconds)
        testbed.restore()
    except Exception as error:
        findings = Findings(lost=[f"{type(error).__name__}: {error}"])
        ended.put(Outcome(case=case, findings=findings, recovery_seconds=float("inf")))
        raise _Unfinished from error
    ended.put(outcome)


@contextmanager
def _new_testbed() -> Iterator[Testbed]:
    """Open a testbed with default settings."""
    with tempfile.TemporaryDirectory(prefix="darkroom-faults-") as directory, open_testbed(Path(directory)) as testbed:
        yield testbed
