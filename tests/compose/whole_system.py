"""Asked of the whole system as infra/compose.yml runs it. `make test-compose`; not a part of `make test`.

The tests stand in the order in which an operator would do these things, and build on each other; operations.py follows.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.compose.confinement import assert_confined
from tests.compose.system import ONE_SHOTS, ROOT, System, service_of
from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import wait_for

INVERT = [{"filter": "invert"}]
# The others start processes.
ACCEPTANCE = tuple(f"tests/acceptance/test_{name}.py" for name in ("users", "tasks", "outputs"))

pytestmark = pytest.mark.timeout(900)


def test_all_are_healthy_and_the_one_shots_ended_well(system: System) -> None:
    states = {service_of(one): one["State"] for one in system.containers()}
    unwell = {
        name: state
        for name, state in states.items()
        if (state["ExitCode"] != 0 if name in ONE_SHOTS else state.get("Health", {}).get("Status") != "healthy")
    }
    assert ONE_SHOTS | {"api", "worker", "postgres", "redis", "rabbitmq", "minio", "prometheus"} <= states.keys()
    assert not unwell


def test_every_container_is_hemmed_in(system: System) -> None:
    assert_confined(system)


def test_the_acceptance_suite_from_outside(system: System) -> None:
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *ACCEPTANCE],
        cwd=ROOT,
        env={**os.environ, "DARKROOM_TEST_BASE_URL": system.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"\d+ passed", done.stdout)
    system.seconds[f"acceptance suite: {passed.group() if passed else '?'}"] = time.monotonic() - began


def test_links_work_from_the_host_and_inside_the_network(system: System) -> None:
    with Client(system.url) as client:
        task, _ = client.run(sample_image(), INVERT)
    link = httpx.URL(task["output"]["url"])
    assert (link.host, link.port) == ("127.0.0.1", system.ports["S3_PORT"])
    from_host = httpx.get(link)
    assert from_host.status_code == httpx.codes.OK
    assert httpx.get(str(link)[:-1] + "x").status_code == httpx.codes.FORBIDDEN

    fetch = (  # to the server by its name there, saying the host that was signed
        "import sys, urllib.request as r;"
        "q = r.Request(sys.argv[1], headers={'Host': sys.argv[2]}); print(len(r.urlopen(q, timeout=10).read()))"
    )
    inside = str(link.copy_with(host="minio", port=9000))
    said = system.compose("exec", "--no-TTY", "api", "python", "-c", fetch, inside, f"127.0.0.1:{link.port}")
    assert int(said) == len(from_host.content)


@pytest.mark.parametrize("job", ["api", "worker", "postgres", "redis", "rabbitmq", "rabbitmq-queues", "alertmanager"])
def test_prometheus_reaches(system: System, job: str) -> None:
    wait_for(lambda: system.targets(job), what=f"Prometheus reaching {job}")


def test_a_second_worker_is_seen(system: System) -> None:
    system.up("a second worker", "--no-recreate", "--scale", "worker=2")
    wait_for(lambda: len(system.targets("worker")) == 2, seconds=60, what="Prometheus reaching two workers")


@contextmanager
def one_worker(system: System, *, failpoint: str) -> Iterator[dict[str, Any]]:
    """The only one there is, which holds tasks at this fail-point: however fast it renders, one of them is running."""
    system.worker_failpoint = failpoint
    system.up(f"one worker, {failpoint}", "--scale", "worker=1")
    try:
        (worker,) = system.containers("worker")
        yield worker
    finally:
        system.worker_failpoint = ""


def submit(client: Client, count: int) -> list[Json]:
    """Different images: tasks that do the same work would share one render, and be held once."""
    return [client.submit(sample_image((64, 48 + number)), INVERT) for number in range(count)]


def is_any_running(client: Client, tasks: list[Json]) -> bool:
    return any(client.task(task["task_id"])["status"] == "running" for task in tasks)


def is_fifth_running(client: Client, tasks: list[Json]) -> bool:
    states = [client.task(task["task_id"])["status"] for task in tasks]
    return states.count("succeeded") >= 4 and "running" in states


def test_a_killed_worker_loses_no_task_and_comes_back(system: System) -> None:
    """It holds its fifth task when it is killed. Four are left at most, so it holds none when it is back."""
    with one_worker(system, failpoint="child:5=sleep") as victim, Client(system.url) as client:
        began = time.monotonic()
        tasks = submit(client, 8)
        wait_for(lambda: is_fifth_running(client, tasks), seconds=60, what="a task that is held")
        # What a crash is to Docker: the process under init is gone. (`docker kill` counts as being asked to stop.)
        system.docker("exec", victim["Id"], "sh", "-c", "kill -9 $(cat /proc/1/task/1/children)")
        ended = [client.ended(task, seconds=300) for task in tasks]
    assert {task["status"] for task in ended} == {"succeeded"}
    assert max(task["attempt"] for task in ended) > 1

    def back() -> bool:
        (now,) = system.containers("worker")
        return bool(now["RestartCount"] == 1 and now["State"]["Health"]["Status"] == "healthy")

    wait_for(back, seconds=120, what="the killed worker's return")
    system.seconds["worker killed: 8 of 8 tasks succeeded, it is back"] = time.monotonic() - began


def test_stopping_drains(system: System) -> None:
    """What does not end within the drain is handed back."""
    with one_worker(system, failpoint="child:*=sleep") as worker, Client(system.url) as client:
        tasks = submit(client, 4)
        wait_for(lambda: is_any_running(client, tasks), seconds=60, what="a task that is held")
        system.timed("worker stopped, draining", "stop", "worker")
        (stopped,) = system.containers("worker")
        assert (stopped["Id"], stopped["State"]["ExitCode"]) == (worker["Id"], 0)
        assert not is_any_running(client, tasks)
        system.worker_failpoint = ""
        system.up("two workers again", "--scale", "worker=2")
        ended = [client.ended(task, seconds=120) for task in tasks]
    assert {task["status"] for task in ended} == {"succeeded"}
