"""Several stands at once, each in a process of its own: while one waits for an outage to end, another works."""

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
from tests.faults.checker import Findings
from tests.faults.run_case import Outcome
from tests.faults.testbed import Stand, open_stand

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_LOOK_SECONDS = 1.0


class _NoEnd(Exception):
    """A case that did not come to its end may have left anything: the next one gets a stand of its own."""


def drilled(cases: Sequence[Case], *, stands: int, tasks: int, outage_seconds: float) -> Iterator[Outcome]:
    """In the order in which they end. RuntimeError when a stand could not be opened, or not be left as it should be."""
    context = multiprocessing.get_context("spawn")
    waiting, ended = context.Queue(), context.Queue()
    for case in (*cases, *[None] * stands):
        waiting.put(case)
    arguments = (waiting, ended, tasks, outage_seconds)
    crew = [context.Process(target=_work, args=arguments) for _ in range(stands)]
    for process in crew:
        process.start()
    while any(process.is_alive() for process in crew) or not ended.empty():
        with suppress(Empty):
            yield ended.get(timeout=_LOOK_SECONDS)
    if any(process.exitcode for process in crew):
        raise RuntimeError("a stand broke: see above")


def _work(waiting: "Queue[Case | None]", ended: "Queue[Outcome]", tasks: int, outage_seconds: float) -> None:
    cases = iter(waiting.get, None)
    for first in cases:
        with suppress(_NoEnd), _a_stand() as stand:
            for case in chain([first], cases):
                _drill(stand, case, ended, tasks=tasks, outage_seconds=outage_seconds)


def _drill(stand: Stand, case: Case, ended: "Queue[Outcome]", *, tasks: int, outage_seconds: float) -> None:
    """Raises _NoEnd, once that was told: it is the worst finding, and the other cases are still of interest."""
    try:
        outcome = run_case.run(stand, case, tasks=tasks, outage_seconds=outage_seconds)
        stand.renew()
    except Exception as error:
        findings = Findings(lost=[f"{type(error).__name__}: {error}"])
        ended.put(Outcome(case=case, findings=findings, recovery_seconds=float("inf")))
        raise _NoEnd from error
    ended.put(outcome)


@contextmanager
def _a_stand() -> Iterator[Stand]:
    """With the settings as shipped."""
    with tempfile.TemporaryDirectory(prefix="darkroom-faults-") as directory, open_stand(Path(directory)) as stand:
        yield stand
