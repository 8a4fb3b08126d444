"""Renders many files at a time. What fails is one file's failure, unless it concerns all."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from darkroom.batch.journal import Journal, digest
from darkroom.batch.plan import Job, PlanError
from darkroom.client import (
    AsyncClient,
    Busy,
    DarkroomError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    ServerAway,
    Task,
    TaskFailed,
)
from darkroom.client.models import TaskWarning
from darkroom.client.options import TaskOptions
from darkroom.os_errors import describe

_INVALID = frozenset({"invalid_pipeline", "invalid_output"})
_CONCERNS_ALL = (ServerAway, NotSignedIn, NotAllowed, Busy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is applied to every file. `again` is part of the key, so that another value renders once more."""

    pipeline: str | Sequence[Mapping[str, Any]]
    output: Mapping[str, Any]
    again: str = ""
    reference: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def format(self) -> str:
        return str(self.output.get("format", "auto"))

    @property
    def options(self) -> TaskOptions:
        given: TaskOptions = {}
        if self.reference:
            given["reference"] = self.reference
        if self.tags:
            given["tags"] = self.tags
        return given

    def key_for(self, sha256: str) -> str:
        """Return the same key for the same image and request, in whatever run."""
        request = [sha256, self.pipeline, self.output, self.again]
        if self.options:
            request.append(self.options)
        text = json.dumps(request, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`status` is succeeded, skipped or failed."""

    source: Path
    status: str
    path: Path | None = None
    task_id: str | None = None
    task: Task | None = None
    error: str | None = None
    code: str | None = None

    @property
    def warnings(self) -> Sequence[TaskWarning]:
        return (self.task.warnings if self.task else None) or ()


class Watcher(Protocol):
    """Receives what happens to each file."""

    def began(self, source: Path) -> None: ...
    def sent(self, source: Path, count: int) -> None: ...
    def rendering(self, source: Path) -> None: ...
    def ended(self, result: Result) -> None: ...


class Runner:
    def __init__(self, client: AsyncClient, request: Request, journal: Journal, watcher: Watcher, *, jobs: int) -> None:
        self._client = client
        self._request = request
        self._journal = journal
        self._watcher = watcher
        self._places = asyncio.Semaphore(jobs)
        self._succeeded = False

    async def run(self, jobs: Sequence[Job]) -> list[Result]:
        """Raises the errors that concern all files: no service, no login, an invalid pipeline."""
        try:
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(self._run_one(job)) for job in jobs]
        except* DarkroomError as errors:
            raise _first_of(errors) from None
        return [each.result() for each in running]

    async def _run_one(self, job: Job) -> Result:
        async with self._places:
            self._watcher.began(job.source)
            result = await self._result(job)
            self._watcher.ended(result)
            return result

    async def _result(self, job: Job) -> Result:
        try:
            return await self._render(job)
        except _CONCERNS_ALL:
            raise
        except Invalid as error:
            if error.code in _INVALID and not self._succeeded:
                raise
            return Result(source=job.source, status="failed", error=str(error), code=error.code)
        except TaskFailed as error:
            code = error.task.error.code if error.task.error else error.task.status
            return Result(source=job.source, status="failed", task_id=error.task.task_id, error=str(error), code=code)
        except OSError as error:
            return Result(source=job.source, status="failed", error=describe(error, of=job.source))
        except (DarkroomError, PlanError) as error:
            return Result(source=job.source, status="failed", error=str(error))

    async def _render(self, job: Job) -> Result:
        job.path_for(self._request.format)  # before anything is sent
        key = self._request.key_for(await asyncio.to_thread(digest, job.source))
        known = self._journal.find(key, job.target)
        if known is not None and await asyncio.to_thread(known.is_saved):
            self._succeeded = True
            saved = job.target.with_name(Path(known.file).name)
            return Result(source=job.source, status="skipped", path=saved, task_id=known.task_id)
        task = await self._known_task(known.task_id) if known else None
        task = await self._client.wait(task or await self._submit(job, key))
        self._succeeded = True
        path = await self._save(job, task)
        self._journal.add(
            key, job.target, task_id=task.task_id, file=path, sha256=task.output.sha256 if task.output else ""
        )
        return Result(source=job.source, status="succeeded", path=path, task_id=task.task_id, task=task)

    async def _known_task(self, task_id: str) -> Task | None:
        """Return the task of an earlier run, unless it was deleted since."""
        try:
            return await self._client.task(task_id)
        except NotFound:
            return None

    async def _submit(self, job: Job, key: str) -> Task:
        sent: Callable[[int], object] = lambda count: self._watcher.sent(job.source, count)  # noqa: E731
        task = await self._client.submit(
            job.source,
            self._request.pipeline,
            output=self._request.output,
            idempotency_key=key,
            progress=sent,
            **self._request.options,
        )
        self._journal.add(key, job.target, task_id=task.task_id)
        self._watcher.rendering(job.source)
        return task

    async def _save(self, job: Job, task: Task) -> Path | None:
        """Return the path of the output; None for a task that only analyses."""
        if task.output is None:
            return None
        return await self._client.save(task, job.path_for(task.output.format))


def _first_of(errors: BaseExceptionGroup[DarkroomError]) -> DarkroomError:
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
