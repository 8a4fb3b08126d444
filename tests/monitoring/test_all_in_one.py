"""One process with everything in it has one page of metrics."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.http import NO_TLS


@pytest.fixture
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("all-in-one")
    with deployed({**embedded_settings(directory), "DARKROOM_WORKER_SLOTS": "2"}, directory) as running:
        running.start_api()
        yield running


def test_that_the_api_shows_its_worker_too(deployment: Deployment) -> None:
    def of(name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", httpx.get(f"{deployment.url}/metrics", verify=NO_TLS).text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    assert of("darkroom_worker_slots") == 2
    assert of("darkroom_render_children_started_total") >= 2
    wait_for(lambda: of("darkroom_sweeps_total"), what="a sweep")
