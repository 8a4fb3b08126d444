"""One user who takes all that they can get, and what another one notices of it."""

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.test_exactly_once import failing
from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import ROOT, Deployment, deployed, embedded_settings, wait_for
from tests.harness.http import NO_TLS
from tests.harness.scale import WHOLE, figure

GETS, STREAMS, HEADERS = figure(part=40, whole=400), figure(part=300, whole=3_000), figure(part=3, whole=30)
_WARM_UP_SECONDS = figure(part=1, whole=12)
_ROUNDS = figure(part=10, whole=80)
_PAUSE_SECONDS = 0.05
_STOP_SECONDS = 20.0
_SLOW = [{"filter": "median", "size": 31}] * 20
_SLOW_TASKS = figure(part=2, whole=6)  # one after the other, for longer than the flood
_QUICK = [{"filter": "invert"}]


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    settings = {"DARKROOM_WORKER_SLOTS": "1", "DARKROOM_RENDER_TIMEOUT_SECONDS": "300"}
    if not WHOLE:  # keeps the slot for as long as the flood takes, whatever the machine
        settings |= failing("child=sleep")
    with deployed({**embedded_settings(tmp_path), **settings}, tmp_path) as running:
        running.start_api()
        yield running


@contextmanager
def flooding(deployment: Deployment, attacker: Client, task: Json, **clients: int) -> Iterator[Json]:
    """What the flood was answered, once it is over."""
    token, path = attacker.http.headers["Authorization"], f"/v1/tasks/{task['task_id']}"
    counts = [argument for name, count in clients.items() for argument in (f"--{name}", str(count))]
    seen: Json = {}
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.faults.flood", deployment.settings["DARKROOM_PORT"], token, path, *counts],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield seen
        process.terminate()
        seen.update(json.loads(process.communicate(timeout=_STOP_SECONDS)[0]))
    finally:
        process.kill()
        process.wait()


def _milliseconds(client: Client) -> tuple[float, float, Counter[int]]:
    """The p50 of a POST and of a GET, and how often there was which status."""
    statuses: Counter[int] = Counter()

    def timed(ask: Callable[[], httpx.Response]) -> float:
        started = time.perf_counter()
        statuses[_status(ask)] += 1
        taken_seconds = time.perf_counter() - started
        time.sleep(_PAUSE_SECONDS)
        return 1000 * taken_seconds

    form, files = {"pipeline": json.dumps(_QUICK)}, {"image": sample_image((16, 12))}
    posts = [timed(lambda: client.http.post("/v1/tasks", data=form, files=files)) for _ in range(_ROUNDS)]
    gets = [timed(lambda: client.http.get("/v1/tasks")) for _ in range(_ROUNDS)]
    return statistics.median(posts), statistics.median(gets), statuses


def _status(ask: Callable[[], httpx.Response]) -> int:
    """0: there was no answer."""
    try:
        return ask().status_code
    except httpx.TransportError:
        return 0


def _metric(deployment: Deployment, name: str) -> float:
    lines = httpx.get(f"{deployment.url}/metrics", timeout=30, verify=NO_TLS).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.mark.timeout(300)
def test_a_greedy_user_is_hardly_noticed(deployment: Deployment) -> None:
    """Holds promise 30: nobody else is rejected, no lease is lost, and p50 stays within 3 x of idle."""
    with Client(deployment.url) as attacker, Client(deployment.url) as client:
        slow = [client.submit(sample_image((5000, 4000)), _SLOW)["task_id"] for _ in range(_SLOW_TASKS)]
        wait_for(lambda: client.task(slow[0])["status"] == "running", what="a render under way")
        waiting = attacker.submit(sample_image(), _SLOW)
        idle_post, idle_get, _ = _milliseconds(client)
        with flooding(deployment, attacker, waiting, gets=GETS, streams=STREAMS, headers=HEADERS) as seen:
            time.sleep(_WARM_UP_SECONDS)
            post, get, statuses = _milliseconds(client)
        print(f"POST {idle_post:.1f} -> {post:.1f} ms, GET {idle_get:.1f} -> {get:.1f} ms; {dict(statuses)} {seen}")  # noqa: T201 - the figures are the result
        assert set(statuses) == {202, 200}, statuses
        assert attacker.task(waiting["task_id"])["status"] != "succeeded", "its streams were to stay open"
        assert all(client.task(task_id)["attempt"] <= 1 for task_id in slow)
        for task_id in slow:
            client.http.post(f"/v1/tasks/{task_id}/cancel")
        attacker.http.post(f"/v1/tasks/{waiting['task_id']}/cancel")
    assert _metric(deployment, 'darkroom_attempts_total{outcome="retried"}') == 0
    assert "lease_not_renewed" not in deployment.services[0].log.read_text()
    if WHOLE:
        assert post < 3 * idle_post
        assert get < 3 * idle_get
