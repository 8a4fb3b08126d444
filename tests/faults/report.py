"""The report of `make faults`: a table of component, fault and moment, for the terminal and as a page."""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil
from rich.table import Table

from tests.faults.cases import matrix
from tests.faults.journal import code_of_the_services
from tests.faults.run_case import Outcome

_LIMIT_SECONDS = 60.0  # promise 1
_KINDS = ("lost", "doubled", "others")
_COLUMNS = ("component", "fault", "moment", "tasks", "lost", "doubled", "other", "recovery s")
_HEAD = (f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}")
_LEGEND = """Recovery: from the end of the outage (from the kill, where another process takes over) until the last task
of the load has ended, those included that were submitted after it. Other: a partial output, a wrong response, an
object or a process left behind, an unexpected error in a log.

API, worker and render process are killed and frozen at each fail-point. A server is killed where the process at the
fail-point speaks to it before the next one, or holds something of it: elsewhere it would be the same moment as the next
one (`FAULT_POINTS` in tests/faults/cases.py). The first cases cover each fault and moment of each component once."""


def is_bad(outcome: Outcome) -> bool:
    return bool(outcome.findings.problems) or outcome.recovery_seconds > _LIMIT_SECONDS


def table(outcomes: Sequence[Outcome]) -> Table:
    found = Table(*_COLUMNS, title="component x fault x moment")
    for outcome in outcomes:
        found.add_row(*_cells(outcome), style="red" if is_bad(outcome) else None)
    return found


def page(outcomes: Sequence[Outcome], arguments: argparse.Namespace) -> str:
    load = f"{arguments.tasks} mixed tasks a case, outages of {arguments.outage_seconds:g} s, settings as shipped"
    code = "code of several states" if arguments.any_code else f"code `{code_of_the_services()}` of the services"
    lines = [
        "# Faults",
        "",
        f"`make faults` on {datetime.now(UTC):%Y-%m-%d}: {load}; {code}.",
        f"Services, servers and clients on one machine of {_machine()}; {arguments.testbeds} sets of them at once.",
        "",
        _summary(outcomes),
        "",
        _LEGEND,
        "",
        *_HEAD,
        *(f"| {' | '.join(_cells(outcome))} |" for outcome in outcomes),
    ]
    return "\n".join([*lines, ""])


def _cells(outcome: Outcome) -> tuple[str, ...]:
    case, found = outcome.case, outcome.findings
    moment = f"{case.at}: {case.moment.replace('_', ' ')}" if case.at else case.moment
    counts = (found.tasks, len(found.lost), len(found.doubled), len(found.others))
    fault = case.fault.replace("_", " ")
    return (case.component, fault, moment, *map(str, counts), f"{outcome.recovery_seconds:.1f}")


def _summary(outcomes: Sequence[Outcome]) -> str:
    lost, doubled, others = (sum(len(getattr(each.findings, name)) for each in outcomes) for name in _KINDS)
    tasks = sum(each.findings.tasks for each in outcomes)
    worst = max((each.recovery_seconds for each in outcomes), default=0)
    found = f"{lost} lost, {doubled} doubled, {others} other"
    return f"{len(outcomes)} of {len(matrix())} cases, {tasks} tasks: {found}; slowest recovery {worst:.1f} s."


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"
