"""What an operator does with the running system: alerts, the runbook, new secrets, a restore, TLS, and taking it down.

Run by `make test-compose` after whole_system.py, on the same system.
"""

import ssl
import time
from collections.abc import Callable

import httpx
import pytest

from tests.compose.confinement import assert_confined
from tests.compose.system import ONE_SHOTS, System
from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import wait_for
from tests.harness.runbook import Command, commands

INVERT = [{"filter": "invert"}]
MODULES = [command for command in commands() if command.words[1] == "compose" and command.module]

pytestmark = pytest.mark.timeout(900)


def test_a_page_reaches_the_log_of_alerts(system: System) -> None:
    """Sent to Alertmanager as Prometheus would: here no alert fires by itself."""
    alert = {"labels": {"alertname": "DarkroomApiDown", "severity": "page"}, "annotations": {"summary": "A test"}}
    sent = httpx.post(f"http://127.0.0.1:{system.ports['ALERTMANAGER_PORT']}/api/v2/alerts", json=[alert])
    assert sent.status_code == httpx.codes.OK
    wait_for(lambda: "DarkroomApiDown" in system.compose("logs", "alert-log"), seconds=120, what="the page")
    targets_of = httpx.get(f"http://127.0.0.1:{system.ports['PROMETHEUS_PORT']}/api/v1/alertmanagers").json()["data"]
    assert len(targets_of["activeAlertmanagers"]) == 1


@pytest.mark.parametrize("command", MODULES, ids=lambda command: command.text)
def test_the_runbook_runs(system: System, command: Command) -> None:
    before, *rest = command.compose
    assert system.compose(before, "--no-TTY", *rest) is not None


def works(system: System) -> Json:
    """Return a task that was uploaded, rendered and downloaded just now."""
    with Client(system.url) as client:
        task, _ = client.run(sample_image(), INVERT)
        assert httpx.get(task["output"]["url"]).status_code == httpx.codes.OK
    return task


@pytest.mark.parametrize(
    "secret",
    [
        *("POSTGRES_PASSWORD", "POSTGRES_METRICS_PASSWORD", "POSTGRES_ADMIN_PASSWORD", "RABBITMQ_PASSWORD"),
        *("REDIS_PASSWORD", "MINIO_ROOT_PASSWORD", "S3_SECRET_ACCESS_KEY"),
    ],
)
def test_the_system_works_with_a_rotated_secret(system: System, secret: str) -> None:
    """Of PostgreSQL, RabbitMQ and Redis, the old one is tried as well and opens nothing."""
    old = system.value_of(secret)
    system.seconds[f"{secret} rotated"] = -time.monotonic()
    system.rotate(secret)
    system.seconds[f"{secret} rotated"] += time.monotonic()
    assert system.value_of(secret) != old
    works(system)
    if attempt := OPENED_BY.get(secret):
        assert "opened" in system.compose("exec", "--no-TTY", *attempt(system.value_of(secret)))
        assert "opened" not in system.compose("exec", "--no-TTY", *attempt(old))


def test_grafana_has_the_rotated_password(system: System) -> None:
    if not system.containers("grafana"):
        pytest.skip("Grafana is in its own image only, and the stand-ins have none.")
    me, old = f"http://127.0.0.1:{system.ports['GRAFANA_PORT']}/api/user", system.value_of("GRAFANA_PASSWORD")
    assert httpx.get(me, auth=("admin", old)).status_code == httpx.codes.OK
    system.rotate("GRAFANA_PASSWORD")
    assert httpx.get(me, auth=("admin", system.value_of("GRAFANA_PASSWORD"))).status_code == httpx.codes.OK
    assert httpx.get(me, auth=("admin", old)).status_code == httpx.codes.UNAUTHORIZED


def by_psql(role: str) -> Callable[[str], tuple[str, ...]]:
    url = "host=127.0.0.1 dbname=darkroom user={} password={}"
    return lambda password: (
        *("postgres", "sh", "-c", 'psql "$1" --tuples-only --command "SELECT \'opened\'" 2>&1 || true', "sh"),
        url.format(role, password),
    )


