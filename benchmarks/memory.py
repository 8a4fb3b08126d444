"""Measures the memory that a render process needs for the largest images: formats x steps.

    make bench-memory                       # everything: half an hour on an idle machine
    make bench-memory ONLY="webp gif"       # the formats whose names contain one of these words

Each render has a fresh process with the limits and the sandbox of the service. Writes benchmarks/results/memory.md.
"""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.memory_sources import SIDE, SOURCES
from core.errors import DarkroomError
from core.settings import Settings
from rendering.forkserver_client import ForkserverClient, open_forkserver
from rendering.protocol import RenderRequest
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import table
from worker.runner import _render_settings

_RESULTS = ROOT / "benchmarks" / "results"
_CHAIN = ("sharpen", "sepia", "noise", "glow", "vignette")
STEPS: Mapping[str, list[dict[str, Any]]] = {
    "nothing": [],
    "resize": [{"filter": "resize", "width": 1600}],
    "blur 2": [{"filter": "blur", "sigma": 2}],
    "sepia": [{"filter": "sepia"}],
    "rotate 90": [{"filter": "rotate", "angle": 90}],
    "median": [{"filter": "median"}],
    "flip": [{"filter": "flip"}],
    "chain of five": [{"filter": each} for each in _CHAIN],
    "quantize": [{"filter": "quantize"}],
    "cartoonify": [{"filter": "cartoonify"}],
}
type _Cells = dict[str, dict[str, str]]


async def _measure(client: ForkserverClient, source: bytes, steps: list[dict[str, Any]], *, output_format: str) -> str:
    """Return mebibytes and CPU seconds, or how the render failed."""
    process = await client.fork()
    request = RenderRequest(source_bytes=len(source), pipeline=tuple(steps), output_options={"format": output_format})
    try:
        reply = await process.ask([source], request)
        outcome = "" if reply.outcome == "rendered" else f" {reply.code or reply.outcome}"
        return f"{_peak_mebibytes(process.pid)} MiB, {_cpu_seconds(process.pid):.1f} s{outcome}"
    except DarkroomError as error:
        return error.code
    finally:
        await process.close()


def _peak_mebibytes(pid: int) -> int:
    """Return the largest address space that the process had: what its limit counts."""
    found = re.search(r"VmPeak:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _run(formats: Sequence[str], steps: Sequence[str], directory: Path) -> _Cells:
    cells: _Cells = {}
    async with open_forkserver(_render_settings(Settings())) as client:
        for name in formats:
            path = directory / name
            if not path.exists():
                path.write_bytes(SOURCES[name]())
            for step in steps:
                cell = await _measure(client, path.read_bytes(), STEPS[step], output_format="jpeg")
                sys.stderr.write(f"{name:20} {step:14} {cell}\n")
                cells.setdefault(name, {})[step] = cell
    return cells


def _page(cells: _Cells) -> Iterator[str]:
    mebibytes = Settings().render_memory_bytes // 2**20
    yield "# What the largest images need\n"
    yield f"`make bench-memory`: images of {SIDE} x {SIDE} pixels, rendered to JPEG, each in a fresh process with the"
    yield f"sandbox. The largest address space of the process, which may have {mebibytes} MiB, and its CPU time.\n"
    rows = [(name, *(cells[name].get(step, "") for step in STEPS)) for name in SOURCES if name in cells]
    yield table(("", *STEPS), rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("only", nargs="*", help="words of the formats to measure; the others keep their results")
    parser.add_argument("--steps", nargs="*", default=[*STEPS])
    parser.add_argument("--sources", type=Path, help="where the images are kept")
    options = parser.parse_args()
    formats = [
        name for name in SOURCES if not options.only or any(word.lower() in name.lower() for word in options.only)
    ]
    with TemporaryDirectory() as directory:
        measured = asyncio.run(_run(formats, options.steps, options.sources or Path(directory)))
    stored = _RESULTS / "memory.json"
    cells = json.loads(stored.read_text()) if stored.exists() else {}
    for name, row in measured.items():
        cells[name] = cells.get(name, {}) | row
    stored.write_text(json.dumps(cells, indent=1) + "\n")
    (_RESULTS / "memory.md").write_text("\n".join(_page(cells)) + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
