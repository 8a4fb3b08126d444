"""The one checker: after a fault it looks at everything there is, and says what is wrong with it."""

import asyncio
import io
import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import aio_pika
import asyncpg
import psutil
from PIL import Image

import broker as brokers
from core.keys import row_id
from core.settings import Settings
from storage import open_storage
from tests.faults.load import Load
from tests.faults.testbed import QUEUE, Stand
from tests.harness.client import FINAL
from tests.harness.deployment import Service, wait_for
from tests.harness.servers import asyncpg_url, in_thread, s3_client
from worker.sweeper import Sweeper

MAX_ATTEMPTS = 3
_QUIET_SECONDS = 15.0
_AIOHTTPS_OWN = "exception=ClientConnectionResetError"  # it forgets its own writer when a server hangs up
_S3_SECONDS = 1.1  # S3 tells times in whole seconds

Row = dict[str, Any]


@dataclass
class Findings:
    """`lost`: no end, or none that may be; `doubled`: more outputs or rows than tasks."""

    tasks: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.others]


def rows_of(stand: Stand) -> dict[str, Row]:
    """Every task, straight from the database."""
    return {str(row["task_id"]): row for row in in_thread(lambda: fetch(stand.database_url, "SELECT * FROM tasks"))}


async def fetch(url: str, query: str, *arguments: object) -> list[Row]:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=10, command_timeout=10)
    try:
        return [dict(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close(timeout=5)


def all_ended(rows: Iterable[Row]) -> bool:
    return all(row["status"] in FINAL for row in rows)


def check(stand: Stand, load: Load, *, known: Collection[str] = (), poison: Collection[str] = ()) -> Findings:
    """Call once every task has ended: runs the collection first, so that what is left is what stays.

    `known`: tasks that were there before the load. `poison`: what may stand in a dead letter, beside deleted tasks.
    """
    _collect_all(stand)
    rows, seen = rows_of(stand), load.seen
    findings = Findings(tasks=len(seen.accepted))
    findings.lost += _lost(load, rows)
    findings.doubled += _invented(load, {key: row for key, row in rows.items() if key not in known})
    findings.others += [f"half an output: {each}" for each in seen.half_outputs]
    findings.others += _wrong_attempts(rows.values())
    findings.others += _wrong_answers(seen.answers)
    _check_objects(stand, rows, findings)
    findings.others += _wrong_queues(stand, may_be_dead={*seen.deleted, *poison})
    findings.others += [problem for service in _living(stand) for problem in _strays(service)]
    findings.others += [line for service in stand.deployment.services for line in tracebacks(stand, service)]
    return findings


def _collect_all(stand: Stand) -> None:
    """More than once where needed: a request that was given up may have its effect later."""
    deadline = time.monotonic() + _QUIET_SECONDS
    while time.monotonic() < deadline:
        in_thread(lambda: _collect(stand))
        if not orphans(stand):
            return


def orphans(stand: Stand) -> list[str]:
    """Objects that no row names."""
    query = "SELECT key FROM images UNION SELECT output_key FROM tasks WHERE output_key IS NOT NULL"
    named = {row["key"] for row in in_thread(lambda: fetch(stand.database_url, query))}
    return sorted(keys_of(stand) - named)


def keys_of(stand: Stand) -> set[str]:
    client = s3_client(stand.s3)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=stand.s3.bucket)
    found = {entry["Key"] for page in pages for entry in page.get("Contents", ()) if row_id(entry["Key"])}
    client.close()
    return found


async def _collect(stand: Stand) -> None:
    await asyncio.sleep(_S3_SECONDS)
    names = {name.removeprefix("DARKROOM_").lower(): value for name, value in stand.deployment.settings.items()}
    settings = Settings.model_validate({**names, "max_attempts": MAX_ATTEMPTS})
    async with open_storage(settings) as storage, brokers.connect("memory:", queue=QUEUE) as broker:
        sweeper = Sweeper(
            storage=storage,
            broker=broker,
            interval_seconds=1,
            republish_seconds=60,
            orphan_seconds=0.01,
            orphan_trash_seconds=0.01,
            retention_seconds=settings.retention_seconds,
        )
        await sweeper.collect()


def _lost(load: Load, rows: dict[str, Row]) -> Iterator[str]:
    for task_id, order in load.seen.accepted.items():
        row = rows.get(task_id)
        if row is None:
            if task_id not in load.seen.deleted:
                yield f"{task_id}: answered with 202, and no row"
        elif row["status"] not in order.ends:
            yield f"{task_id}: {row['status']} ({row['error_code']}) instead of {' or '.join(sorted(order.ends))}"


def _invented(load: Load, rows: dict[str, Row]) -> Iterator[str]:
    """Whoever lost an answer asked again, with the same key: there is no row that nobody was told of."""
    yield from (f"{task_id}: a row that nobody was told of" for task_id in rows.keys() - load.seen.accepted.keys())


def _wrong_attempts(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row["attempt"] - row["handed_back"] > MAX_ATTEMPTS:
            yield f"{row['task_id']}: {row['attempt']} attempts"


def _wrong_answers(answers: Counter[int]) -> Iterator[str]:
    for status, count in answers.items():
        if status >= 500 and status != 503:
            yield f"{count} answers {status}"


def _check_objects(stand: Stand, rows: dict[str, Row], findings: Findings) -> None:
    client, keys = s3_client(stand.s3), keys_of(stand)
    wanted = {row["output_key"]: row for row in rows.values() if row["output_key"]}
    findings.lost += [f"{row['task_id']}: {key} is missing" for key, row in wanted.items() if key not in keys]
    for key in orphans(stand):
        (findings.doubled if key.startswith("outputs/") else findings.others).append(f"{key} belongs to no row")
    images = in_thread(lambda: fetch(stand.database_url, "SELECT key FROM images"))
    findings.lost += [f"{each['key']} is missing" for each in images if each["key"] not in keys]
    for key in wanted.keys() & keys:
        data = client.get_object(Bucket=stand.s3.bucket, Key=key)["Body"].read()
        if wrong := _wrong_output(data, wanted[key]):
            findings.lost.append(f"{key}: {wrong}")
    if uploads := client.list_multipart_uploads(Bucket=stand.s3.bucket).get("Uploads"):
        findings.others.append(f"{len(uploads)} multipart uploads are open")
    client.close()


def _wrong_output(data: bytes, row: Row) -> str:
    if len(data) != row["output_bytes"] or sha256(data).hexdigest() != row["output_sha256"]:
        return f"{len(data)} bytes that are not those of the row"
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return "" if image.size == (row["output_width"], row["output_height"]) else "another size than in the row"


def _wrong_queues(stand: Stand, *, may_be_dead: Collection[str]) -> Iterator[str]:
    """Messages of ended tasks may still be on their way: the queue runs empty, soon."""
    try:
        wait_for(lambda: in_thread(lambda: depth(stand)) == 0, seconds=_QUIET_SECONDS, what="an empty queue")
    except AssertionError:
        yield f"{in_thread(lambda: depth(stand))} messages are left"
    for body in in_thread(lambda: dead_letters(stand)):
        if not any(each.encode() in body for each in may_be_dead):
            yield f"a dead letter: {body!r}"


async def depth(stand: Stand) -> int:
    async with await aio_pika.connect(stand.amqp_url, timeout=10) as connection:
        queue = await (await connection.channel()).declare_queue(QUEUE, passive=True)
        return queue.declaration_result.message_count or 0


async def dead_letters(stand: Stand) -> list[bytes]:
    """Taken out, so that the next look finds what is new."""
    bodies = []
    async with await aio_pika.connect(stand.amqp_url, timeout=10) as connection:
        queue = await (await connection.channel()).declare_queue(f"{QUEUE}.dead", passive=True)
        while incoming := await queue.get(fail=False, no_ack=True):
            bodies.append(incoming.body)
    return bodies


def _living(stand: Stand) -> list[Service]:
    return [service for service in stand.deployment.services if service.process.poll() is None]


def _strays(service: Service) -> list[str]:
    """A worker has a forkserver and a child for each slot, and nothing else; an API has nobody."""
    most = 1 + 2 if "worker" in service.log.name else 0
    try:
        wait_for(lambda: _family(service) <= most, seconds=_QUIET_SECONDS, what="the end of stray children")
    except AssertionError:
        return [f"{service.log.name} has {_family(service)} children"]
    return []


def _family(service: Service) -> int:
    return len(psutil.Process(service.process.pid).children(recursive=True))


def tracebacks(stand: Stand, service: Service) -> Iterator[str]:
    """No fault of a client or of a server may end as an error that nobody expected."""
    text = service.log.read_bytes()[stand.seen.get(service.log, 0) :].decode(errors="replace")
    for line in text.splitlines():
        if _AIOHTTPS_OWN in line:
            continue
        if '"level": "error"' in line or '"level": "critical"' in line or line.startswith("Traceback"):
            event = json.loads(line) if line.startswith("{") else {"event": line}
            yield f"{service.log.name}: {event.get('event')}: {str(event.get('exception', ''))[-300:]}"


def connections_of(stand: Stand) -> dict[str, int]:
    return {name: server.proxy.connections for name, server in stand.servers.items()}
