"""The checker: looks at all state after a fault, and reports what is wrong."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import aio_pika
import psutil

from tests.faults.harness.findings import MAX_ATTEMPTS, Findings, Row, rows_of
from tests.faults.harness.load import Load
from tests.faults.harness.object_checks import check_objects, collect_all
from tests.faults.harness.server_processes import QUEUE
from tests.faults.harness.testbed import Testbed
from tests.harness.client import FINAL
from tests.harness.deployment import Service, wait_for
from tests.harness.servers import in_thread

_QUIET_SECONDS = 120.0
_AIOHTTPS_OWN = "exception=ClientConnectionResetError"  # it forgets its own writer when a server hangs up


def all_ended(rows: Iterable[Row]) -> bool:
    return all(row["status"] in FINAL for row in rows)


def check(testbed: Testbed, load: Load, *, known: Collection[str] = (), poison: Collection[str] = ()) -> Findings:
    """Call it once every task has ended. It collects orphans first, so that only what stays is reported.

    `known`: tasks that were there before the load. `poison`: what dead letters may contain, besides deleted tasks.
    """
    collect_all(testbed)
    rows, seen = rows_of(testbed), load.seen
    findings = Findings(tasks=len(seen.accepted))
    findings.lost += _lost(load, rows)
    findings.doubled += _unknown_rows(load, {key: row for key, row in rows.items() if key not in known})
    findings.others += [f"a partial output: {each}" for each in seen.partial_outputs]
    findings.others += _wrong_attempts(rows.values())
    findings.others += _wrong_answers(seen.answers)
    check_objects(testbed, rows, findings)
    findings.others += _wrong_queues(testbed, may_be_dead={*seen.deleted, *poison})
    findings.others += [problem for service in _living(testbed) for problem in _strays(service)]
    findings.others += [line for service in testbed.deployment.services for line in tracebacks(testbed, service)]
    return findings


def _lost(load: Load, rows: dict[str, Row]) -> Iterator[str]:
    for task_id, submission in load.seen.accepted.items():
        row = rows.get(task_id)
        if row is None:
            if task_id not in load.seen.deleted:
                yield f"{task_id}: answered with 202, and no row"
        elif row["status"] not in submission.ends:
            yield f"{task_id}: {row['status']} ({row['error_code']}) instead of {' or '.join(sorted(submission.ends))}"


def _unknown_rows(load: Load, rows: dict[str, Row]) -> Iterator[str]:
    """A client that lost a response repeats the request with its key: no row may be unknown to all clients."""
    yield from (f"{task_id}: a row that no client knows" for task_id in rows.keys() - load.seen.accepted.keys())


def _wrong_attempts(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row["attempt"] - row["handed_back"] > MAX_ATTEMPTS:
            yield f"{row['task_id']}: {row['attempt']} attempts"


def _wrong_answers(answers: Counter[int]) -> Iterator[str]:
    for status, count in answers.items():
        if status >= 500 and status != 503:
            yield f"{count} answers {status}"


def _wrong_queues(testbed: Testbed, *, may_be_dead: Collection[str]) -> Iterator[str]:
    """Wait for messages of ended tasks, which may still be in flight."""
    try:
        wait_for(lambda: in_thread(lambda: depth(testbed)) == 0, seconds=_QUIET_SECONDS, what="an empty queue")
    except AssertionError:
        yield f"{in_thread(lambda: depth(testbed))} messages are left"
    for body in in_thread(lambda: dead_letters(testbed)):
        if not any(each.encode() in body for each in may_be_dead):
            yield f"a dead letter: {body!r}"


async def depth(testbed: Testbed) -> int:
    async with await aio_pika.connect(testbed.amqp_url, timeout=60) as connection:
        queue = await (await connection.channel()).declare_queue(QUEUE, passive=True)
        return queue.declaration_result.message_count or 0


async def dead_letters(testbed: Testbed) -> list[bytes]:
    """Remove and return them, so that the next call finds only new ones."""
    bodies = []
    async with await aio_pika.connect(testbed.amqp_url, timeout=60) as connection:
        queue = await (await connection.channel()).declare_queue(f"{QUEUE}.dead", passive=True)
        while incoming := await queue.get(fail=False, no_ack=True):
            bodies.append(incoming.body)
    return bodies


def _living(testbed: Testbed) -> list[Service]:
    return [service for service in testbed.deployment.services if service.process.poll() is None]


def _strays(service: Service) -> list[str]:
    """Report processes beyond a forkserver and one render process per slot; an API has none."""
    most = 1 + 2 if "worker" in service.log.name else 0
    try:
        wait_for(lambda: _family(service) <= most, seconds=_QUIET_SECONDS, what="the end of stray children")
    except AssertionError:
        return [f"{service.log.name} has {_family(service)} children"]
    return []


def _family(service: Service) -> int:
    return len(psutil.Process(service.process.pid).children(recursive=True))


def tracebacks(testbed: Testbed, service: Service) -> Iterator[str]:
    """Report unexpected errors in the log: a fault of a client or a server must not cause one."""
    text = service.log.read_bytes()[testbed.seen.get(service.log, 0) :].decode(errors="replace")
    for line in text.splitlines():
        if _AIOHTTPS_OWN in line:
            continue
        if '"level": "error"' in line or '"level": "critical"' in line or line.startswith("Traceback"):
            event = json.loads(line) if line.startswith("{") else {"event": line}
            yield f"{service.log.name}: {event.get('event')}: {_describe(event.get('exception', ''))}"


def _describe(exception: object) -> str:
    """Return type, text and last frames: the log has one entry for each exception of a chain, with its frames."""
    if not isinstance(exception, list):
        return str(exception)[-300:]
    raised = "; ".join(f"{each['exc_type']}: {each['exc_value']}" for each in exception)
    return f"{raised}; {str(exception)[-300:]}"


def connections_of(testbed: Testbed) -> dict[str, int]:
    return {name: server.proxy.connections for name, server in testbed.servers.items()}
