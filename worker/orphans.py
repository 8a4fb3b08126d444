"""Outputs of attempts that lost their task after the upload. Their keys follow from the task and the attempt."""

from collections.abc import Iterable
from typing import get_args

from core.keys import is_of_attempt, output_key
from core.tasks import Task, TaskStatus
from imaging.codecs.formats import ANALYSIS, Format

_EXTENSIONS = (*get_args(Format), ANALYSIS)


def output_keys(task: Task, attempts: Iterable[int]) -> list[str]:
    """Every key under which these attempts may have stored an output, but for the one that the task names."""
    kept = task.output.key if task.output else None
    keys = (output_key(task.task_id, attempt, extension) for attempt in attempts for extension in _EXTENSIONS)
    return [key for key in keys if key != kept]


def is_leftover(key: str, task: Task | None) -> bool:
    """Whether nobody names this output and nobody will: its task is gone, named another one, or moved on."""
    if task is None:
        return True
    if task.output:
        return key != task.output.key
    return not (task.status is TaskStatus.RUNNING and is_of_attempt(key, task.attempt))
