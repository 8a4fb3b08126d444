"""Compares the cost of S3 transfers with boto and with obstore; writes benchmarks/results/s3_clients.md.

    make bench-s3-clients

It decided docs/adr/0021. CPU is that of the client's process; rounds alternate on one SeaweedFS.
"""

import os
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvloop

from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account, client, transfer_client
from tests.harness import managed_servers

_RESULT = Path(__file__).parent / "results" / "s3_clients.md"
_BUCKET = "darkroom"
_BYTES = (150_000, 3_500_000)
_ROUNDS = 9
_CALLS = 6  # in each round
type Call = Callable[[str], Awaitable[object]]
type Figures = tuple[float, float]  # CPU milliseconds, elapsed milliseconds


def _calls(boto: Any, account: S3Account, data: bytes) -> Mapping[str, Call]:  # noqa: ANN401 - made by boto
    store = transfer_client(account, bucket=_BUCKET)

    async def get_by_boto(key: str) -> None:
        answer = await boto.get_object(Bucket=_BUCKET, Key=key)
        async with answer["Body"] as body:
            await body.read()

    async def get_by_obstore(key: str) -> bytes:
        return bytes(await (await store.get_async(key)).bytes_async())

    return {
        "aioboto3 PUT": lambda key: boto.put_object(Bucket=_BUCKET, Key=key, Body=data),
        "aioboto3 GET": get_by_boto,
        "obstore PUT": lambda key: store.put_async(key, data, use_multipart=False),
        "obstore GET": get_by_obstore,
    }


async def _round(call: Call) -> Figures:
    elapsed, cpu = [], time.process_time()
    for number in range(_CALLS):
        started = time.perf_counter()
        await call(f"object-{number}")
        elapsed.append(time.perf_counter() - started)
    return 1000 * (time.process_time() - cpu) / _CALLS, 1000 * statistics.median(elapsed)


async def _measure(account: S3Account) -> dict[int, dict[str, Figures]]:
    async with open_objects(account, public_endpoint_url="", bucket=_BUCKET, link_seconds=60) as objects:
        await objects.ensure_bucket()
    found = {}
    async with client(account) as boto:
        for n_bytes in _BYTES:
            calls = _calls(boto, account, os.urandom(n_bytes))
            rounds = [{name: await _round(call) for name, call in calls.items()} for _ in range(_ROUNDS)]
            found[n_bytes] = {name: _median([each[name] for each in rounds[1:]]) for name in calls}
    return found


def _median(rounds: list[Figures]) -> Figures:
    cpu, elapsed = zip(*rounds, strict=True)
    return statistics.median(cpu), statistics.median(elapsed)


def _report(found: Mapping[int, Mapping[str, Figures]]) -> str:
    head = " | ".join(f"{n_bytes / 1e6:.2f} MB, CPU ms | wall ms" for n_bytes in found)
    lines = [f"| | {head} |", f"|---|{'---:|' * 2 * len(found)}"]
    for name in found[_BYTES[0]]:
        figures = " | ".join(f"{cpu:.1f} | {elapsed:.1f}" for cpu, elapsed in (each[name] for each in found.values()))
        lines.append(f"| {name} | {figures} |")
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    return "\n".join(
        ["# Carrying the bytes", "", f"`make bench-s3-clients`, {load}. Medians of the rounds.", "", *lines, ""]
    )


def main() -> int:
    with ExitStack() as stack:
        keys = {"access_key_id": secrets.token_hex(8), "secret_access_key": secrets.token_hex(16)}
        url = managed_servers.start_seaweedfs(stack, **keys)
        time.sleep(2)  # until its parts have found each other
        text = _report(uvloop.run(_measure(S3Account(endpoint_url=url, region="us-east-1", **keys))))
    _RESULT.write_text(text)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
