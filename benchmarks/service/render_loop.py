"""The bare render loop: processes that hold the image in memory and render it as often as they are asked."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from benchmarks.processes import cpu_seconds
from imaging import Limits, parse_output_options, parse_pipeline, render
from rendering.forkserver_client import child_environment
from tests.harness.client import Json
from tests.harness.deployment import ROOT


class RenderLoop:
    """Processes with the memory settings of render processes."""

    def __init__(
        self, source: Path, pipeline: Sequence[Json], output: Json, *, processes: int, stack: ExitStack
    ) -> None:
        arguments = [str(source), json.dumps(pipeline), json.dumps(output)]
        self._processes = [stack.enter_context(_start(arguments)) for _ in range(processes)]
        self.render(2 * processes)

    def render(self, count: int) -> None:
        for process in self._processes:
            assert process.stdin  # noqa: S101 - a pipe was asked for
            process.stdin.write(f"{count // len(self._processes)}\n")
            process.stdin.flush()
        for process in self._processes:
            assert process.stdout  # noqa: S101 - as above
            process.stdout.readline()

    def cpu_seconds(self) -> dict[str, float]:
        return cpu_seconds({"render processes": lambda: [psutil.Process(each.pid) for each in self._processes]})


@contextmanager
def _start(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.service.render_loop", *arguments]
    environment = child_environment(os.environ)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment) as process:  # noqa: S603 - ours
        assert process.stdout  # noqa: S101 - as above
        process.stdout.readline()
        yield process


def main() -> None:
    source, pipeline = Path(sys.argv[1]).read_bytes(), parse_pipeline(json.loads(sys.argv[2]))
    output = parse_output_options(json.loads(sys.argv[3]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        for _ in range(int(line)):
            render(source, pipeline, output, limits=Limits())
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
