"""Assembles a worker, for the worker service and for the all-in-one process."""

import math
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from broker import Broker
from core.settings import Settings
from rendering import Renderer, RenderSettings, open_renderer
from storage import Storage
from worker.consumer import Consumer, consuming
from worker.deliveries import DeliveryCollection
from worker.executor import Executor
from worker.supervision import GiveUp, supervised
from worker.sweeper import Sweeper
from worker.watchdog import watch

_log = structlog.get_logger()


@asynccontextmanager
async def running(
    settings: Settings, *, storage: Storage, broker: Broker, give_up: GiveUp
) -> AsyncIterator[Mapping[str, str]]:
    """Run a worker while the body runs, and yield the sandbox of its render processes. A broken worker calls `give_up`.

    Leaving drains: nothing new is accepted, running tasks may finish, the rest is handed back, no process remains.
    """
    slots, stall_seconds = settings.worker_slots, 2 * settings.lease_seconds
    async with AsyncExitStack() as stack:
        renderer = await stack.enter_async_context(
            open_renderer(_render_settings(settings), slots=slots, timeout_seconds=settings.render_timeout_seconds)
        )
        await stack.enter_async_context(
            supervised(_sweeper(settings, storage, broker).run(), part="sweep", give_up=give_up)
        )
        consumer = Consumer(_executor(settings, storage, renderer), storage.tasks, slots=slots)
        watching = watch(consumer, broker, storage.tasks, stall_seconds=stall_seconds)
        await stack.enter_async_context(
            consuming(broker, consumer, slots=slots, drain_seconds=settings.drain_seconds, give_up=give_up)
        )
        await stack.enter_async_context(supervised(watching, part="watch", give_up=give_up))
        _log.info("worker_started", slots=slots)
        yield renderer.sandbox
        _log.info("worker_draining")
    _log.info("worker_stopped")


def _render_settings(settings: Settings) -> RenderSettings:
    return RenderSettings(
        max_pixels=settings.max_image_pixels,
        max_side=settings.max_image_side,
        max_frames=settings.max_frames,
        memory_bytes=settings.render_memory_bytes,
        cpu_seconds=math.ceil(settings.render_timeout_seconds) + 1,  # in case nobody is left to enforce the wall clock
    )


def _executor(settings: Settings, storage: Storage, renderer: Renderer) -> Executor:
    return Executor(
        storage=storage,
        renderer=renderer,
        worker_id=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
        lease_seconds=settings.lease_seconds,
        retry_base_seconds=settings.retry_base_seconds,
        max_source_bytes=settings.max_upload_bytes,
    )


def _sweeper(settings: Settings, storage: Storage, broker: Broker) -> Sweeper:
    return Sweeper(
        storage=storage,
        broker=broker,
        interval_seconds=settings.sweep_interval_seconds,
        republish_seconds=settings.republish_seconds,
        orphan_seconds=settings.orphan_seconds,
        orphan_trash_seconds=settings.orphan_trash_seconds,
        retention_seconds=settings.retention_seconds,
        deliveries=DeliveryCollection(
            storage=storage,
            max_bytes=settings.delivery_stored_bytes,
            unused_seconds=settings.delivery_stored_seconds,
        ),
    )
