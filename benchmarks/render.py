"""Measures Darkroom against other engines on the same cores in one run, and writes benchmarks/results/render.md.

    make bench-render ROUNDS=5 SECONDS=2

Every engine has a process a core. They take turns within each round, so that whatever else the machine does falls on
all of them alike.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import render_report
from benchmarks.engines.darkroom import parts_path
from benchmarks.engines.rows import Row, rows
from benchmarks.machine import commit, machine
from benchmarks.sources import psnr, sources
from rendering.forkserver_client import child_environment
from tests.harness.deployment import ROOT

RESULTS = Path(__file__).parent / "results"
_CORES = os.cpu_count() or 1
_PYTHON = (sys.executable, "-m")
_COMMANDS: dict[str, Sequence[str]] = {
    "darkroom": (*_PYTHON, "benchmarks.engines.darkroom"),
    "sharp": ("node", "benchmarks/node/sharp.mjs"),
    "vips": (*_PYTHON, "benchmarks.engines.vips"),
    "naive": (*_PYTHON, "benchmarks.engines.naive"),
}


@dataclass(slots=True)
class Measured:
    """Of one engine on one row; a rate and a cost for each round."""

    output_bytes: int = 0
    psnr: float = 0
    peak_mib: float = 0
    parts: dict[str, float] = field(default_factory=dict)  # Darkroom's alone
    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


class EngineProcesses:
    """Processes of one engine, one per core, that render one row."""

    def __init__(self, engine: str, row: Row, source: Path, output: Path, *, stack: ExitStack) -> None:
        command = [*_COMMANDS[engine], row.key, str(source), str(output)]
        environment = child_environment(os.environ) if engine == "darkroom" else dict(os.environ)
        self._processes = [stack.enter_context(_start(command, environment)) for _ in range(_CORES)]
        self._read_lines()

    def measure(self, seconds: float, measured: Measured) -> None:
        for process in self._processes:
            assert process.stdin  # noqa: S101 - a pipe was asked for
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
        answers = [tuple(map(float, line.split())) for line in self._read_lines()]
        measured.per_second.append(sum(finished / elapsed for finished, elapsed, _ in answers))
        measured.cpu_ms.append(1000 * sum(cpu for *_, cpu in answers) / sum(finished for finished, *_ in answers))

    def peak_mib(self) -> float:
        """Return the peak of the largest process."""
        return max(_peak_kib(process.pid) for process in self._processes) / 1024

    def _read_lines(self) -> list[str]:
        lines = [process.stdout.readline() for process in self._processes if process.stdout]
        if not all(lines):
            raise SystemExit(f"{self._processes[0].args!r} has died.")
        return lines


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment)  # noqa: S603 - ours


def _peak_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def _measure(row: Row, source: Path, directory: Path, *, rounds: int, seconds: float) -> dict[str, Measured]:
    results = {engine: Measured() for engine in _COMMANDS}
    with ExitStack() as stack:
        outputs = {engine: directory / engine for engine in _COMMANDS}
        engines = {
            engine: EngineProcesses(engine, row, source, output, stack=stack) for engine, output in outputs.items()
        }
        for _ in range(rounds):
            for engine, processes in engines.items():
                processes.measure(seconds, results[engine])
        for engine, measured in results.items():
            measured.peak_mib = engines[engine].peak_mib()
            measured.output_bytes = outputs[engine].stat().st_size
            measured.psnr = psnr(outputs[engine], outputs["naive"])
    results["darkroom"].parts = json.loads(parts_path(outputs["darkroom"]).read_text())
    return results


def _figures(measured: Measured) -> dict[str, float]:
    return {
        "per_second": statistics.median(measured.per_second),
        "cpu_ms": statistics.median(measured.cpu_ms),
        "peak_mib": measured.peak_mib,
        "output_bytes": measured.output_bytes,
        "psnr": measured.psnr,
        **measured.parts,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", default="", help="rows whose name holds this; nothing is written then")
    arguments = parser.parse_args()
    results = {}
    with TemporaryDirectory() as temporary:
        directory = Path(temporary)
        files = sources(directory)
        for row in (each for each in rows() if arguments.only in each.key):
            measured = _measure(row, files[row.source], directory, rounds=arguments.rounds, seconds=arguments.seconds)
            results[row.key] = {engine: _figures(each) for engine, each in measured.items()}
            sys.stderr.write(render_report.line(row.key, results[row.key]) + "\n")
    if not arguments.only:
        result = {
            "machine": machine(),
            "commit": commit(),
            "rounds": arguments.rounds,
            "seconds": arguments.seconds,
            "rows": results,
        }
        (RESULTS / "render.json").write_text(json.dumps(result, indent=1) + "\n")
        (RESULTS / "render.md").write_text(render_report.as_markdown(result))


if __name__ == "__main__":
    main()
