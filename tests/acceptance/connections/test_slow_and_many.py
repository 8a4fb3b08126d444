"""Clients that are slow, many, or both: what they get, and what others notice."""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Client, sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings
from tests.harness.scale import WHOLE, check_seconds, figure

SLOW = 200
OPEN = 20
HEADER_SECONDS = 15
BODY_SECONDS = 30


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    settings = {
        **embedded_settings(tmp_path),
        "DARKROOM_MAX_OPEN_TASKS_PER_USER": str(OPEN),
        "DARKROOM_WORKER_SLOTS": "1",
    }
    with deployed(settings, tmp_path) as running:
        running.start_api()
        yield running


async def _drip(port: int, head: bytes, *, limit_seconds: float) -> float:
    """Sends `head` and then a byte a second; how long it took until the server closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    started = time.monotonic()

    async def send() -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(limit_seconds):
            await reader.read()
    except ConnectionError:
        pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return time.monotonic() - started


async def _p99_seconds(url: str, *, seconds: float) -> float:
    """Of small requests, one after the other."""
    taken = []
    async with httpx.AsyncClient(base_url=url) as client:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            started = time.perf_counter()
            assert (await client.get("/v1/filters")).status_code == httpx.codes.OK
            taken.append(time.perf_counter() - started)
    return statistics.quantiles(taken, n=100)[98]


async def test_slow_clients_are_dropped(deployment: Deployment) -> None:
    """Holds promise 17: half of them never end their headers, half hardly send their body. Others are answered.

    How soon, is measured in `make faults`.
    """
    port = int(deployment.settings["DARKROOM_PORT"])
    with Client(deployment.url) as client:
        token = client.http.headers["Authorization"]
    header = b"GET /v1/filters HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    body = (
        f"POST /v1/images HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\nContent-Length: 100000\r\n\r\n"
    ).encode() + sample_image()[:64]
    alone = await _p99_seconds(deployment.url, seconds=figure(part=1, whole=4))
    slow = [
        asyncio.create_task(_drip(port, head, limit_seconds=600))
        for head in [header] * (SLOW // 2) + [body] * (SLOW // 2)
    ]
    await asyncio.sleep(1)
    crowded = await _p99_seconds(deployment.url, seconds=figure(part=1, whole=8))
    closed = await asyncio.gather(*slow)
    check_seconds(max(closed[: SLOW // 2]), most=HEADER_SECONDS + 5, what="dropping slow headers")
    check_seconds(max(closed[SLOW // 2 :]), most=BODY_SECONDS + 8, what="dropping slow bodies")
    assert min(closed) > HEADER_SECONDS - 1
    check_seconds(crowded, most=max(2 * alone, alone + 0.03), what="the p99 of others")
    async with httpx.AsyncClient(base_url=deployment.url) as client:
        assert (await client.get("/readyz")).status_code == httpx.codes.OK


def _answered_within(url: str, seconds: str) -> float:
    """How many submissions, by the service's own clock: here its clients wait for one another too."""
    bucket = f'darkroom_http_request_seconds_bucket{{le="{seconds}",method="POST",route="/v1/tasks"}} '
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next(float(line.removeprefix(bucket)) for line in lines if line.startswith(bucket))


async def test_ten_times_too_much(deployment: Deployment) -> None:
    """Holds promise 13: for 60 s, here 5, ten times what is rendered: no 500, and rejections say when to retry."""
    seen: Counter[int] = Counter()

    async def hammer(http: httpx.AsyncClient, until: float) -> None:
        while time.monotonic() < until:
            answer = await http.post("/v1/tasks", files={"image": image}, data={"pipeline": slow})
            seen[answer.status_code] += 1
            if answer.status_code != httpx.codes.ACCEPTED:
                assert int(answer.headers["Retry-After"]) >= 1, answer.text
                assert answer.headers["Content-Type"] == "application/problem+json"

    width = figure(part=600, whole=1200)  # what was accepted is rendered after all, and takes most of the time
    image, slow = sample_image((width, width * 3 // 4)), json.dumps([{"filter": "median", "size": 31}] * 20)
    with Client(deployment.url) as client:
        headers = {"Authorization": client.http.headers["Authorization"]}
        async with httpx.AsyncClient(base_url=deployment.url, headers=headers, timeout=300) as http:
            until = time.monotonic() + figure(part=5, whole=60)
            await asyncio.gather(*(hammer(http, until) for _ in range(10)))
        accepted = client.http.get("/v1/tasks?limit=100").json()["items"]
        assert seen.keys() <= {202, 429, 503}, seen
        rendered = seen[202] - OPEN
        assert seen[429] > 0, seen
        assert not WHOLE or seen.total() > 10 * rendered > 0, seen
        assert not WHOLE or _answered_within(deployment.url, "0.1") > seen[429] / 2
        assert all(client.ended(task)["status"] == "succeeded" for task in accepted)
