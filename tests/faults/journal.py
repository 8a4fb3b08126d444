"""Outcomes as lines of JSON: an interrupted `make faults` continues from here."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.faults.cases import Case
from tests.faults.harness.findings import Findings
from tests.faults.run_case import Outcome
from tests.harness.deployment import ROOT

_SERVICES = ("api", "broker", "core", "imaging", "migrations", "rendering", "storage", "worker")


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Outcomes are comparable under equal conditions. `code`: `code_of_the_services()`, or empty for any."""

    tasks: int
    outage_seconds: float
    code: str

    def hold(self, entry: dict[str, Any]) -> bool:
        same = all(entry[name] == getattr(self, name) for name in ("tasks", "outage_seconds"))
        return same and self.code in {"", entry["code"]}


def code_of_the_services() -> str:
    """Return twelve digits that change only with the code of the services."""
    paths = [path for package in _SERVICES for path in sorted((ROOT / package).rglob("*.py"))]
    digests = [
        f"{path.relative_to(ROOT)} {sha256(path.read_bytes()).hexdigest()}" for path in (*paths, ROOT / "uv.lock")
    ]
    return sha256("\n".join(digests).encode()).hexdigest()[:12]


class Journal:
    def __init__(self, path: Path, conditions: Conditions) -> None:
        self._path = path
        self._conditions = conditions

    def add(self, outcome: Outcome) -> None:
        entry = {**asdict(outcome), **asdict(self._conditions), "code": code_of_the_services()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def outcomes(self, cases: Sequence[Case]) -> list[Outcome]:
        """Return the last outcome of each case that has one, in the order of `cases`."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        entries = [entry for entry in map(json.loads, lines) if self._conditions.hold(entry)]
        found = {outcome.case: outcome for outcome in map(_outcome, entries)}
        return [found[case] for case in cases if case in found]


def _outcome(entry: dict[str, Any]) -> Outcome:
    values = {**entry, "case": Case(**entry["case"]), "findings": Findings(**entry["findings"])}
    return Outcome(**{name: values[name] for name in Outcome.__dataclass_fields__})
