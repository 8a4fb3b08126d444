"""Every state x every method of the state machine; what must come of it is stated here by hand."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from storage.sql.database import Database
from storage.sql.schema import tasks as table
from storage.sql.tasks.repository import TaskRepository
from tests.contract.tasks_in_states import LONG, Owner, output_of

# "-": rejected, and the row stays as it is to the last column. "same": done, the status stays.
# lost: running, but its lease has expired. delayed: queued, but not due yet.
EXPECTED = """
                   queued     delayed    running    lost       succeeded  failed     cancelled
claim              running    -          -          running    -          -          -
claim_redelivered  running    -          running    running    -          -          -
renew_lease        -          -          same       same       -          -          -
succeed            -          -          succeeded  succeeded  -          -          -
fail               -          -          failed     failed     -          -          -
retry              -          -          queued     queued     -          -          -
hand_back          -          -          queued     queued     -          -          -
cancel             cancelled  cancelled  cancelled  cancelled  -          -          -
reclaim_expired    -          -          -          queued     -          -          -
reclaim_everything -          -          queued     queued     -          -          -
hold_unpublished   same       -          -          -          -          -          -
mark_published     same       same       -          -          -          -          -
replace_link       -          -          -          -          same       -          -
purge              -          -          -          -          gone       gone       gone
delete             gone       gone       gone       gone       gone       gone       gone
"""
_HEAD, *_LINES = [line.split() for line in EXPECTED.strip().splitlines()]
CASES = [
    pytest.param(state, method, expected, id=f"{method}-{state}")
    for method, *row in _LINES
    for state, expected in zip(_HEAD, row, strict=True)
]


def _methods(tasks: TaskRepository, task_id: UUID, owner_id: UUID) -> dict[str, Callable[[], Awaitable[object]]]:
    expires_at = datetime(2031, 1, 1, tzinfo=UTC)
    return {
        "claim": lambda: tasks.claim(task_id, worker_id="second", lease_seconds=LONG),
        "claim_redelivered": lambda: tasks.claim(
            task_id, worker_id="second", lease_seconds=LONG, missed_heartbeat_seconds=0
        ),
        "renew_lease": lambda: tasks.renew_lease(task_id, 1, lease_seconds=2 * LONG),
        "succeed": lambda: tasks.succeed(task_id, 1, output=output_of(task_id, 1)),
        "fail": lambda: tasks.fail(task_id, 1, code="invalid_image", detail="not an image."),
        "retry": lambda: tasks.retry(task_id, 1, delay_seconds=1, code="timeout", detail="Too slow."),
        "hand_back": lambda: tasks.hand_back(task_id, 1),
        "cancel": lambda: tasks.cancel(task_id, owner_id=owner_id),
        "reclaim_expired": tasks.reclaim_expired,
        "reclaim_everything": lambda: tasks.reclaim_expired(everything=True),
        "hold_unpublished": lambda: tasks.hold_unpublished(stale_seconds=LONG),
        "mark_published": lambda: tasks.mark_published(task_id),
        "replace_link": lambda: tasks.replace_link(task_id, 1, url="http://new/", url_expires_at=expires_at),
        "purge": lambda: tasks.purge(retention_seconds=0),
        "delete": lambda: tasks.delete(task_id, owner_id=owner_id),
    }


async def _row(database: Database, task_id: UUID) -> dict[str, Any] | None:
    async with database.reading() as connection:
        row = (await connection.execute(select(table).where(table.c.task_id == task_id))).mappings().one_or_none()
    return dict(row) if row else None


@pytest.mark.parametrize(("state", "method", "expected"), CASES)
async def test_every_state_and_method(  # noqa: PLR0913 - parameters and fixtures
    state: str, method: str, expected: str, *, database: Database, tasks: TaskRepository, owner: Owner
) -> None:
    task = await owner.states()[state]()
    before = await _row(database, task.task_id)
    assert before is not None

    answer = await _methods(tasks, task.task_id, owner.owner_id)[method]()

    after = await _row(database, task.task_id)
    if expected == "-":
        assert after == before
        assert not answer or method == "cancel"  # cancel shows the final task as it is
    elif expected == "gone":
        assert after is None
    else:
        assert after is not None
        assert after != before
        assert after["status"] == (before["status"] if expected == "same" else expected)
        assert answer or method == "mark_published"


def test_the_table_names_every_state_and_method(tasks: TaskRepository, owner: Owner) -> None:
    assert list(owner.states()) == _HEAD
    assert [line[0] for line in _LINES] == list(_methods(tasks, owner.owner_id, owner.owner_id))


@pytest.mark.parametrize("method", ["renew_lease", "succeed", "fail", "retry", "hand_back"])
async def test_an_old_attempt_changes_nothing(
    method: str, *, database: Database, tasks: TaskRepository, owner: Owner
) -> None:
    task = await owner.lost()
    assert await tasks.claim(task.task_id, worker_id="second", lease_seconds=LONG)
    before = await _row(database, task.task_id)

    assert not await _methods(tasks, task.task_id, owner.owner_id)[method]()

    assert await _row(database, task.task_id) == before


BROKEN = {
    "ck_tasks_status_known": "status = 'paused', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL",
    "ck_tasks_lease_when_running": "lease_expires_at = NULL",
    "ck_tasks_worker_when_running": "worker_id = NULL",
    "ck_tasks_finished_when_final": "finished_at = started_at",
    "ck_tasks_output_when_succeeded": (
        "status = 'succeeded', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL"
    ),
    "ck_tasks_output_whole": "output_url = 'http://127.0.0.1/'",
    "ck_tasks_error_when_failed": (
        "status = 'failed', finished_at = started_at, worker_id = NULL, lease_expires_at = NULL"
    ),
    "ck_tasks_attempt_counts": "handed_back = 2",
    "ck_tasks_started_when_claimed": "started_at = NULL",
    "ck_images_bytes_positive": "bytes = 0",
    "ck_images_sha256_length": "sha256 = 'abc'",
    "ck_users_email_lower_case": "email = 'Owner@example.com'",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_the_schema_rejects_what_may_not_be(name: str, database: Database, owner: Owner) -> None:
    await owner.running()
    with pytest.raises(IntegrityError, match=name):
        async with database.writing() as connection:
            await connection.execute(text(f"UPDATE {name.split('_')[1]} SET {BROKEN[name]}"))  # noqa: S608 - ours, above
