"""Holds promise 15: no picture takes more than a child may use, and what it takes is never the worker's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.scale import check_seconds, figure
from tests.unit.imaging import corpus, files
from tests.unit.imaging.codecs.test_bad_images import gif_of_frames

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory in other units"),
]
ROOT = Path(__file__).parents[3]
KIB, MIB = 1024, 2**20
_PIPELINES = str(figure(part=1, whole=3))


def _sources() -> dict[str, bytes]:
    return {
        "most pixels": files.png_of_pixels(7000, 7000),
        "most pixels with alpha": files.png_of_pixels(7000, 7000, channels=4),
        "longest side": files.png_of_pixels(16384, 3000),
        "1 x 49,000,000": files.png_of_size(1, 49_000_000),
        "2,000 scans": files.jpeg_of_scans(2000),
        "500 frames": gif_of_frames(500, side=7000),
        "100 frames": gif_of_frames(100, side=700),
        "text": corpus.text_bomb(b"zTXt", 100),
    }


_WORKER = """
import asyncio, json, resource, sys, time
from pathlib import Path
from core.errors import DarkroomError
from core.settings import Settings
from rendering import open_renderer
from worker.runner import _render_settings

STEPS = [[{"filter": "blur", "sigma": 3}], [], [{"filter": "resize", "width": 16000, "height": 3000, "fit": "fill"}]]

async def main():
    seconds = {}
    async with open_renderer(_render_settings(Settings()), slots=1, timeout_seconds=float(sys.argv[2])) as renderer:
        for path in Path(sys.argv[1]).iterdir():
            name, source = path.name, path.read_bytes()
            for number, steps in enumerate(STEPS[: int(sys.argv[3])]):
                started, ended = time.monotonic(), "rendered"
                try:
                    await renderer.render(source, pipeline=steps, output_options={"frames": "all", "format": "webp"})
                except DarkroomError as error:
                    ended = error.code
                seconds[f"{name}, steps {number}"] = [ended, time.monotonic() - started]
    # Its own getrusage() tells of the process that started it too.
    (own,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    usage = {"parent": int(own.split()[1]), "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}
    print(json.dumps({"seconds": seconds, "kib": usage}))

asyncio.run(main())
"""


def test_the_worst_images_stay_within_memory_and_time(tmp_path: Path) -> None:
    """Holds promise 15: a child at most 1 GiB and (in `make faults`) 35 s, the parent at most 150 MiB."""
    for name, source in _sources().items():
        (tmp_path / name).write_bytes(source)
    timeout_seconds = figure(
        part=1000, whole=35
    )  # of the clock, on a busy machine; processor time is limited in any case
    command = [sys.executable, "-c", _WORKER, str(tmp_path), str(timeout_seconds), _PIPELINES]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own
    told = json.loads(ended.stdout)
    assert told["kib"]["child"] * KIB <= 1024 * MIB, told
    assert told["kib"]["parent"] * KIB <= 150 * MIB, told
    for name, (_, seconds) in told["seconds"].items():
        check_seconds(seconds, most=36, what=name)
    assert {code for code, _ in told["seconds"].values()} <= {"rendered", "image_too_large", "resource_limit"}, told
