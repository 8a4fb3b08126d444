"""`make faults`: the whole matrix under the load T, as one table: here and in benchmarks/results/faults.md.

What an earlier run of the same code has shown is taken from its journal, so that hours may be taken in parts.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.faults import report
from tests.faults.cases import Case, matrix
from tests.faults.journal import Conditions, Journal, code_of_the_services
from tests.faults.parallel import drilled
from tests.harness.deployment import ROOT

_TASKS = 200
_OUTAGE_SECONDS = 10.0
_RESULTS = ROOT / "benchmarks" / "results" / "faults.md"
_JOURNAL = ROOT / ".faults" / "outcomes.jsonl"


def main() -> int:
    """Returns 0 when nothing was lost, doubled or wrong, and everything ended in time."""
    arguments = _parser().parse_args()
    cases = [case for case in matrix() if arguments.only in str(case)]
    code = "" if arguments.any_code else code_of_the_services()
    journal = Journal(
        arguments.journal, Conditions(tasks=arguments.tasks, outage_seconds=arguments.outage_seconds, code=code)
    )
    console = Console()
    _run(cases if arguments.afresh else _open(cases, journal), journal, arguments, console)
    outcomes = journal.outcomes(cases)
    console.print(report.table(outcomes))
    for outcome in outcomes:
        for problem in outcome.findings.problems:
            console.print(f"[red]{outcome.case}[/red]: {problem}", soft_wrap=True)
    return int(len(outcomes) < len(cases) or any(map(report.is_bad, outcomes)))


def _open(cases: list[Case], journal: Journal) -> list[Case]:
    """First those that were not tried yet, then those that did not end well."""
    tried = journal.outcomes(cases)
    return [case for case in cases if case not in {each.case for each in tried}] + [
        outcome.case for outcome in tried if report.is_bad(outcome)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--tasks", type=int, default=_TASKS, help="mixed tasks a case")
    parser.add_argument("--outage-seconds", type=float, default=_OUTAGE_SECONDS)
    parser.add_argument("--only", default="", help="cases whose name contains this, such as rabbitmq-wipe")
    parser.add_argument("--stands", type=int, default=2, help="sets of servers at once; each wants a core")
    parser.add_argument("--afresh", action="store_true", help="once more, also what the journal knows")
    parser.add_argument("--any-code", action="store_true", help="go on with the journal though the services changed")
    parser.add_argument("--journal", type=Path, default=_JOURNAL, help="a line of JSON for each case that has ended")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the table is written")
    return parser


def _run(cases: list[Case], journal: Journal, arguments: argparse.Namespace, console: Console) -> None:
    """After each case the table is written, so that what was shown stays shown."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    stands = min(arguments.stands, len(cases))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("starting the servers", total=len(cases))
        for outcome in drilled(cases, stands=stands, tasks=arguments.tasks, outage_seconds=arguments.outage_seconds):
            journal.add(outcome)
            arguments.results.parent.mkdir(parents=True, exist_ok=True)
            arguments.results.write_text(report.page(journal.outcomes(matrix()), arguments))
            progress.update(bar, description=f"ended: {outcome.case}", advance=1)


if __name__ == "__main__":
    raise SystemExit(main())
