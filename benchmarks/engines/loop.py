"""Protocol of an engine: `python -m benchmarks.engines.naive ROW SOURCE OUTPUT`, then seconds on stdin.

The first render is written to OUTPUT and answered with "ready"; each line of seconds is answered with the renders that
were finished, and the seconds and the CPU seconds that they took.
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Render = Callable[[bytes], bytes]


def serve(renders: Mapping[str, Render]) -> None:
    row, source, output = sys.argv[1:]
    render, data = renders[row], Path(source).read_bytes()
    Path(output).write_bytes(render(data))
    _print_line("ready")
    for line in sys.stdin:
        _print_line(_repeat(render, data, seconds=float(line)))


def _repeat(render: Render, data: bytes, *, seconds: float) -> str:
    started, started_cpu = time.perf_counter(), time.process_time()
    finished = 0
    while (elapsed := time.perf_counter() - started) < seconds:
        render(data)
        finished += 1
    return f"{finished} {elapsed} {time.process_time() - started_cpu}"


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
