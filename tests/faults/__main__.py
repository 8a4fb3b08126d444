"""`make faults`: runs the whole matrix and writes a table, here and in benchmarks/results/faults.md.

Outcomes of earlier runs of the same code are read from a journal, so that an interrupted run can be continued.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.faults import report
from tests.faults.cases import Case, matrix
from tests.faults.journal import Conditions, Journal, code_of_the_services
from tests.faults.parallel import run_cases
from tests.harness.deployment import ROOT

_TASKS = 200
_OUTAGE_SECONDS = 10.0
_RESULTS = ROOT / "benchmarks" / "results" / "faults.md"
_JOURNAL = ROOT / ".faults" / "outcomes.jsonl"


def main() -> int:
    """Return 0 when nothing was lost, doubled or wrong, and everything ended in time."""
    arguments = _parser().parse_args()
    cases = [case for case in matrix() if arguments.only in str(case)]
    code = "" if arguments.any_code else code_of_the_services()
    journal = Journal(
        arguments.journal, Conditions(tasks=arguments.tasks, outage_seconds=arguments.outage_seconds, code=code)
    )
    console = Console()
    _run(cases if arguments.afresh else _remaining(cases, journal), journal, arguments, console)
    outcomes = journal.outcomes(cases)
    console.print(report.table(outcomes))
    for outcome in outcomes:
        for problem in outcome.findings.problems:
            console.print(f"[red]{outcome.case}[/red]: {problem}", soft_wrap=True)
    return int(len(outcomes) < len(cases) or any(map(report.is_bad, outcomes)))


def _remaining(cases: list[Case], journal: Journal) -> list[Case]:
    """Return the cases without an outcome, then those with a bad one."""
    tried = journal.outcomes(cases)
    return [case for case in cases if case not in {each.case for each in tried}] + [
        outcome.case for outcome in tried if report.is_bad(outcome)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--tasks", type=int, default=_TASKS, help="mixed tasks per case")
    parser.add_argument("--outage-seconds", type=float, default=_OUTAGE_SECONDS)
    parser.add_argument("--only", default="", help="cases whose name contains this, such as rabbitmq-wipe")
    parser.add_argument("--testbeds", type=int, default=2, help="sets of servers at once; each wants a core")
    parser.add_argument("--afresh", action="store_true", help="run all cases again")
    parser.add_argument("--any-code", action="store_true", help="continue the journal although the services changed")
    parser.add_argument("--journal", type=Path, default=_JOURNAL, help="a line of JSON for each case that has ended")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the table is written")
    return parser


def _run(cases: list[Case], journal: Journal, arguments: argparse.Namespace, console: Console) -> None:
    """Run cases, and write the table after each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    testbeds = min(arguments.testbeds, len(cases))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("starting the servers", total=len(cases))
        for outcome in run_cases(
            cases, testbeds=testbeds, tasks=arguments.tasks, outage_seconds=arguments.outage_seconds
        ):
            journal.add(outcome)
            arguments.results.parent.mkdir(parents=True, exist_ok=True)
            arguments.results.write_text(report.page(journal.outcomes(matrix()), arguments))
            progress.update(bar, description=f"ended: {outcome.case}", advance=1)


if __name__ == "__main__":
    raise SystemExit(main())
