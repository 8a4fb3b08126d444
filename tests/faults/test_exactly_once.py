"""Delivered any number of times, by anybody, with anything in it: one effect for each task and none for the rest."""

import secrets
import signal
import time
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID, uuid4

import aio_pika
import httpx
import pytest

from core.messages import TaskQueued
from tests.faults.harness.checker import all_ended, check, dead_letters, depth
from tests.faults.harness.findings import Row, rows_of
from tests.faults.harness.load import loading
from tests.faults.harness.server_processes import QUEUE
from tests.faults.harness.testbed import Testbed
from tests.faults.harness.workload import Submission, mixed
from tests.faults.run_case import stopped, wake
from tests.harness.client import Client, sample_image
from tests.harness.deployment import Service, wait_for
from tests.harness.http import NO_TLS
from tests.harness.scale import figure
from tests.harness.servers import in_thread, s3_client

INVERT = ({"filter": "invert"},)
MEDIANS = ({"filter": "median", "size": 31},) * 20
SMALL = Submission(image=sample_image(), pipeline=INVERT)


def failing(point: str) -> dict[str, str]:
    return {"DARKROOM_TESTING": "1", "DARKROOM_FAILPOINT": point}


def publish(testbed: Testbed, bodies: Iterable[bytes]) -> None:
    """As anybody may who has the broker's password."""

    async def work() -> None:
        async with await aio_pika.connect(testbed.amqp_url, timeout=60) as connection:
            channel = await connection.channel()
            for body in bodies:
                await channel.default_exchange.publish(aio_pika.Message(body), QUEUE)

    in_thread(work)


def messages_of(rows: dict[str, Row]) -> list[bytes]:
    return [TaskQueued(task_id=UUID(task_id), source_key=row["source_key"]).encode() for task_id, row in rows.items()]


def ended_rows(testbed: Testbed, *, seconds: float = 300) -> dict[str, Row]:
    wait_for(lambda: all_ended(rows_of(testbed).values()), seconds=seconds, what="every task's end")
    return rows_of(testbed)


def test_five_deliveries_have_one_effect(testbed: Testbed) -> None:
    """Holds promise 4: 1,000 tasks, each delivered five times while it runs and again when it has ended; here 40."""
    count = figure(part=40, whole=1000)
    testbed.ensure_api()
    testbed.ensure_workers(0)
    with loading(testbed.url, [SMALL] * count) as load:
        load.finish(seconds=600)
        waiting = messages_of(rows_of(testbed))
        publish(testbed, waiting * 4)
        testbed.ensure_workers(2)
        before = ended_rows(testbed, seconds=600)
        publish(testbed, waiting)
        wait_for(lambda: in_thread(lambda: depth(testbed)) == 0, seconds=300, what="an empty queue")
    findings = check(testbed, load)
    assert findings.problems == []
    assert rows_of(testbed) == before
    assert [row["status"] for row in before.values()] == ["succeeded"] * count


def test_a_worker_that_slept_past_its_lease_changes_nothing(testbed: Testbed) -> None:
    """Holds promise 5: 50 of 50, frozen between upload and commit; here 3. What it uploaded is collected."""
    rounds = figure(part=3, whole=50)
    testbed.ensure_api()
    testbed.ensure_workers(0)
    lease = {"DARKROOM_LEASE_SECONDS": "3"}  # which the other one must keep, however busy the machine
    sleeper = testbed.start_worker(**lease, **failing("uploaded:*=stop"), DARKROOM_WORKER_SLOTS="1")
    testbed.start_worker(**lease)
    with Client(testbed.url) as client:
        for _ in range(rounds):
            _sleep_once(testbed, client, sleeper)
    sleeper.kill()


def _sleep_once(testbed: Testbed, client: Client, sleeper: Service) -> None:
    while not stopped(sleeper):
        client.submit(SMALL.image, INVERT)
        time.sleep(0.2)
    held = [task_id for task_id, row in rows_of(testbed).items() if _is_held_by(sleeper, row)]
    before = wait_for(lambda: _if_succeeded(testbed, held), seconds=300, what="another worker's output")
    assert held
    assert {row["attempt"] for row in before.values()} == {2}
    wait_for(lambda: _wake_and_look(testbed, sleeper, before), what="the end of the sleeper's output")
    assert {task_id: row for task_id, row in rows_of(testbed).items() if task_id in before} == before


def _if_succeeded(testbed: Testbed, held: Collection[str]) -> dict[str, Row] | None:
    found = {task_id: row for task_id, row in rows_of(testbed).items() if task_id in held}
    return found if {row["status"] for row in found.values()} == {"succeeded"} else None


