"""Yields the files that appear in a folder, when they are complete."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from darkroom.batch.plan import Job, PlanError, plan

POLL_SECONDS = 1.0


def new_files(folder: Path, output: Path, *, label: str, between: Callable[[], None]) -> Iterator[list[Job]]:
    """Yield jobs for new and changed files, whose size and time stayed the same from one look to the next.

    It ends when `between`, which is called at each look, raises.
    """
    if not folder.is_dir():
        raise PlanError(f"{folder}: there is no such folder.")
    done: dict[Path, tuple[int, int]] = {}
    before: dict[Path, tuple[int, int]] = {}
    while True:
        jobs = {job: state for job in plan([str(folder)], output, label=label) if (state := _state(job.source))}
        now = {job.source: state for job, state in jobs.items()}
        ready = [job for job, state in jobs.items() if before.get(job.source) == state != done.get(job.source)]
        done |= {job.source: now[job.source] for job in ready}
        before = now
        if ready:
            yield ready
        between()
        time.sleep(POLL_SECONDS)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
