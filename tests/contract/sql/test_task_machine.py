"""Holds promise 4 and promise 5: delivered, duplicated, crashed, expired, swept, cancelled and deleted in any order.

A state machine drives the real repository on both databases and checks after each step what must hold of every task.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from core.ids import uuid7
from core.tasks import Task, TaskStatus
from storage.sql.accounts.users import UserRepository
from storage.sql.database import Database, open_database
from storage.sql.tasks.repository import TaskRepository
from tests.contract.conftest import PATIENT
from tests.contract.tasks_in_states import LONG, MAX_ATTEMPTS, Owner, output_of
from tests.harness.scale import figure


@dataclass
class Known:
    """What the machine expects of one task."""

    claims: list[int] = field(default_factory=list)
    ended: Task | None = None
    handed_back: int = 0


class TaskMachine(RuleBasedStateMachine):
    """`attempts` are those who believe that they hold a task, dead or alive, late or not."""

    url: str
    tasks_known = Bundle("tasks_known")
    attempts = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._opening = open_database(self.url, **PATIENT)
        self._database: Database = self._run(self._opening.__aenter__())
        self._tasks = TaskRepository(self._database, max_attempts=MAX_ATTEMPTS)
        user = self._run(UserRepository(self._database).create(f"{uuid7()}@example.com", password_hash="unused"))
        self._owner = Owner(user.user_id, self._tasks)
        self._known: dict[UUID, Known] = {}

    def teardown(self) -> None:
        for task_id in self._known:
            self._run(self._tasks.delete(task_id, owner_id=self._owner.owner_id))
        self._run(self._opening.__aexit__(None, None, None))
        self._runner.close()

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _now(self, task_id: UUID) -> Task | None:
        return self._run(self._tasks.get(task_id, owner_id=self._owner.owner_id))

    @rule(target=tasks_known)
    def create(self) -> UUID:
        task = self._run(self._owner.task())
        self._known[task.task_id] = Known()
        return task.task_id

    def _claim(self, task_id: UUID, *, lease_seconds: float, missed_heartbeat_seconds: float | None) -> Any:  # noqa: ANN401
        before = self._now(task_id)
        claimed = self._run(
            self._tasks.claim(
                task_id,
                worker_id="machine",
                lease_seconds=lease_seconds,
                missed_heartbeat_seconds=missed_heartbeat_seconds,
            )
        )
        if claimed is None:
            return multiple()
        assert before
        assert before.status in {TaskStatus.QUEUED, TaskStatus.RUNNING}
        assert claimed.attempt == before.attempt + 1
        self._known[task_id].claims.append(claimed.attempt)
        return task_id, claimed.attempt

    @rule(target=attempts, task_id=tasks_known)
    def deliver(self, task_id: UUID) -> Any:  # noqa: ANN401
        return self._claim(task_id, lease_seconds=LONG, missed_heartbeat_seconds=None)

    @rule(target=attempts, task_id=tasks_known)
    def deliver_again(self, task_id: UUID) -> Any:  # noqa: ANN401
        """Its holder has missed its heartbeats."""
        return self._claim(task_id, lease_seconds=LONG, missed_heartbeat_seconds=0)

    @rule(target=attempts, task_id=tasks_known)
    def deliver_to_one_that_crashes(self, task_id: UUID) -> Any:  # noqa: ANN401
        return self._claim(task_id, lease_seconds=0, missed_heartbeat_seconds=None)

    @rule(attempt=attempts)
    def let_expire(self, attempt: tuple[UUID, int]) -> None:
        self._run(self._tasks.renew_lease(*attempt, lease_seconds=0))

    def _move(self, attempt: tuple[UUID, int], move: Callable[[UUID, int], Coroutine[Any, Any, Any]]) -> bool:
        """Only the newest claim of a task that runs may do anything."""
        task_id, number = attempt
        before = self._now(task_id)
        moved = bool(self._run(move(task_id, number)))
        holds = before is not None and before.status is TaskStatus.RUNNING and before.attempt == number
        assert moved == holds
        return moved

    @rule(attempt=attempts)
    def succeed(self, attempt: tuple[UUID, int]) -> None:
        output = output_of(*attempt)
        if self._move(attempt, lambda task_id, number: self._tasks.succeed(task_id, number, output=output)):
            self._note_end(attempt[0], TaskStatus.SUCCEEDED)

    @rule(attempt=attempts)
    def fail(self, attempt: tuple[UUID, int]) -> None:
        if self._move(attempt, lambda task_id, number: self._tasks.fail(task_id, number, code="timeout", detail="-")):
            self._note_end(attempt[0], TaskStatus.FAILED)

    @rule(attempt=attempts)
    def retry(self, attempt: tuple[UUID, int]) -> None:
        self._move(
            attempt,
            lambda task_id, number: self._tasks.retry(task_id, number, delay_seconds=0, code="timeout", detail="-"),
        )
        self._note_spent(attempt[0])

    @rule(attempt=attempts)
    def hand_back(self, attempt: tuple[UUID, int]) -> None:
        self._known[attempt[0]].handed_back += self._move(attempt, self._tasks.hand_back)

    @rule()
    def sweep(self) -> None:
        for task in self._run(self._tasks.reclaim_expired()):
            if task.task_id in self._known:
                self._note_spent(task.task_id)
        for task in self._run(self._tasks.hold_unpublished(stale_seconds=LONG)):
            assert task.status is TaskStatus.QUEUED

    @rule(task_id=tasks_known)
    def cancel(self, task_id: UUID) -> None:
        before = self._now(task_id)
        cancelled = self._run(self._tasks.cancel(task_id, owner_id=self._owner.owner_id))
        assert (cancelled is None) == (before is None)
        if before and not before.status.is_final:
            self._note_end(task_id, TaskStatus.CANCELLED)

    @rule(task_id=tasks_known)
    def delete(self, task_id: UUID) -> None:
        self._run(self._tasks.delete(task_id, owner_id=self._owner.owner_id))
        assert self._now(task_id) is None
        self._known[task_id].ended = None

    def _note_spent(self, task_id: UUID) -> None:
        now = self._now(task_id)
        if now and now.status is TaskStatus.FAILED and not self._known[task_id].ended:
            assert now.attempt - self._known[task_id].handed_back >= MAX_ATTEMPTS
            self._note_end(task_id, TaskStatus.FAILED)

    def _note_end(self, task_id: UUID, status: TaskStatus) -> None:
        now = self._now(task_id)
        assert now
        assert now.status is status
        assert self._known[task_id].ended is None, "it had ended before"
        self._known[task_id].ended = now

    @invariant()
    def an_end_is_forever(self) -> None:
        for task_id, known in self._known.items():
            assert not known.ended or self._now(task_id) == known.ended

    @invariant()
    def no_claim_has_the_number_of_another(self) -> None:
        for known in self._known.values():
            assert known.claims == sorted(set(known.claims))
            assert len(known.claims) - known.handed_back <= MAX_ATTEMPTS


def test_any_order_of_events(database_url: str) -> None:
    """Holds promise 4, promise 5 and promise 7."""
    machine = type("Machine", (TaskMachine,), {"url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=figure(part=8, whole=300),
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )
