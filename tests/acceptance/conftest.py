"""One running deployment of each kind for the whole suite; each test is a new user.

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


@pytest.fixture(scope="session", params=[pytest.param("elsewhere")] if _ELSEWHERE else BOTH)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment | Elsewhere]:
    if _ELSEWHERE:
        yield Elsewhere(_ELSEWHERE)
        return
    with deploy_as(request.param, request, tmp_path_factory)() as running:
        start_all(running)
        yield running


@pytest.fixture
def client(deployment: Deployment | Elsewhere) -> Iterator[Client]:
    with Client(deployment.url) as somebody:
        yield somebody


@pytest.fixture
def other_user(deployment: Deployment | Elsewhere) -> Iterator[Client]:
    with Client(deployment.url) as somebody:
        yield somebody
