"""Simulates how long tasks wait for a slot: random arrivals, one queue, many slots; and a burst before scaling out."""

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass

_SEED = 20_261_122
_FEWEST, _MOST = 20_000, 200_000  # tasks of one simulation
_SERVICE_TIMES = 60  # simulated for so long at least, so that it forgets that it began empty


@dataclass(frozen=True, slots=True)
class Waits:
    median_seconds: float
    p95_seconds: float
    p99_seconds: float


def simulate(rate: float, slots: int, service_seconds: Sequence[float], *, spread: float = 0.3) -> Waits:
    """Poisson arrivals; each task takes one of `service_seconds`, give or take `spread` (log-normal)."""
    rng = random.Random(_SEED)  # noqa: S311 - the same figures each time
    mean = sum(service_seconds) / len(service_seconds)
    count = int(min(_MOST, max(_FEWEST, rate * mean * _SERVICE_TIMES)))
    free_at = [0.0] * slots
    now, waits = 0.0, []
    for _ in range(count):
        now += rng.expovariate(rate)
        start = max(now, free_at[0])
        waits.append(start - now)
        heapq.heapreplace(free_at, start + rng.choice(service_seconds) * rng.lognormvariate(-(spread**2) / 2, spread))
    waits = sorted(waits[count // 4 :])
    return Waits(*(waits[int(len(waits) * share)] for share in (0.5, 0.95, 0.99)))


def slots_needed(rate: float, service_seconds: Sequence[float], *, p95_seconds: float, most_busy: float = 0.95) -> int:
    """The fewest slots that are never busier than `most_busy` and keep 19 of 20 tasks from waiting any longer."""
    busy = rate * sum(service_seconds) / len(service_seconds)
    low = int(busy / most_busy) + 1
    high = 2 * low + 1
    while low < high:
        middle = (low + high) // 2
        if simulate(rate, middle, service_seconds).p95_seconds <= p95_seconds:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """KEDA as infra/k8s sets it: looks every 10 s and doubles every 15 s at most; a pod takes a while to start."""

    look_seconds: int = 10
    start_seconds: int = 20
    double_seconds: int = 15


def longest_wait_in_burst(
    *, busy: float, times: float = 2.0, burst_seconds: int = 120, scaler: Scaler | None = None
) -> float:
    """Slots are `busy` (a share) when the rate grows to `times` what it was; in seconds, whatever the fleet's size."""
    scaler = scaler or Scaler()
    capacity, backlog, longest, second = 1 / busy, 0.0, 0.0, 0
    grows_at = scaler.look_seconds + scaler.start_seconds
    while second < burst_seconds or backlog > 0:
        if second >= grows_at and capacity < times / busy:
            capacity, grows_at = min(2 * capacity, times / busy), second + scaler.double_seconds
        arriving = times if second < burst_seconds else 1.0
        backlog = max(0.0, backlog + arriving - capacity)
        longest, second = max(longest, backlog / capacity), second + 1
    return longest
