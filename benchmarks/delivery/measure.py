"""Rates, latencies and the CPU of the API, of requests that are rendered and of hits."""

import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Protocol

from benchmarks.delivery.cases import SMALLEST, Case, Signer
from benchmarks.delivery.requester import HitRequester
from benchmarks.service.deployments import MeasuredService
from benchmarks.service.small import Requester

CLIENTS = 4
ROUNDS = 3
_HITS = 2000
_STORING_SECONDS = 2.0  # outputs are stored after the answer
_LATENCIES = 100


class _Call(Protocol):
    def __call__(self) -> object: ...
    def reconnect(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`cpu` is that of the API's own process for each request, in milliseconds; 0 for peers."""

    rate: float
    p50: float
    p95: float
    cpu: float = 0


def measure_uncached(
    case: Case,
    services: Sequence[MeasuredService],
    signers: Mapping[tuple[str, str], Signer],
    peers: Mapping[str, str],
    requests: int,
) -> dict[str, Figures]:
    """Alternate between services and peers, so that other load of the machine affects all of them alike.

    `peers`: the URL of one request for each.
    """
    calls: dict[str, tuple[_Call, MeasuredService | None]] = {
        each.name: (Requester(each.url, partial(signers[each.name, case.file_name].next_path, case)), each)
        for each in services
    }
    for peer, url in peers.items():
        start = url.index("/", len("http://"))
        calls[peer] = (Requester(url[:start], url[start:]), None)
    for call, _ in calls.values():
        call()
    rounds = [
        {name: _measure(call, service, requests) for name, (call, service) in calls.items()} for _ in range(ROUNDS)
    ]
    return {name: _median([each[name] for each in rounds]) for name in calls}


def measure_hits(service: MeasuredService, data: bytes) -> Figures:
    """Measure requests for one image, which is stored after the first."""
    call = HitRequester(service.url, Signer(service, data).path(SMALLEST))
    call()
    time.sleep(_STORING_SECONDS)
    return _median([_measure(call, service, _HITS) for _ in range(ROUNDS)])


def _measure(call: _Call, service: MeasuredService | None, count: int) -> Figures:
    before, started = _cpu_seconds(service), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
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


def _milliseconds(call: _Call) -> float:
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
