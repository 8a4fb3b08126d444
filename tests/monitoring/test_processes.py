"""Several API processes count as one."""

import os
import signal
from collections.abc import Iterator

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.harness.deployment import Deployment, Service, wait_for
from tests.harness.deployments import on_servers
from tests.harness.http import NO_TLS

pytestmark = pytest.mark.needs("postgres", "redis", "rabbitmq")
_REQUESTS = 100
_NO_KEEPALIVE = httpx.Limits(max_keepalive_connections=0)  # so that the kernel spreads the requests
CLIENT = httpx.Client(limits=_NO_KEEPALIVE, verify=NO_TLS)


@pytest.fixture(scope="module")
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with on_servers(request, tmp_path_factory.mktemp("processes"), DARKROOM_API_PROCESSES="2") as running:
        yield running


@pytest.fixture(scope="module")
def service(deployment: Deployment) -> Service:
    running = deployment.start_api()
    wait_for(lambda: len(_serving(running)) == 2, what="two processes")
    return running


def _serving(service: Service) -> list[psutil.Process]:
    """Those that share the port; the supervisor has a resource tracker besides."""
    return [each for each in psutil.Process(service.process.pid).children() if "spawn_main" in _command(each)]


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return ""


def _sum_of(service: Service, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(CLIENT.get(f"{service.url}/metrics").text)
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


def _filters_listed(service: Service) -> float:
    return _sum_of(service, "darkroom_http_requests_total", route="/v1/filters")


def _list_filters(service: Service) -> None:
    for _ in range(_REQUESTS):
        CLIENT.get(f"{service.url}/v1/filters").raise_for_status()


def test_that_a_hundred_requests_are_a_hundred_whoever_is_asked(service: Service) -> None:
    before = _filters_listed(service)
    _list_filters(service)
    assert {_filters_listed(service) for _ in range(10)} == {before + _REQUESTS}


def test_that_the_dead_keep_their_counts_and_lose_their_gauges(service: Service) -> None:
    before = _filters_listed(service)
    killed = _serving(service)[0]
    os.kill(killed.pid, signal.SIGKILL)
    wait_for(lambda: len(set(_serving(service)) - {killed}) == 2, what="a process in its place")
    service.wait_until_ready()
    _list_filters(service)
    assert _filters_listed(service) == before + _REQUESTS
    assert _sum_of(service, "darkroom_http_requests_in_flight") == 1  # the one that asks
