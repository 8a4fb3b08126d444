"""Metrics of a task that has ended, wherever in the worker it did."""

from datetime import UTC, datetime

from core.tasks import Task, TaskStatus
from core.telemetry import FILTERED_TASKS, TASK_SECONDS, TASKS_FINISHED


def count_end(task: Task, status: TaskStatus, *, code: str) -> None:
    TASKS_FINISHED.labels(status, code).inc()
    TASK_SECONDS.observe(max(0.0, (datetime.now(UTC) - task.created_at).total_seconds()))
    for name in {str(step["filter"]) for step in task.pipeline}:
        FILTERED_TASKS.labels(name, status).inc()