OPENED_BY: dict[str, Callable[[str], tuple[str, ...]]] = {
    "POSTGRES_PASSWORD": by_psql("darkroom"),
    "POSTGRES_METRICS_PASSWORD": by_psql("metrics"),
    "POSTGRES_ADMIN_PASSWORD": by_psql("postgres"),
    "RABBITMQ_PASSWORD": lambda password: (
        *("rabbitmq", "sh", "-c", 'rabbitmqctl authenticate_user darkroom "$1" && echo opened || true', "sh"),
        password,
    ),
    "REDIS_PASSWORD": lambda password: (
        *("redis", "sh", "-c", "REDISCLI_AUTH=$1 redis-cli ping | sed s/PONG/opened/", "sh"),
        password,
    ),
}


def test_a_restored_dump_brings_back_what_it_has(system: System) -> None:
    """The commands of docs/operations.md for Compose."""
    kept = works(system)
    dump = ("pg_dump --username postgres --format=custom darkroom > /tmp/darkroom.dump", "the dump")
    with Client(system.url) as client:
        before, _ = client.run(sample_image(), INVERT)
        in_postgres(system, *dump)
        after, _ = client.run(sample_image(), INVERT)
        system.compose("stop", "api", "worker")
        in_postgres(system, "dropdb --username postgres --force darkroom", "the loss of the database")
        in_postgres(system, "createdb --username postgres --owner darkroom darkroom", "an empty database")
        in_postgres(
            system,
            "pg_restore --username postgres --dbname darkroom --exit-on-error /tmp/darkroom.dump",
            "the restore",
        )
        system.up("up on the restored database")
        client.sign_in()
        assert client.task(before["task_id"])["output"]["sha256"] == before["output"]["sha256"]
        assert httpx.get(client.task(before["task_id"])["output"]["url"]).status_code == httpx.codes.OK
        assert client.http.get(f"/v1/tasks/{after['task_id']}").status_code == httpx.codes.NOT_FOUND
    assert kept["task_id"] != works(system)["task_id"]


def in_postgres(system: System, command: str, step: str) -> None:
    system.timed(step, "exec", "--no-TTY", "postgres", "sh", "-c", command)


def test_tls(system: System) -> None:
    """Through Caddy: redirect, HSTS, links by HTTPS, and client addresses that clients cannot choose."""
    system.add_tls()
    system.up("up with TLS")
    assert_confined(system)
    authority = system.compose("exec", "--no-TTY", "caddy", "cat", "/data/caddy/pki/authorities/local/root.crt")
    plain = httpx.get(f"http://127.0.0.1:{system.ports['TLS_HTTP_PORT']}/v1/filters", headers={"Host": "images.test"})
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://images.test/v1/filters")

    forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Prefix": "/forged", "X-Forwarded-Host": "other.test"}
    with by_tls(system, authority) as client:
        answer = client.get("/v1/filters", headers=forged)
        assert answer.status_code == httpx.codes.OK
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert client.get("/metrics").status_code == httpx.codes.NOT_FOUND
        assert "/forged" not in client.get("/", headers=forged).text
        who = {"email": "tls@example.com", "password": "correct horse"}
        client.post("/v1/users", json=who).raise_for_status()
        token = client.post("/v1/sessions", json=who).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        image = client.post("/v1/images", content=sample_image(), headers=bearer)
        link = client.get(f"/v1/images/{image.json()['image_id']}", headers=bearer).json()["url"]
        assert link.startswith("https://s3.images.test/")
        path = link.removeprefix("https://s3.images.test")
        fetched = client.get(path, headers={"Host": "s3.images.test"})
        assert fetched.content == sample_image()
    assert "forwarded_headers_ignored" not in system.compose("logs", "api")
    wait_for(lambda: system.targets("tls"), seconds=180, what="Prometheus reaching the probe of the certificate")


def by_tls(system: System, authority: str) -> httpx.Client:
    """A client that trusts Caddy's authority and finds each Host at the published port."""

    def name_host(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = request.headers["Host"]

    return httpx.Client(
        event_hooks={"request": [name_host]},
        base_url=f"https://127.0.0.1:{system.ports['TLS_PORT']}",
        headers={"Host": "images.test"},
        verify=ssl.create_default_context(cadata=authority),
        timeout=60,
    )


def test_a_second_up_finds_everything_done(system: System) -> None:
    system.up("up once more", "--scale", "worker=2")
    assert [one["State"]["ExitCode"] for one in system.containers(*sorted(ONE_SHOTS))] == [0, 0, 0]


def test_down_leaves_nothing(system: System) -> None:
    assert system.left()
    system.timed("down, with the volumes", "down", "--volumes", "--timeout", "20")
    assert not system.left()
