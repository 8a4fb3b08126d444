"""What others on the same machine reach of `make run`: another local user, and a web page of another origin."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.harness.client import Client, sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings

FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
_NOBODY = 65534
_COUNT_READABLE = 'n=0; for path; do [ -r "$path" ] && n=$((n + 1)); done; echo $n'


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """In a directory that everybody may enter: the data directory itself is to keep others out."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        with deployed(embedded_settings(directory), directory) as running:
            running.start_api()
            yield running


@pytest.fixture
def client(deployment: Deployment) -> Iterator[Client]:
    with Client(deployment.url) as somebody:
        somebody.run(sample_image(), [{"filter": "invert"}])
        yield somebody


def test_only_the_api_listens_and_on_loopback(deployment: Deployment, client: Client) -> None:
    del client  # whoever has rendered has every process
    service = psutil.Process(deployment.services[0].process.pid)
    listening = {
        each.laddr
        for process in (service, *service.children(recursive=True))
        for each in process.net_connections()
        if each.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", int(deployment.settings["DARKROOM_PORT"]))}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_local_user_opens_nothing(deployment: Deployment, client: Client) -> None:
    """By names that they are given: finding them out is not even needed."""
    del client
    data_dir = deployment.directory / "data"
    paths = [str(path) for path in (data_dir, *data_dir.rglob("*"))]
    assert len(paths) > 5
    assert (_readable(paths, user=0), _readable(paths, user=_NOBODY)) == (len(paths), 0)


def test_a_page_of_another_origin_reads_nothing(client: Client) -> None:
    """A browser hands an answer to a page of another origin only with CORS headers; there are none."""
    for method in ("GET", "OPTIONS"):
        asked = {
            **FOREIGN,
            "Access-Control-Request-Method": "DELETE",
            "Access-Control-Request-Headers": "authorization",
        }
        for path in ("/v1/tasks", "/v1/filters", "/", "/metrics"):
            answer = client.http.request(method, path, headers=asked)
            assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_of_another_origin_changes_nothing(deployment: Deployment, client: Client) -> None:
    """Not with the cookie of somebody who is signed in, and not by a name that leads here."""
    who = {"email": client.email, "password": client.password, "cookie": True}
    signed_in = client.http.post("/v1/sessions", json=who, headers={"Sec-Fetch-Site": "same-origin"})
    cookie = {"Cookie": signed_in.headers["Set-Cookie"].partition(";")[0]}
    task_id = client.http.get("/v1/tasks").json()["items"][0]["task_id"]
    with httpx.Client(base_url=deployment.url, headers={**FOREIGN, **cookie}) as page:
        calls = [
            page.delete(f"/v1/tasks/{task_id}"),
            page.post(f"/v1/tasks/{task_id}/cancel"),
            page.delete("/v1/sessions"),
            page.post("/v1/images", content=sample_image()),
            page.get("/v1/tasks"),
        ]
        assert {answer.status_code for answer in calls} == {403}
        assert page.get("/v1/filters", headers={"Host": "evil.example"}).status_code == 421
    assert client.task(task_id)["status"] == "succeeded"


def _readable(paths: list[str], *, user: int) -> int:
    command = ["/bin/sh", "-c", _COUNT_READABLE, "sh", *paths]
    return int(subprocess.run(command, user=user, check=True, capture_output=True, timeout=300).stdout)  # noqa: S603 - our own
