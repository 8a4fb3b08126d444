"""What an operator sees: stopping, restarting, and errors in the settings."""

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Client, download, sample_image
from tests.harness.commands import run_module
from tests.harness.deployment import ROOT, deployed, embedded_settings, environment_of_a_user, wait_for
from tests.harness.deployments import BOTH, SERVERS, deploy_as, on_servers, start_all
from tests.harness.scale import within

INVERT = [{"filter": "invert"}]
A_WHILE = [{"filter": "blur", "sigma": 20}] * 4


@pytest.mark.parametrize("kind", BOTH)
def test_sigterm_drains(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    with deploy_as(kind, request, tmp_path_factory)() as deployment:
        start_all(deployment)
        with Client(deployment.url) as client:
            tasks = [client.submit(sample_image((1600, 1200)), A_WHILE) for _ in range(3)]
            wait_for(lambda: any(client.task(task["task_id"])["status"] != "queued" for task in tasks))
            deployment.stop()  # asserts exit code 0 and that no process is left

            start_all(deployment)
            client.sign_in()
            ended = [client.ended(task) for task in tasks]
    assert [(task["status"], task["attempt"]) for task in ended if task["status"] != "succeeded"] == []


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_embedded_data_survives(end: str, tmp_path: Path) -> None:
    with deployed(embedded_settings(tmp_path), tmp_path) as deployment:
        api = deployment.start_api()
        with Client(deployment.url) as client:
            task, _ = client.run(sample_image(), INVERT)
            before = download(task)
            api.stop() if end == "stop" else api.kill()
            deployment.assert_no_stray()

            deployment.start_api()
            client.sign_in()
            after = client.task(task["task_id"])
            assert after["status"] == "succeeded"
            assert after["output"]["sha256"] == task["output"]["sha256"]
            link = client.http.get(f"/v1/tasks/{task['task_id']}/output").headers["Location"]
            assert download({"output": {"url": link}}) == before
            assert download(after) == before


def rejected(module: str, settings: Mapping[str, str], *, python: Path = Path(sys.executable)) -> str:
    """The one line that a process which will not start says on stderr."""
    done = subprocess.run(  # noqa: S603 - our own modules
        [python, "-m", module],
        env=environment_of_a_user(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode not in {0, -9, -15}, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in rejected("api", {**embedded_settings(tmp_path), "DARKROOM_PORT": port})


def test_a_locked_data_directory_is_one_line(tmp_path: Path) -> None:
    settings = embedded_settings(tmp_path)
    with deployed(settings, tmp_path) as deployment:
        deployment.start_api()
        assert settings["DARKROOM_DATA_DIR"] in rejected("api", {**settings, "DARKROOM_PORT": "0"})


def test_a_setting_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    assert "DARKROOM_PORT" in rejected("api", {**embedded_settings(tmp_path), "DARKROOM_PORT": "eighty"}).upper()


def test_a_server_without_a_secret_is_one_line(tmp_path: Path) -> None:
    settings = {**embedded_settings(tmp_path), "DARKROOM_S3_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert "DARKROOM_S3_SECRET_ACCESS_KEY" in rejected("api", settings)


def test_the_worker_rejects_embedded_parts(tmp_path: Path) -> None:
    line = rejected("worker", embedded_settings(tmp_path))
    assert "DARKROOM_BROKER_URL" in line


def test_a_failpoint_outside_a_test_is_one_line(tmp_path: Path) -> None:
    settings = {**embedded_settings(tmp_path), "DARKROOM_FAILPOINT": "committed=kill"}
    assert "DARKROOM_TESTING" in rejected("api", settings)


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.needs(*SERVERS)
def test_who_waits_is_answered_when_the_api_stops(
    request: pytest.FixtureRequest, tmp_path: Path, processes: str
) -> None:
    """Holds promise 10: no answer is cut off, and nobody holds the stop up."""
    with on_servers(request, tmp_path, DARKROOM_API_PROCESSES=processes) as deployment:
        api = deployment.start_api()  # and no worker: nothing ends by itself
        with Client(deployment.url) as client, ThreadPoolExecutor() as threads:
            task = client.submit(sample_image(), INVERT)
            path = f"/v1/tasks/{task['task_id']}"
            waiting = threads.submit(client.http.get, path, headers={"Prefer": "wait=60"})
            following = threads.submit(client.http.get, f"{path}/events")
            time.sleep(1)
            assert [each.done() for each in (waiting, following)] == [False, False]
            with within(8):
                api.stop()
            assert (waiting.result().status_code, waiting.result().json()["status"]) == (200, "queued")
            assert "event: queued" in following.result().text


def add_user(settings: Mapping[str, str], email: str, password: str) -> subprocess.CompletedProcess[str]:
    return run_module("api.users", "add", email, settings=settings, stdin=f"{password}\n")


def test_a_command_adds_users_where_registration_is_closed(tmp_path: Path) -> None:
    settings = {**embedded_settings(tmp_path), "DARKROOM_REGISTRATION": "closed"}
    who = {"email": "operator@example.com", "password": "correct horse"}
    assert add_user(settings, **who).returncode == 0, "before the first start of the service"
    with deployed(settings, tmp_path) as deployment:
        deployment.start_api()
        assert httpx.post(f"{deployment.url}/v1/users", json=who).status_code == httpx.codes.FORBIDDEN
        assert httpx.post(f"{deployment.url}/v1/sessions", json=who).status_code == httpx.codes.CREATED
        beside = {"email": "second@example.com", "password": "battery staple"}
        assert add_user(settings, **beside).returncode == 0, "beside the running service"
        assert httpx.post(f"{deployment.url}/v1/sessions", json=beside).status_code == httpx.codes.CREATED
        for email, password, code in [
            ("second@example.com", "battery staple", 1),
            ("no address", "battery staple", 2),
            ("third@example.com", "short", 2),
        ]:
            rejection = add_user(settings, email, password)
            assert rejection.returncode == code
            assert len(rejection.stderr.splitlines()) == 1
            assert "short" not in rejection.stderr
