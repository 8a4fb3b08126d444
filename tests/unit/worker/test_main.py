"""The worker service as a process: what it says, what it rejects, how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from storage.sql.upgrade import migrate
from tests.harness.deployment import wait_for
from tests.harness.servers import S3Server

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "worker"]


def a_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_ready(port: int) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{port}/readyz")
    assert (answer.status_code, answer.text) in {(200, "ok\n"), (503, "Not consuming from the broker.\n")}
    return answer.is_success


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
async def servers(
    own_database: str, amqp_url: str, queue_name: str, redis_url: str, own_bucket: S3Server
) -> dict[str, str]:
    await migrate(own_database)
    return {
        "DARKROOM_DATABASE_URL": own_database,
        "DARKROOM_BROKER_URL": amqp_url,
        "DARKROOM_BROKER_QUEUE": queue_name,
        "DARKROOM_REDIS_URL": redis_url,
        "DARKROOM_S3_ENDPOINT_URL": own_bucket.endpoint_url,
        "DARKROOM_S3_ACCESS_KEY_ID": own_bucket.access_key_id,
        "DARKROOM_S3_SECRET_ACCESS_KEY": own_bucket.secret_access_key,
        "DARKROOM_S3_BUCKET": own_bucket.bucket,
        "DARKROOM_WORKER_SLOTS": "2",
    }


@contextmanager
def a_worker(log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stderr:
        environment = {"PATH": os.environ["PATH"], **variables}
        process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stderr=stderr)  # noqa: S603 - our own code
    try:
        until(lambda: "worker_started" in log.read_text(), log)
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: object, log: Path) -> None:
    give_up_at = time.monotonic() + 300
    while callable(condition) and not condition():
        assert time.monotonic() < give_up_at, log.read_text()
        time.sleep(0.05)


def test_help_says_what_it_is() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    assert "SIGTERM drains" in shown.stdout


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, "DARKROOM_BROKER_URL"),
        ({"DARKROOM_WORKER_SLOTS": "none"}, "DARKROOM_WORKER_SLOTS"),
        ({"DARKROOM_FAILPOINT": "claimed=kill"}, "DARKROOM_TESTING"),
        ({"DARKROOM_S3_ENDPOINT_URL": "http://127.0.0.1:9"}, "DARKROOM_S3_ACCESS_KEY_ID"),
    ],
)
def test_wrong_settings_are_rejected_in_one_line(variables: dict[str, str], wanted: str) -> None:
    rejected = run(**variables)
    assert rejected.returncode == 2
    assert wanted in rejected.stderr
    assert rejected.stderr.count("\n") == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_its_children_with_exit_code_0(
    servers: dict[str, str], tmp_path: Path, stop: signal.Signals
) -> None:
    log, port = tmp_path / "log", a_port()
    with a_worker(log, DARKROOM_WORKER_METRICS_PORT=str(port), **servers) as worker:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=300) as answer:
            assert b"darkroom_worker_slots 2.0" in answer.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=300) as answer:
            assert answer.read() == b"ok\n"
        wait_for(lambda: is_ready(port), what="a worker that consumes")
        assert httpx.get(f"http://127.0.0.1:{port}/livez?by=a+scraper").is_success
        assert httpx.head(f"http://127.0.0.1:{port}/metrics").content == b""
        assert httpx.post(f"http://127.0.0.1:{port}/metrics").status_code == 405
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=300)
        offspring = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(stop)
        assert worker.wait(timeout=300) == 0
    assert len(offspring) == 3
    assert psutil.wait_procs(offspring, timeout=300)[1] == []
    assert "Traceback" not in log.read_text()


def test_a_killed_worker_leaves_no_child(servers: dict[str, str], tmp_path: Path) -> None:
    with a_worker(tmp_path / "log", DARKROOM_WORKER_METRICS_PORT="0", **servers) as worker:
        offspring = psutil.Process(worker.pid).children(recursive=True)
        worker.kill()
    assert psutil.wait_procs(offspring, timeout=300)[1] == []


def test_a_port_that_is_taken_is_rejected_in_one_line(servers: dict[str, str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        rejected = run(**servers, DARKROOM_WORKER_METRICS_PORT=str(listener.getsockname()[1]))
    assert rejected.returncode == 2
    assert "DARKROOM_WORKER_METRICS_PORT" in rejected.stderr
    assert rejected.stderr.count("\n") == 1


def test_it_starts_and_stops_without_its_broker(servers: dict[str, str], tmp_path: Path) -> None:
    away = {**servers, "DARKROOM_BROKER_URL": "amqp://guest:guest@127.0.0.1:9/", "DARKROOM_WORKER_METRICS_PORT": "0"}
    with a_worker(tmp_path / "log", **away) as worker:
        worker.terminate()
        assert worker.wait(timeout=300) == 0
