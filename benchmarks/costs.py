"""Measures what one task costs, on real servers of its own, and writes benchmarks/results/costs.{json,md}.

    make bench-costs

Counts are exact: proxies before each server count what our processes say. CPU is what the kernel charged to each group
of processes, which a busy machine disturbs less than it does a stopwatch; the spread over the rounds is written down.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, Figures, open_bench
from benchmarks.machine import machine
from benchmarks.pictures import Picture, pictures
from benchmarks.report import as_markdown
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from tests.harness.client import Client, Json

RESULTS = Path(__file__).parent / "results"
PIPELINE: list[Json] = [{"filter": "resize", "width": 1200}, {"filter": "contrast", "amount": 10}]
_ROUNDS = 5
_TASKS = 30  # a round: so few that no render process grows old and is replaced
_REQUESTS = 1000  # of which one costs Redis less than the kernel can measure
_AT_ONCE = 4
_IDLE_SECONDS = 30.0
_OBJECT_BYTES = (2**16, 2**22)


def measure(bench: Bench) -> dict[str, Any]:
    with Client(bench.deployment.url) as client:
        client.ended(client.submit(pictures()[1].data, PIPELINE))
        idle = _per_idle_second(bench)
        tasks = {each.name: _of_picture(bench, client, each, idle=idle) for each in pictures()}
        look = _per_call(bench, lambda: client.http.get("/v1/tasks?limit=1").raise_for_status(), idle=idle)
        task_id = client.http.get("/v1/tasks?limit=1").json()["items"][0]["task_id"]
        poll = _per_call(bench, lambda: client.task(task_id), idle=idle)
        sign_in = _per_call(bench, client.sign_in, idle=idle, count=20)
    return {
        "machine": machine(),
        "pipeline": PIPELINE,
        "pictures": tasks,
        "per_poll": poll,
        "per_list": look,
        "per_sign_in": sign_in,
        "per_idle_second": idle,
        "s3_client": asyncio.run(_s3_client(bench.account)),
    }


def _per_idle_second(bench: Bench) -> Figures:
    """Of one API process and one worker while there is nothing to do: sweeps, renewals, heartbeats."""
    before = bench.snapshot()
    time.sleep(_IDLE_SECONDS)
    return {name: value / _IDLE_SECONDS for name, value in bench.since(before).items()}


def _of_picture(bench: Bench, client: Client, picture: Picture, *, idle: Figures) -> dict[str, Any]:
    def run() -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(lambda _: client.submit(picture.data, PIPELINE), range(_TASKS)))
        bench.wait_until_done()

    run()
    rounds = [_less_idle(bench, run, idle=idle, count=_TASKS) for _ in range(_ROUNDS)]
    cpu = [name for name in rounds[0] if name.startswith("cpu_seconds")]
    return {
        "source_bytes": len(picture.data),
        "source_pixels": picture.pixels,
        "output_bytes": client.http.get("/v1/tasks?limit=1").json()["items"][0]["output"]["bytes"],
        "per_task": {name: statistics.median(each[name] for each in rounds) for name in rounds[0]},
        "cpu_spread": {name: [min(each[name] for each in rounds), max(each[name] for each in rounds)] for name in cpu},
    }


def _per_call(bench: Bench, call: Callable[[], object], *, idle: Figures, count: int = _REQUESTS) -> Figures:
    call()
    return _less_idle(bench, lambda: [call() for _ in range(count)], idle=idle, count=count)


def _less_idle(bench: Bench, run: Callable[[], object], *, idle: Figures, count: int) -> Figures:
    """For each of `count`, without what would have happened anyway."""
    before, started = bench.snapshot(), time.monotonic()
    run()
    seconds = time.monotonic() - started
    return {name: (n - idle.get(name, 0) * seconds) / count for name, n in bench.since(before).items()}


async def _s3_client(account: S3Account) -> Figures:
    """CPU of our side of a PUT and a GET: a fixed part, and one for each MiB."""
    async with open_objects(account, public_endpoint_url="", bucket="darkroom", link_seconds=60) as objects:
        costs = {}
        for n_bytes in _OBJECT_BYTES:
            data = os.urandom(n_bytes)
            for _ in range(2):  # the first time warms up
                started = time.process_time()
                for number in range(40):
                    await objects.put(f"bench/{number}", data, media_type="image/jpeg", file_name="bench")
                    await objects.get(f"bench/{number}", max_bytes=n_bytes)
                costs[n_bytes] = (time.process_time() - started) / 40
    small, large = (costs[n_bytes] for n_bytes in _OBJECT_BYTES)
    per_byte = (large - small) / (_OBJECT_BYTES[1] - _OBJECT_BYTES[0])
    return {"put_and_get_cpu_seconds": small, "per_mib_cpu_seconds": per_byte * 2**20}


def main() -> int:
    with open_bench() as bench:
        found = measure(bench)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "costs.json").write_text(json.dumps(_rounded(found), indent=2) + "\n")
    (RESULTS / "costs.md").write_text(as_markdown(_rounded(found)))
    sys.stdout.write(as_markdown(_rounded(found)))
    return 0


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
