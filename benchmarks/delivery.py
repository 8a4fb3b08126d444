"""Measures images by URL against thumbor and ipx, and writes benchmarks/results/delivery.md.

    make bench-delivery REQUESTS=60

Each uncached request asks for another image: its output option `background` differs, which changes no pixel of a JPEG.
"""

import argparse
import base64
import hashlib
import hmac
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import commit, machine
from benchmarks.pictures import photograph
from benchmarks.service.deployments import MeasuredService, Servers, embedded
from benchmarks.service.peers import open_peers
from benchmarks.service.small import Requester

_RESULT = Path(__file__).parent / "results" / "delivery.md"
_CLIENTS = 4
_ROUNDS = 3
_HITS = 400
_STORING_SECONDS = 2.0  # outputs are stored after the answer
_LATENCIES = 100
_BEST_PEER_BAR, _HIT_RATE_BAR, _HIT_P50_BAR, _CPU_BAR = 1.0, 5.0, 5.0, 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One image with one step, in the words of Darkroom, thumbor and ipx."""

    name: str
    width: int
    height: int
    steps: str
    thumbor: str
    ipx: str
    extension: str = "jpg"

    @property
    def file_name(self) -> str:
        return f"{self.width}x{self.height}.jpg"


def _to_width(name: str, width: int, height: int, to: int, extension: str = "jpg") -> Case:
    webp = extension == "webp"
    return Case(
        name=name,
        width=width,
        height=height,
        steps=f"resize,w={to}",
        thumbor=f"{to}x0/filters:format(webp):quality(79)" if webp else f"{to}x0",
        ipx=f"w_{to},f_webp,q_79" if webp else f"w_{to},f_jpeg,q_85",
        extension=extension,
    )


SMALLEST = Case(
    name="320 x 240, sepia",
    width=320,
    height=240,
    steps="sepia",
    thumbor="filters:grayscale()",
    ipx="grayscale,f_jpeg,q_85",
)
CASES = (
    SMALLEST,
    _to_width("1600 x 1200 to 320", 1600, 1200, 320),
    _to_width("12 MP to 320", 4000, 3000, 320),
    _to_width("12 MP to 1600, WebP", 4000, 3000, 1600, "webp"),
)
_ABOUT = f"""
{_CLIENTS} clients; JPEG q85, WebP q79. The peers have no sepia and make the image grey, which is less work. They read
a local file and keep nothing; thumbor has a process for each core, ipx one with threads. Darkroom has a render process
for each core, reads the source from its object store (files when embedded, SeaweedFS on servers), renders in a sandbox
and stores the output."""


class Signer:
    """Signs URLs of one image, as docs/delivery.md says."""

    def __init__(self, service: MeasuredService, data: bytes) -> None:
        self._key = service.client.http.post("/v1/delivery-keys").json()
        self._image_id = service.client.http.post("/v1/images", files={"image": data}).json()["image_id"]
        self._numbers = itertools.count()

    def path(self, case: Case, *, number: int = 0) -> str:
        quality = 79 if case.extension == "webp" else 85
        path = f"{case.steps}/output,quality={quality},background=${number:06x}/{self._image_id}.{case.extension}"
        signed = f"{self._key['key']}/{path}".encode()
        mac = hmac.new(self._key["secret"].encode(), signed, hashlib.sha256).digest()
        return f"/i/{self._key['key']}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}/{path}"

    def next_path(self, case: Case) -> str:
        return self.path(case, number=next(self._numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`cpu` is that of the API's own process for each request, in milliseconds; 0 for peers."""

    rate: float
    p50: float
    p95: float
    cpu: float = 0


def measure(requests: int) -> Iterator[str]:
    cores = os.cpu_count() or 1
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        images = {case.file_name: photograph(case.name, width=case.width, height=case.height).data for case in CASES}
        for name, data in images.items():
            (directory / name).write_bytes(data)
        slots = {"DARKROOM_DELIVERY_SLOTS": str(cores)}
        servers = Servers(stack)
        services = [
            embedded(directory / "embedded", slots=1, stack=stack, **slots),
            servers.start(directory / "servers", slots=1, **slots),
        ]
        served = stack.enter_context(open_peers(directory / SMALLEST.file_name))
        signers = {(each.name, name): Signer(each, data) for each in services for name, data in images.items()}
        uncached = {case: _uncached(case, services, signers, served, requests) for case in CASES}
        hits = {f"{each.name}, memory": _measure_hits(each, images[SMALLEST.file_name]) for each in services}
        stored_only = {**slots, "DARKROOM_DELIVERY_MEMORY_BYTES": "0"}
        services = [
            embedded(directory / "stored", slots=1, stack=stack, **stored_only),
            servers.start(directory / "stored-servers", slots=2, **stored_only),
        ]
        hits |= {f"{each.name}, object store": _measure_hits(each, images[SMALLEST.file_name]) for each in services}
    yield from _uncached_table(uncached)
    yield from _hit_table(hits, uncached[SMALLEST])


