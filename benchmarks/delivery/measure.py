"""Rates, latencies and CPU time by part, of requests that are rendered and of hits."""

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
from benchmarks.processes import Group, cpu_seconds, listening
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
class Target:
    """A server of images: each `call` requests one. The CPU time of `groups` of processes is measured."""

    call: _Call
    groups: Mapping[str, Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`cpu` is that of each group of processes for one image, in milliseconds."""

    rate: float
    p50: float
    p95: float
    cpu: Mapping[str, float]


def target(service: MeasuredService, case: Case, signer: Signer) -> Target:
    """Return the service as a target. Each of its calls requests another image."""
    return Target(call=Requester(service.url, partial(signer.next_path, case)), groups=service.groups)


def peer_target(url: str, s3: Group) -> Target:
    """Return a peer as a target. Each of its calls requests the same image: it keeps nothing."""
    start = url.index("/", len("http://"))
    groups = {"server": listening(url[:start]), "SeaweedFS": s3}
    return Target(call=Requester(url[:start], url[start:]), groups=groups)


def measure_uncached(targets: Mapping[str, Target], requests: int) -> dict[str, Figures]:
    """Alternate between the targets, so that other load of the machine affects all of them alike."""
    for each in targets.values():
        each.call()
    rounds = [{name: _measure(each, requests) for name, each in targets.items()} for _ in range(ROUNDS)]
    return {name: _median([each[name] for each in rounds]) for name in targets}


def measure_hits(service: MeasuredService, data: bytes) -> Figures:
    """Measure requests for one image, which is stored after the first."""
    call = HitRequester(service.url, Signer(service, data).path(SMALLEST))
    call()
    time.sleep(_STORING_SECONDS)
    return _median([_measure(Target(call=call, groups=service.groups), _HITS) for _ in range(ROUNDS)])


def _measure(measured: Target, count: int) -> Figures:
    call, before, started = measured.call, cpu_seconds(measured.groups), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda _: call(), repeat(None, count)))
    rate, after = count / (time.perf_counter() - started), cpu_seconds(measured.groups)
    call.reconnect()  # servers close connections that were idle meanwhile
    latencies = sorted(_milliseconds(call) for _ in range(min(count, _LATENCIES)))
    return Figures(
        rate=rate,
        p50=statistics.median(latencies),
        p95=latencies[round(0.95 * len(latencies)) - 1],
        cpu={name: 1000 * (spent - before[name]) / count for name, spent in after.items()},
    )


def _milliseconds(call: _Call) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _median(rounds: Sequence[Figures]) -> Figures:
    return Figures(
        rate=statistics.median(each.rate for each in rounds),
        p50=statistics.median(each.p50 for each in rounds),
        p95=statistics.median(each.p95 for each in rounds),
        cpu={name: statistics.median(each.cpu[name] for each in rounds) for name in rounds[0].cpu},
    )
