"""Delivery by several API processes on real servers: one render for all of them, also when one is killed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import Deployment, Service, wait_for
from tests.harness.deployments import SERVERS, on_servers
from tests.harness.ports import free_port

pytestmark = pytest.mark.needs(*SERVERS)
A_WHILE: list[Json] = [{"filter": "blur", "sigma": 40}, {"filter": "oil_paint"}, {"filter": "blur", "sigma": 40}]


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """It has no worker: delivery needs none."""
    with on_servers(request, tmp_path) as deployment:
        yield deployment


def start_api(deployment: Deployment, **extra: str) -> Service:
    port = free_port()
    service = deployment.launch("api", f"http://127.0.0.1:{port}", {"DARKROOM_PORT": str(port), **extra})
    service.wait_until_ready()
    return service


def signed_path(service: Service, pipeline: list[Json], size: tuple[int, int]) -> str:
    """Return the path of a URL for a new image, which each process serves."""
    with Client(service.url) as client:
        image_id = client.http.post("/v1/images", content=sample_image(size)).json()["image_id"]
        client.http.post("/v1/delivery-keys").raise_for_status()
        body = {"image_id": image_id, "pipeline": pipeline, "output": {"format": "webp"}}
        url: str = client.http.post("/v1/delivery-urls", json=body).raise_for_status().json()["url"]
    return urlsplit(url).path


def metric(service: Service, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", httpx.get(f"{service.url}/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def rendered(service: Service) -> float:
    return metric(service, 'darkroom_deliveries_total{source="rendered"}')


def test_a_hundred_at_once_in_two_processes_cost_one_render(deployment: Deployment) -> None:
    services = [start_api(deployment), start_api(deployment)]
    path = signed_path(services[0], [{"filter": "resize", "width": 300}, {"filter": "sepia"}], (1600, 1200))
    with ThreadPoolExecutor(100) as threads:
        urls = [service.url + path for service in services] * 50
        answers = list(threads.map(lambda url: httpx.get(url, timeout=120), urls))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum(map(rendered, services)) == 1


def test_when_the_rendering_process_is_killed_another_one_renders(deployment: Deployment) -> None:
    first, second = start_api(deployment), start_api(deployment)
    path = signed_path(first, A_WHILE, (2400, 1800))
    with ThreadPoolExecutor(2) as threads:
        lost = threads.submit(httpx.get, first.url + path, timeout=120)
        wait_for(lambda: metric(first, "darkroom_worker_slots_busy") > 0, what="a render in the first process")
        waiting = threads.submit(httpx.get, second.url + path, timeout=120)
        wait_for(lambda: metric(second, "darkroom_http_requests_in_flight") > 1, what="a request that waits")
        first.kill()
        with pytest.raises(httpx.TransportError):
            lost.result()
        assert waiting.result().status_code == 200
    assert rendered(second) == 1


def test_a_process_for_delivery_alone(deployment: Deployment) -> None:
    api, delivering = start_api(deployment), start_api(deployment, DARKROOM_API_ROUTES="delivery")
    path = signed_path(api, [{"filter": "sepia"}], (400, 300))
    assert httpx.get(delivering.url + path, timeout=120).status_code == 200
    assert rendered(delivering) == 1
    assert httpx.post(f"{delivering.url}/v1/tasks").json()["code"] == "not_found"
    assert "/v1/tasks" not in httpx.get(f"{delivering.url}/openapi.json").text