def _uncached(
    case: Case,
    services: Sequence[MeasuredService],
    signers: Mapping[tuple[str, str], Signer],
    served: Mapping[str, str],
    requests: int,
) -> dict[str, Figures]:
    """Alternate between services and peers, so that other load of the machine affects all of them alike."""
    paths = {"thumbor": f"/unsafe/{case.thumbor}", "ipx": f"/{case.ipx}"}
    calls: dict[str, tuple[Requester, MeasuredService | None]] = {
        each.name: (Requester(each.url, partial(signers[each.name, case.file_name].next_path, case)), each)
        for each in services
    }
    calls |= {peer: (Requester(url, f"{paths[peer]}/{case.file_name}"), None) for peer, url in served.items()}
    for call, _ in calls.values():
        call()
    rounds = [
        {name: _measure(call, service, requests) for name, (call, service) in calls.items()} for _ in range(_ROUNDS)
    ]
    return {name: _median([each[name] for each in rounds]) for name in calls}


def _measure_hits(service: MeasuredService, data: bytes) -> Figures:
    """Measure requests for one image, which is stored after the first."""
    call = Requester(service.url, Signer(service, data).path(SMALLEST))
    call()
    time.sleep(_STORING_SECONDS)
    return _measure(call, service, _HITS)


def _measure(call: Requester, service: MeasuredService | None, count: int) -> Figures:
    before, started = _cpu_seconds(service), time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as threads:
        list(threads.map(lambda _: call(), repeat(None, count)))
    rate, spent = count / (time.perf_counter() - started), _cpu_seconds(service) - before
    call.reconnect()  # servers close connections that were idle meanwhile
    latencies = sorted(_milliseconds(call) for _ in range(min(count, _LATENCIES)))
    return Figures(
        rate=rate,
        p50=statistics.median(latencies),
        p95=latencies[round(0.95 * len(latencies)) - 1],
        cpu=1000 * spent / count,
    )


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _cpu_seconds(service: MeasuredService | None) -> float:
    """Return the CPU time of the API's process, without the render processes that it started."""
    if service is None:
        return 0
    (process,) = next(iter(service.groups.values()))()
    times = process.cpu_times()
    return float(times.user + times.system)


def _median(rounds: Sequence[Figures]) -> Figures:
    names = Figures.__dataclass_fields__
    return Figures(**{name: statistics.median(getattr(each, name) for each in rounds) for name in names})


def _uncached_table(found: Mapping[Case, Mapping[str, Figures]]) -> Iterator[str]:
    names = list(next(iter(found.values())))
    ours = [name for name in names if name in {"embedded", "on servers"}]
    yield f"## Uncached\n{_ABOUT}\n"
    heads = " | ".join([*names, "of the best peer", "bar"])
    yield f"| images/s; p50 and p95 of one client, ms | {heads} |\n|---|{'---:|' * (len(names) + 2)}"
    for case, figures in found.items():
        cells = " | ".join(f"{each.rate:.1f}/s; {each.p50:.1f}, {each.p95:.1f}" for each in figures.values())
        peers = [each.rate for name, each in figures.items() if name not in ours]
        ratios = [figures[name].rate / max(peers) for name in ours] if peers else []
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        met = _verdict(bool(ratios) and min(ratios) >= _BEST_PEER_BAR)
        yield f"| {case.name} | {cells} | {shown} | >= {_BEST_PEER_BAR:.1f}{met} |"
    yield "\nCPU of the API's process for each image, without the render and its process, in ms:\n"
    yield f"| | {' | '.join(ours)} |\n|---|{'---:|' * len(ours)}"
    for case, figures in found.items():
        yield f"| {case.name} | {' | '.join(f'{figures[name].cpu:.1f}' for name in ours)} |"


def _hit_table(hits: Mapping[str, Figures], uncached: Mapping[str, Figures]) -> Iterator[str]:
    yield "\n## Hits\n\nThe same image of 320 x 240 again and again. Key and image are read in SQL once a second.\n"
    yield "| | images/s | x thumbor, uncached | p50, ms | p95, ms | CPU of the API, ms |"
    yield "|---|---:|---:|---:|---:|---:|"
    thumbor = uncached["thumbor"].rate if "thumbor" in uncached else 0
    for name, each in hits.items():
        ratio = f"{each.rate / thumbor:.1f}{_verdict(each.rate / thumbor >= _HIT_RATE_BAR)}" if thumbor else "not run"
        p50, cpu = (
            f"{each.p50:.1f}{_verdict(each.p50 <= _HIT_P50_BAR)}",
            f"{each.cpu:.1f}{_verdict(each.cpu <= _CPU_BAR)}",
        )
        yield f"| {name} | {each.rate:.0f} | {ratio} | {p50} | {each.p95:.1f} | {cpu} |"
    yield f"\nBars: {_HIT_RATE_BAR:.0f} x, p50 {_HIT_P50_BAR:.0f} ms, CPU {_CPU_BAR:.0f} ms."


def _verdict(is_met: bool) -> str:  # noqa: FBT001 - the outcome of a comparison
    return "" if is_met else " (missed)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60, metavar="N", help="requests of one round")
    requests = parser.parse_args().requests
    lines = list(measure(requests))
    on = machine()
    where = f"{on['cpu']}, {on['cores']} cores, load {on['load_at_end']} at the end, Python {on['python']}"
    head = f"# Images by URL\n\nCommit {commit()}; {where}; {_ROUNDS} rounds of {requests} requests.\n"
    _RESULT.write_text("\n".join([head, *lines, ""]))
    sys.stdout.write(_RESULT.read_text())


if __name__ == "__main__":
    main()
