"""One measurement: many tasks through a service, or as many renders in the bare loop."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from benchmarks.service.deployments import MeasuredService
from benchmarks.service.render_loop import RenderLoop
from tests.harness.client import Json

PIPELINE: list[Json] = [{"filter": "sepia"}]
OUTPUT: Json = {"format": "jpeg", "quality": 85}
SENDERS = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """One measurement: tasks per second, and CPU milliseconds of a task by group of processes."""

    rate: float
    cpu: Mapping[str, float]


def multipart(picture: bytes) -> tuple[bytes, str]:
    """Encode a form once, so that sending it costs the client little."""
    fields = {"pipeline": json.dumps(PIPELINE), "output": json.dumps(OUTPUT)}
    request = httpx.Request("POST", "http://x", data=fields, files={"image": ("picture.jpg", picture)})
    return request.read(), request.headers["Content-Type"]


def by_image(service: MeasuredService, picture: bytes) -> tuple[bytes, str]:
    """A submission of an image that is already stored."""
    image_id = service.client.http.post("/v1/images", files={"image": picture}).json()["image_id"]
    return json.dumps({"image_id": image_id, "pipeline": PIPELINE, "output": OUTPUT}).encode(), "application/json"


def measure_service(service: MeasuredService, body: tuple[bytes, str], count: int) -> Turn:
    """Submit `count` tasks: each client submits the next one when it has the link of the last."""
    before, client, started = service.cpu_seconds(), time.process_time(), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as threads:
        list(threads.map(lambda _: service.run_task(*body), range(count)))
    seconds = time.monotonic() - started
    spent = {name: cpu - before[name] for name, cpu in service.cpu_seconds().items()}
    spent["the clients"] = time.process_time() - client
    return Turn(count / seconds, {name: 1000 * cpu / count for name, cpu in spent.items()})


def measure_render_loop(render_loop: RenderLoop, count: int) -> Turn:
    before, started = render_loop.cpu_seconds(), time.monotonic()
    render_loop.render(count)
    seconds = time.monotonic() - started
    spent = render_loop.cpu_seconds()
    return Turn(count / seconds, {name: 1000 * (spent[name] - before[name]) / count for name in spent})