def _wake_and_look(testbed: Testbed, sleeper: Service, rows: Mapping[str, Row]) -> bool:
    """It holds a second task, with which it may come to the same moment."""
    wake(sleeper)
    return all(outputs_of(testbed, task_id) == [row["output_key"]] for task_id, row in rows.items())


def _is_held_by(worker: Service, row: Row) -> bool:
    return row["status"] == "running" and f"-{worker.process.pid}-" in row["worker_id"]


def outputs_of(testbed: Testbed, task_id: str) -> list[str]:
    client = s3_client(testbed.s3)
    found = client.list_objects_v2(Bucket=testbed.s3.bucket, Prefix=f"outputs/{task_id}/").get("Contents", ())
    client.close()
    return [entry["Key"] for entry in found]


HOSTILE = {
    "worker_lost": (failing("child:*=kill"), SMALL),
    "timeout": (
        {"DARKROOM_RENDER_TIMEOUT_SECONDS": "2"},
        Submission(image=sample_image((2400, 2000)), pipeline=MEDIANS),
    ),
    "resource_limit": (
        {"DARKROOM_RENDER_MEMORY_BYTES": str(400 * 2**20)},
        Submission(image=sample_image((7000, 7000)), pipeline=INVERT),
    ),
}
ATTEMPTS = {"worker_lost": 3, "timeout": 2, "resource_limit": 1}  # what would fail again is not repeated


@pytest.mark.parametrize("code", HOSTILE)
def test_poison_stops_after_at_most_three_claims(testbed: Testbed, code: str) -> None:
    """Holds promise 7: with its reason; the worker lives, and where only the picture is poison, others go on."""
    settings, poison = HOSTILE[code]
    testbed.ensure_api()
    testbed.ensure_workers(0)
    worker = testbed.start_worker(**settings)
    with Client(testbed.url) as client:
        task = client.submit(poison.image, poison.pipeline)
        others = [client.submit(SMALL.image, INVERT) for _ in range(3)]
        ended = client.ended(task)
        codes = [(client.ended(other)["error"] or {}).get("code") for other in others]
    assert (ended["status"], ended["attempt"], ended["error"]["code"]) == ("failed", ATTEMPTS[code], code)
    assert codes == [code if "DARKROOM_FAILPOINT" in settings else None] * 3
    assert worker.process.poll() is None


def test_a_task_that_kills_three_workers_is_not_given_a_fourth(testbed: Testbed) -> None:
    """Holds promise 7: the whole worker, not only the child."""
    testbed.ensure_api()
    testbed.ensure_workers(0)
    with Client(testbed.url) as client:
        task = client.submit(SMALL.image, INVERT)
        for _ in range(3):
            doomed = testbed.start_worker(**failing("claimed=kill"))
            assert doomed.process.wait(300) == -signal.SIGKILL
        testbed.ensure_workers(1)
        ended = client.ended(task)
    assert (ended["status"], ended["attempt"], ended["error"]["code"]) == ("failed", 3, "worker_lost")


def garbage(count: int) -> list[bytes]:
    unknown = TaskQueued(task_id=uuid4(), source_key="sources/unknown").encode()
    kinds = (b"", b"no JSON", b"[1, 2]", b"{}", unknown, unknown.replace(b'"version":1', b'"version":99'))
    return [kinds[number % len(kinds)] or secrets.token_bytes(300) for number in range(count)]


def test_garbage_goes_to_the_dead_letters_and_harms_nobody(testbed: Testbed) -> None:
    """Holds promise 8: 1,000 of them, here 60: no JSON, an unknown id, a future version, noise."""
    bodies = garbage(figure(part=60, whole=1000))
    testbed.ensure_api()
    testbed.ensure_workers(0)
    in_thread(lambda: dead_letters(testbed))  # of an earlier test, whose workers ran until now
    worker = testbed.start_worker()
    publish(testbed, bodies[: len(bodies) // 2])
    with loading(testbed.url, mixed(10)) as load:
        publish(testbed, bodies[len(bodies) // 2 :])
        load.finish(seconds=300)
        ended_rows(testbed)
    wait_for(lambda: dead_letters_total(worker) >= len(bodies), what="every dead letter")
    found = in_thread(lambda: dead_letters(testbed))
    assert sorted(body for body in found if body in bodies) == sorted(bodies)
    assert len(found) - len(bodies) == dead_letters_total(worker) - len(bodies)
    assert check(testbed, load).problems == []


def dead_letters_total(worker: Service) -> int:
    lines = httpx.get(f"{worker.url}/metrics", verify=NO_TLS).text.splitlines()
    return sum(int(float(line.split()[1])) for line in lines if line.startswith("darkroom_dead_letters_total "))
