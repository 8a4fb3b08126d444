"""Render processes, leases, retries, and what the sweeper and the collection of orphans wait for."""

import os
from typing import Literal

from pydantic import Field

from core.settings.group import SettingsGroup


class WorkerSettings(SettingsGroup):
    worker_slots: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="Render processes; unset: one per core."
    )
    worker_metrics_host: str = Field("127.0.0.1", description="Address of the worker service's metrics.")
    worker_metrics_port: int = Field(9464, ge=0, le=65535, description="Port of the worker service's metrics.")
    shared_outputs: Literal["on", "off"] = Field(
        "on", description="`on`: a task with the same output as an earlier one of its user copies it."
    )
    render_timeout_seconds: float = Field(35, gt=0, description="Timeout of one render; then its process is killed.")
    render_memory_bytes: int = Field(2**30, ge=2**28, description="Address space of one render process.")
    lease_seconds: float = Field(30, gt=0, description="A task whose worker is silent for so long is reclaimed.")
    max_attempts: int = Field(3, ge=1, description="Claims after which a task fails permanently.")
    retry_base_seconds: float = Field(1, gt=0, description="Backoff of the first retry; doubles, with full jitter.")
    sweep_interval_seconds: float = Field(5, gt=0, description="Pause between two sweeps.")
    republish_seconds: float = Field(60, gt=0, description="Age after which a queued task is published again.")
    orphan_seconds: float = Field(3600, gt=0, description="Age after which an object without a row is an orphan.")
    orphan_trash_seconds: float = Field(7 * 86_400, gt=0, description="How long an orphan is kept until it is deleted.")
    retention_seconds: float = Field(30 * 86_400, gt=0, description="How long finished tasks and outputs are kept.")
    drain_seconds: float = Field(25, gt=0, description="How long running tasks may finish after SIGTERM.")
