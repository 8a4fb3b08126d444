"""One running deployment of each kind for these tests; each test is a new user.

Or the one that DARKROOM_TEST_BASE_URL names, which somebody else runs.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.harness.client import Client
from tests.harness.deployment import Deployment
from tests.harness.deployments import BOTH, deploy_as, start_all

_ELSEWHERE = os.environ.get("DARKROOM_TEST_BASE_URL")


@dataclass(frozen=True)
class Elsewhere:
    """Known by its address alone."""

    url: str


@pytest.fixture(scope="session")
def elsewhere() -> Elsewhere:
    return Elsewhere(str(_ELSEWHERE))


@pytest.fixture(scope="package")
def embedded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy_as("embedded", request, tmp_path_factory)() as running:
        start_all(running)
        yield running


@pytest.fixture(scope="package")
def on_servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy_as("servers", request, tmp_path_factory)() as running:
        start_all(running)
        yield running


@pytest.fixture(params=[pytest.param("elsewhere")] if _ELSEWHERE else BOTH)
def deployment(request: pytest.FixtureRequest) -> Deployment | Elsewhere:
    """Both stay until the last test here: as one fixture with parameters, each file would start them anew."""
    name = {"servers": "on_servers"}.get(request.param, request.param)
    running: Deployment | Elsewhere = request.getfixturevalue(name)
    return running


@pytest.fixture
def any_deployment(request: pytest.FixtureRequest) -> Deployment | Elsewhere:
    """For what does not depend on the kind, such as the messages of a command."""
    running: Deployment | Elsewhere = request.getfixturevalue("elsewhere" if _ELSEWHERE else "embedded")
    return running


@pytest.fixture
def client(deployment: Deployment | Elsewhere) -> Iterator[Client]:
    with Client(deployment.url) as somebody:
        yield somebody


@pytest.fixture
def other_user(deployment: Deployment | Elsewhere) -> Iterator[Client]:
    with Client(deployment.url) as somebody:
        yield somebody
