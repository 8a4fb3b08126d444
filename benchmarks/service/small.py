"""Small and middle images, where what surrounds the render counts most: rates, latency, CPU and calls of one task.

Rounds alternate between the services and the peers, so that other load of the machine affects all of them alike.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import repeat
from pathlib import Path
from threading import local
from urllib.parse import urlsplit

import httpx

from benchmarks.pictures import photograph
from benchmarks.service.deployments import MeasuredService
from benchmarks.service.peers import open_peers
from tests.harness.client import Json

HEADING = "## Small and middle images"
_CLIENTS = 4
_ROUNDS = 3
_TASKS = 60  # a round
_IDLE_TASKS = 40
_CALLS = {"database/write": "transactions", "database/read": "single SELECTs", "session_store": "Redis calls"}
_WIDTH = 320


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One image with one step, in the words of Darkroom, thumbor and ipx. `bar`: tasks per second when embedded."""

    name: str
    width: int
    height: int
    step: Json
    thumbor: str
    ipx: str
    bar: int
    is_stored: bool = True

    @property
    def file_name(self) -> str:
        return f"{self.width}x{self.height}.jpg"


_TO_WIDTH: Json = {"step": {"filter": "resize", "width": _WIDTH}, "thumbor": f"{_WIDTH}x0", "ipx": f"w_{_WIDTH}"}
_GRAYSCALE: Json = {"step": {"filter": "grayscale"}, "thumbor": "filters:grayscale()", "ipx": "grayscale"}
CASES = (
    Case(name="320 x 240, grayscale, uploaded", width=320, height=240, is_stored=False, bar=120, **_GRAYSCALE),
    Case(name="1600 x 1200, stored, to 320", width=1600, height=1200, bar=90, **_TO_WIDTH),
    Case(name="12 MP, stored, to 320", width=4000, height=3000, bar=40, **_TO_WIDTH),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one case on one server. CPU in milliseconds and calls are of one task; both are empty for peers."""

    rate: float
    p50: float
    p95: float
    cpu: Mapping[str, float]
    calls: Mapping[str, float]


class Requester:
    """Sends the same request, or one after the other, each thread on a connection of its own."""

    def __init__(
        self, url: str, path: str | Callable[[], str], *, method: str = "GET", body: bytes = b"", **headers: str
    ) -> None:
        self._address = urlsplit(url).netloc
        self._path = path
        self._method, self._rest = method, (body or None, headers)
        self._of_thread = local()

    def __call__(self) -> bytes:
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = HTTPConnection(self._address, timeout=90)
        path = self._path if isinstance(self._path, str) else self._path()
        self._of_thread.connection.request(self._method, path, *self._rest)
        answer = self._of_thread.connection.getresponse()
        content: bytes = answer.read()
        assert answer.status == httpx.codes.OK, content  # noqa: S101 - a measurement of failures is none
        return content

    def reconnect(self) -> None:
        """Forget the connections: a server closes those that were idle for a while."""
        self._of_thread = local()


def measure(services: Sequence[MeasuredService], directory: Path) -> Iterator[str]:
    """Yield paragraphs of Markdown. `directory` is where the images are written for the peers."""
    for case in CASES:
        picture = photograph(case.name, width=case.width, height=case.height)
        (directory / case.file_name).write_bytes(picture.data)
    with open_peers(directory / CASES[0].file_name) as served:
        found = {case: _measure_case(case, services, served, directory) for case in CASES}
    yield f"\n{HEADING}\n\nJPEG, {_CLIENTS} clients with `Prefer: wait`, medians of {_ROUNDS} rounds of {_TASKS} tasks;"
    yield f"latency with one client, {_IDLE_TASKS} tasks. The peers read a local file and keep nothing.\n"
    yield from _rates(found)
    yield from _costs(found)


def _measure_case(
    case: Case, services: Sequence[MeasuredService], served: Mapping[str, str], directory: Path
) -> dict[str, Figures]:
    calls = {service.name: _submission(case, service, directory) for service in services}
    paths = {"thumbor": f"/unsafe/{case.thumbor}", "ipx": f"/{case.ipx},f_jpeg,q_85"}
    calls |= {peer: Requester(url, f"{paths[peer]}/{case.file_name}") for peer, url in served.items()}
    for call in calls.values():
        call()
    by_name = {service.name: service for service in services}
    rounds = [{name: _round(by_name.get(name), call) for name, call in calls.items()} for _ in range(_ROUNDS)]
    return {name: _figures([each[name] for each in rounds], _latencies(call)) for name, call in calls.items()}


def _submission(case: Case, service: MeasuredService, directory: Path) -> Requester:
    data = (directory / case.file_name).read_bytes()
    output = {"format": "jpeg", "quality": 85}
    if case.is_stored:
        image_id = service.client.http.post("/v1/images", files={"image": data}).json()["image_id"]
        body = json.dumps({"image_id": image_id, "pipeline": [case.step], "output": output}).encode()
        media_type = "application/json"
    else:
        fields = {"pipeline": json.dumps([case.step]), "output": json.dumps(output)}
        form = httpx.Request("POST", "http://x", data=fields, files={"image": ("image.jpg", data)})
        body, media_type = form.read(), form.headers["Content-Type"]
    token = service.client.http.headers["Authorization"]
    headers = {"Content-Type": media_type, "Prefer": "wait=60", "Authorization": token}
    return Requester(service.url, "/v1/tasks", method="POST", body=body, **headers)


def _round(service: MeasuredService | None, call: Requester) -> Figures:
    before, counted = _counters(service)
    started = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as threads:
        list(threads.map(lambda _: call(), repeat(None, _TASKS)))
    seconds = time.perf_counter() - started
    after, counts = _counters(service)
    cpu = {name: 1000 * (spent - before[name]) / _TASKS for name, spent in after.items()}
    calls = {label: _sum(counts, name) - _sum(counted, name) for name, label in _CALLS.items()} if service else {}
    return Figures(rate=_TASKS / seconds, p50=0, p95=0, cpu=cpu, calls={k: n / _TASKS for k, n in calls.items()})


def _counters(service: MeasuredService | None) -> tuple[dict[str, float], dict[str, float]]:
    return (service.cpu_seconds(), service.call_counts()) if service else ({}, {})


def _sum(counts: Mapping[str, float], prefix: str) -> float:
    return sum(count for name, count in counts.items() if name.startswith(prefix))


def _latencies(call: Requester) -> list[float]:
    """Return milliseconds of one task after the other, sorted."""
    found = []
    call.reconnect()
    for _ in range(_IDLE_TASKS):
        started = time.perf_counter()
        call()
        found.append(1000 * (time.perf_counter() - started))
    return sorted(found)


def _figures(rounds: Sequence[Figures], latencies: Sequence[float]) -> Figures:
    def median(of: Callable[[Figures], Mapping[str, float]]) -> dict[str, float]:
        return {name: statistics.median(of(each)[name] for each in rounds) for name in of(rounds[0])}

    return Figures(
        rate=statistics.median(each.rate for each in rounds),
        p50=statistics.median(latencies),
        p95=latencies[round(0.95 * len(latencies)) - 1],
        cpu=median(lambda each: each.cpu),
        calls=median(lambda each: each.calls),
    )


def _rates(found: Mapping[Case, Mapping[str, Figures]]) -> Iterator[str]:
    names = list(next(iter(found.values())))
    yield f"| tasks/s; p50 and p95 at idle, ms | {' | '.join(names)} | bar, embedded |\n|---|{'---:|' * len(names)}---|"
    for case, figures in found.items():
        cells = " | ".join(f"{each.rate:.0f}/s; {each.p50:.1f}, {each.p95:.1f}" for each in figures.values())
        yield f"| {case.name} | {cells} | >= {case.bar}/s |"


def _costs(found: Mapping[Case, Mapping[str, Figures]]) -> Iterator[str]:
    yield "\n| of one task | CPU, ms | calls |\n|---|---|---|"
    for case, figures in found.items():
        for name, each in figures.items():
            if each.cpu:
                cpu = ", ".join(f"{group} {spent:.1f}" for group, spent in each.cpu.items())
                calls = ", ".join(f"{label} {count:.1f}" for label, count in each.calls.items())
                yield f"| {case.name}, {name} | {cpu} | {calls} |"
