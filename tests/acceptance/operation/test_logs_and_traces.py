"""What an operator reads when an image has gone wrong: its lines in both services, and its trace."""

import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.client import Client, Json, sample_image
from tests.harness.collector import Collector, collecting
from tests.harness.deployment import Service, deployed, embedded_settings, wait_for
from tests.harness.deployments import BOTH, SERVERS, deploy_as, on_servers, start_all
from tests.harness.scale import within

INVERT = [{"filter": "invert"}]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


def a_trace() -> tuple[str, str]:
    """Its id, and the traceparent of a client that has begun it."""
    trace_id = secrets.token_hex(16)
    return trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-01"


def lines_of(service: Service) -> list[dict[str, Any]]:
    """Every line must be JSON, but for the words of welcome on stdout."""
    return [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]


def run(client: Client, **headers: str) -> Json:
    client.http.headers.update(headers)
    return client.ended(client.submit(sample_image(), INVERT))


@pytest.mark.parametrize("kind", BOTH)
def test_one_upload_is_one_trace(
    kind: str, collector: Collector, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace_id, traceparent = a_trace()
    with deploy_as(kind, request, tmp_path_factory)(DARKROOM_OTLP_ENDPOINT=collector.url) as deployment:
        start_all(deployment)
        with Client(deployment.url) as client:
            answer = client.http.post(
                "/v1/tasks",
                data={"filter": "invert"},
                files={"image": ("image", sample_image())},
                headers={"traceparent": traceparent, "X-Request-ID": "one-upload"},
            )
            task = client.ended(answer.json())
        deployment.stop()
        spans = collector.of_trace(trace_id)
        lines = [line for service in deployment.services for line in lines_of(service)]

    assert {name: parent(span.parent_id, collector) for name, span in spans.items()} == {
        "POST /v1/tasks": "",
        "publish": "POST /v1/tasks",
        "task": "publish",
        "download": "task",
        "render": "task",
        "upload": "task",
    }
    worker = "darkroom-worker" if kind == "servers" else "darkroom-api"
    assert (spans["publish"].service, spans["task"].service) == ("darkroom-api", worker)
    assert spans["POST /v1/tasks"].attributes["darkroom.request_id"] == "one-upload"
    assert spans["task"].attributes == {
        "darkroom.task_id": task["task_id"],
        "darkroom.request_id": "one-upload",
        "darkroom.attempt": 1,
        "darkroom.outcome": "succeeded",
    }
    assert {line["event"] for line in lines if line.get("trace_id") == trace_id} >= {"task_submitted", "attempt_ended"}


def parent(span_id: str, collector: Collector) -> str:
    return next((span.name for span in collector.spans if span.span_id == span_id), "")


@pytest.mark.needs(*SERVERS)
def test_the_trace_goes_on_where_the_sweep_repairs(
    collector: Collector, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The API dies between the commit and the message."""
    trace_id, traceparent = a_trace()
    quick = {"DARKROOM_SWEEP_INTERVAL_SECONDS": "0.5", "DARKROOM_OTLP_ENDPOINT": collector.url}
    with on_servers(request, tmp_path, **quick) as deployment:
        api = deployment.start_api(DARKROOM_TESTING="1", DARKROOM_FAILPOINT="committed=kill")
        with Client(deployment.url) as client:
            client.http.headers["traceparent"] = traceparent
            with pytest.raises(httpx.TransportError):
                client.submit(sample_image(), INVERT)
            api.process.wait()
            deployment.start_worker()
            deployment.start_api()
            wait_for(lambda: client.http.get("/v1/tasks").json()["items"][0]["status"] == "succeeded")
        deployment.stop()
    assert {"publish", "task", "download", "render", "upload"} <= set(collector.of_trace(trace_id))


def test_a_frozen_collector_holds_nothing_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        endpoint = f"http://127.0.0.1:{frozen.getsockname()[1]}"
        settings = {**embedded_settings(tmp_path), "DARKROOM_OTLP_ENDPOINT": endpoint}
        with deployed(settings, tmp_path) as deployment:
            api = deployment.start_api()
            with Client(deployment.url) as client:
                assert run(client)["status"] == "succeeded"
            with within(15):
                api.stop()


@pytest.mark.needs(*SERVERS)
def test_a_request_can_be_followed_into_the_worker(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with on_servers(request, tmp_path, DARKROOM_LOG_FORMAT="json") as deployment:
        api, worker = deployment.start_api(), deployment.start_worker()
        with Client(deployment.url) as client:
            task = run(client, **{"X-Request-ID": "follow-me"})
        wait_for(lambda: followed(worker), what="the worker's line")
        submitted, ended = followed(api)[-1], followed(worker)[-1]
    assert (submitted["event"], submitted["task_id"]) == ("task_submitted", task["task_id"])
    assert (ended["event"], ended["task_id"], ended["attempt"]) == ("attempt_ended", task["task_id"], 1)


def followed(service: Service) -> list[dict[str, Any]]:
    return [line for line in lines_of(service) if line.get("request_id") == "follow-me"]


@pytest.mark.needs(*SERVERS)
def test_no_line_holds_a_secret(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Even at the level debug, and with every server away."""
    password = secrets.token_urlsafe(16)
    away = {
        "DARKROOM_DATABASE_URL": f"postgresql+asyncpg://darkroom:{password}@127.0.0.1:1/darkroom",
        "DARKROOM_BROKER_URL": f"amqp://darkroom:{password}@127.0.0.1:1/",
        "DARKROOM_REDIS_URL": f"redis://:{password}@127.0.0.1:1/0",
        "DARKROOM_S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "DARKROOM_S3_SECRET_ACCESS_KEY": password,
    }
    with on_servers(request, tmp_path, DARKROOM_LOG_LEVEL="debug", DARKROOM_LOG_FORMAT="json") as deployment:
        start_all(deployment)
        with Client(deployment.url) as client:
            task = run(client)
            links = [task["output"]["url"], client.http.get(f"/v1/tasks/{task['task_id']}/output").headers["Location"]]
            token = client.http.headers["Authorization"].removeprefix("Bearer ")
            said = [client.password, token, *(link.partition("X-Amz-Signature=")[2][:64] for link in links)]
        port = deployment.settings["DARKROOM_PORT"]
        deployment.stop()
        isolated = deployment.launch("api", f"http://127.0.0.1:{port}", away)
        isolated.ready_path = "/livez"
        isolated.wait_until_ready()
        assert client_like(isolated).status_code == httpx.codes.SERVICE_UNAVAILABLE
        deployment.stop()
        text = "\n".join(service.log.read_text() for service in deployment.services)
    secret_access_key = deployment.settings["DARKROOM_S3_SECRET_ACCESS_KEY"]
    assert all(said)
    assert [secret for secret in (*said, password, secret_access_key, "X-Amz-Signature") if secret in text] == []


def client_like(service: Service) -> httpx.Response:
    return httpx.post(
        f"{service.url}/v1/sessions", json={"email": "me@example.com", "password": "correct horse"}, timeout=300
    )


def test_who_did_what_is_logged(tmp_path: Path) -> None:
    with deployed(embedded_settings(tmp_path), tmp_path) as deployment:
        api = deployment.start_api()
        with Client(deployment.url) as client:
            user_id = client.http.get("/v1/users/me").json()["user_id"]
            client.http.post("/v1/sessions", json={"email": client.email, "password": "a wrong one"})
            task = client.ended(client.submit(sample_image((640, 480))[:2000], INVERT))
            client.http.delete(f"/v1/tasks/{task['task_id']}")
            client.http.delete("/v1/tasks?status=failed")
            client.http.delete("/v1/sessions/current")
        lines = lines_of(api)
    of_user = {line["event"]: line for line in lines if line.get("user_id") == user_id}
    assert of_user.keys() >= {"user_registered", "signed_in", "task_submitted", "tasks_deleted", "signed_out"}
    assert of_user["sign_in_failed"]["address"] == "127.0.0.1"
    assert of_user["task_deleted"]["task_id"] == task["task_id"]
    failed = of_user["attempt_failed"]
    assert (failed["task_id"], failed["code"], failed["attempt"]) == (task["task_id"], "invalid_image", 1)
    assert client.email not in api.log.read_text()
