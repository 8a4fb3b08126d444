"""Compares the service with thumbor and ipx, on what all three can do.

They render from a local file while the client waits, and keep nothing; ours fetches the image from S3, renders it in
a sandbox, stores the output, records it and signs a link. Each peer is installed in its own environment, if possible.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import httpx

from benchmarks.service.deployments import MeasuredService
from tests.harness.client import Json
from tests.harness.deployment import ROOT, wait_for
from tests.harness.managed_servers import spawn
from tests.harness.ports import free_port

_FILES = Path(__file__).parent / "peers_setup"
_INSTALLED = ROOT / ".peers"
_ROUNDS = 3
_TASKS = 12  # a round
_CLIENTS = 4
_QUALITY = 85
# In the words of Darkroom, thumbor and ipx.
_OPERATIONS: dict[str, tuple[Json, str, str]] = {
    "resize to 800": ({"filter": "resize", "width": 800}, "800x0", "w_800"),
    "grayscale": ({"filter": "grayscale"}, "filters:grayscale()", "grayscale"),
    "blur 2": ({"filter": "blur", "sigma": 2}, "filters:blur(2)", "blur_2"),
}
_DIFFERENCES = f"""
JPEG q{_QUALITY}. thumbor 7.8 has a process for each core; ipx 3.1 has one, and its JPEGs are always progressive, so
compare it with ours that are. Both render from a local file while the client waits, and keep nothing. Our clients
submit a stored image and wait for the link: it is fetched, rendered in a sandbox, stored, recorded and signed."""
type Call = Callable[[], object]


def compare(service: MeasuredService, source: Path) -> Iterator[str]:
    """Yield paragraphs of Markdown."""
    with httpx.Client(timeout=60) as http, open_peers(source) as served:
        calls = _calls(service, source, served, http)
        rounds = [{key: _rate(call) for key, call in calls.items()} for _ in range(_ROUNDS)]
    yield "\n## Compared with thumbor and ipx\n"
    yield f"Tasks/s with {_CLIENTS} clients, medians of {_ROUNDS} rounds of {_TASKS}.\n"
    yield from _table({key: statistics.median(each[key] for each in rounds) for key in calls})
    yield _DIFFERENCES


@contextmanager
def open_peers(source: Path, *, loader: Literal["file", "http"] = "file") -> Iterator[dict[str, str]]:
    """Start the peers that can be installed. Yield their URLs by name.

    They load the files of the directory of `source`, or by `http` whatever URL of this machine a request names.
    """
    with ExitStack() as stack:
        served = {"thumbor": _thumbor(source, stack, loader), "ipx": _ipx(source, stack)}
        yield {name: url for name, url in served.items() if url}


def _calls(
    service: MeasuredService, source: Path, served: Mapping[str, str], http: httpx.Client
) -> dict[tuple[str, str], Call]:
    image = service.client.http.post("/v1/images", files={"image": source.read_bytes()}).json()["image_id"]
    calls: dict[tuple[str, str], Call] = {}
    for name, (step, thumbor, ipx) in _OPERATIONS.items():
        for ours, progressive in (("ours", False), ("ours, progressive", True)):
            output = {"format": "jpeg", "quality": _QUALITY, "progressive": progressive}
            body = json.dumps({"image_id": image, "pipeline": [step], "output": output}).encode()
            calls[name, ours] = partial(service.run_task, body, "application/json")
        paths = {
            "thumbor": f"/unsafe/{thumbor}/{source.name}",
            "ipx": f"/{ipx},f_jpeg,q_{_QUALITY}/{source.name}",
        }
        for peer, url in served.items():
            calls[name, peer] = partial(_fetch, http, url + paths[peer])
    return calls


def _fetch(http: httpx.Client, url: str) -> bytes:
    return http.get(url).raise_for_status().content


def _rate(call: Call) -> float:
    call()
    started = time.monotonic()
    with ThreadPoolExecutor(_CLIENTS) as threads:
        list(threads.map(lambda _: call(), range(_TASKS)))
    return _TASKS / (time.monotonic() - started)


def _table(rates: Mapping[tuple[str, str], float]) -> Iterator[str]:
    names = list(dict.fromkeys(name for _, name in rates))
    yield f"| | {' | '.join(names)} |\n|---|{'---:|' * len(names)}"
    for operation in _OPERATIONS:
        yield f"| {operation} | {' | '.join(f'{rates[operation, name]:.1f}' for name in names)} |"


def _thumbor(source: Path, stack: ExitStack, loader: str) -> str | None:
    """Start thumbor in its own environment: it requires another Pillow."""
    environment = _INSTALLED / "thumbor"
    python = environment / "bin" / "python"
    install: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", environment],
        [python, "-m", "pip", "install", "--quiet", "--requirement", _FILES / "requirements.txt"],
    ]
    if not _install(environment / "bin" / "thumbor", install):
        return None
    port = free_port()
    conf = source.with_name("thumbor.conf")
    own = {"LOADER": f"thumbor.loaders.{loader}_loader", "FILE_LOADER_ROOT_PATH": str(source.parent)}
    lines = [f"{name} = {value!r}\n" for name, value in own.items()]
    conf.write_text("".join([(_FILES / "thumbor.conf").read_text(), *lines]))
    command = [str(environment / "bin" / "thumbor"), f"--port={port}", "--ip=127.0.0.1", f"--conf={conf}"]
    spawn(stack, [*command, f"--processes={os.cpu_count()}"], log=source.with_name("thumbor.log"))
    return _wait_until_answering(f"http://127.0.0.1:{port}", path="/healthcheck")


def _ipx(source: Path, stack: ExitStack) -> str | None:
    directory, program = _INSTALLED / "ipx", _INSTALLED / "ipx" / "node_modules" / ".bin" / "ipx"
    install: list[list[str | Path]] = [["npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", directory]]
    if shutil.which("npm") is None:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_FILES / name, directory)
    if not _install(program, install):
        return None
    port = free_port()
    command = [str(program), "serve", "--dir", str(source.parent), "--domains", "127.0.0.1"]
    spawn(stack, command, log=source.with_name("ipx.log"), environment={"PORT": str(port), "HOST": "127.0.0.1"})
    return _wait_until_answering(f"http://127.0.0.1:{port}", path="/w_16/none.jpg")


def _install(program: Path, commands: list[list[str | Path]]) -> bool:
    """Install the program unless it is there; return whether it is."""
    return program.exists() or all(subprocess.run(command, check=False).returncode == 0 for command in commands)  # noqa: S603 - fixed words


def _wait_until_answering(url: str, *, path: str) -> str:
    def answers() -> bool:
        try:
            return not httpx.get(url + path).is_server_error
        except httpx.TransportError:
            return False

    wait_for(answers, seconds=30, what=f"{url} answering")
    return url
