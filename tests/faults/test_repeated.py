"""Holds promise 11 with real kills: who does not know whether a request arrived sends it again, with its key."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.deployments import SERVERS, on_servers

POINTS = ["object_complete", "committed", "published", "before_answer"]
BEHIND_THE_ANSWER = {"published"}  # the client may have it, or not


def submit(client: Client) -> httpx.Response:
    return client.http.post(
        "/v1/tasks", files={"image": sample_image()}, data={"filter": "invert"}, headers={"Idempotency-Key": "once"}
    )


def submit_again(client: Client) -> Json | None:
    """None: a request with this key is thought to be running, for so long as a killed process keeps its place."""
    answer = submit(client)
    assert answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.CONFLICT}, answer.text
    if answer.status_code == httpx.codes.CONFLICT:
        assert answer.headers["Retry-After"] == "1"
        time.sleep(0.5)
        return None
    task: Json = answer.json()
    return task


def kill_and_repeat(deployment: Deployment, point: str) -> None:
    api = deployment.start_api(DARKROOM_TESTING="1", DARKROOM_FAILPOINT=f"{point}=kill")
    with Client(deployment.url) as client:
        with suppress(httpx.TransportError) if point in BEHIND_THE_ANSWER else pytest.raises(httpx.TransportError):
            submit(client)
        api.process.wait(300)
        repaired = deployment.start_api()
        client.sign_in()
        first = wait_for(lambda: submit_again(client), what="the answer to the repeated request")
        again = submit_again(client)
        assert again
        assert again["task_id"] == first["task_id"]
        assert client.ended(first)["status"] == "succeeded"
        assert [task["task_id"] for task in client.http.get("/v1/tasks").json()["items"]] == [first["task_id"]]
    repaired.stop()


@pytest.fixture(scope="module")
def with_a_worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with on_servers(request, tmp_path_factory.mktemp("repeated")) as deployment:
        deployment.start_worker()
        yield deployment


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.needs(*SERVERS)
def test_killed_and_repeated(with_a_worker: Deployment, point: str) -> None:
    """Holds promise 11."""
    kill_and_repeat(with_a_worker, point)


def test_killed_and_repeated_embedded(tmp_path: Path) -> None:
    """Holds promise 11 and promise 12."""
    with deployed({**embedded_settings(tmp_path), "DARKROOM_WORKER_SLOTS": "1"}, tmp_path) as deployment:
        kill_and_repeat(deployment, "committed")
