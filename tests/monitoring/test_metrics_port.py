"""With a port of its own, `/metrics` is there and nowhere else."""

from collections.abc import Iterator

import httpx
import pytest

from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.deployments import SERVERS, on_servers
from tests.harness.ports import free_port

KINDS = (
    pytest.param("embedded", id="embedded"),
    pytest.param("two processes", id="two-processes", marks=pytest.mark.needs(*SERVERS)),
)


@pytest.fixture(scope="module", params=KINDS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("metrics-port")
    settings = {"DARKROOM_METRICS_PORT": str(free_port()), "DARKROOM_WORKER_SLOTS": "1"}
    if request.param == "embedded":
        running = deployed({**embedded_settings(directory), **settings}, directory)
    else:
        running = on_servers(request, directory, **settings, DARKROOM_API_PROCESSES="2")
    with running as service:
        service.start_api()
        yield service


def metrics_of(deployment: Deployment) -> str:
    return httpx.get(f"http://127.0.0.1:{deployment.settings['DARKROOM_METRICS_PORT']}/metrics", timeout=30).text


def test_the_public_port_does_not_serve_metrics(deployment: Deployment) -> None:
    answer = httpx.get(f"{deployment.url}/metrics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "/metrics" not in httpx.get(f"{deployment.url}/openapi.json").json()["paths"]


def test_the_metrics_port_counts_requests_of_the_public_one(deployment: Deployment) -> None:
    for _ in range(20):
        httpx.get(f"{deployment.url}/v1/filters").raise_for_status()
    listed = 'darkroom_http_requests_total{method="GET",route="/v1/filters",status="200"} 20.0'
    wait_for(lambda: listed in metrics_of(deployment), what="the sum of both processes")


def test_a_taken_metrics_port_is_one_line(deployment: Deployment) -> None:
    second = deployment.launch("api", deployment.url, {"DARKROOM_PORT": "0"})
    assert second.process.wait(60) == 2
    (line,) = [line for line in second.log.read_text().splitlines() if "DARKROOM_METRICS_PORT" in line]
    assert deployment.settings["DARKROOM_METRICS_PORT"] in line
