"""Outputs in the object store: each is rendered once, whichever process is asked for it (ADR 43)."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog

from api.delivery.memory import DeliveredImage, Make, image_of
from api.delivery.sources import Source
from core.errors import DarkroomError, DependencyUnavailable, Overloaded, SourceMissing
from core.failpoints import failpoint
from core.keys import delivered_key
from core.settings import Settings
from storage import DeliveryClaim, SharedRender, Storage, StoredDelivery

LEASE_SECONDS = 9.0  # so long a killed process delays the others
_RENEW_SECONDS = 3.0
_LOOK_SECONDS = 0.1
_MARK_INTERVAL = timedelta(hours=1)  # between two records of use
_STORING_AT_ONCE = 8  # outputs in memory that wait for the object store
_CLOSE_SECONDS = 5.0
Origin = Literal["stored", "task", "rendered"]

_log = structlog.get_logger(__name__)


class StoredOutputs:
    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._rows = storage.delivered
        self._shared = storage.shared_renders
        self._objects = storage.objects
        self._is_on = settings.delivery_stored_bytes > 0
        self._wait_seconds = settings.delivery_queue_seconds + settings.render_timeout_seconds
        self._storing: set[asyncio.Task[None]] = set()

    async def get(self, version: str, source: Source, render: Make) -> tuple[DeliveredImage, Origin]:
        """Return the stored output, or `render` it unless another process does, and wait for that one then.

        Raises Overloaded if that takes too long, and the errors of `render`.
        """
        if not self._is_on:
            return await render(), "rendered"
        try:
            async with asyncio.timeout(self._wait_seconds):
                claimed = await self._find_or_claim(version, source)
        except TimeoutError as error:
            raise Overloaded("The image is being rendered by another process. Try again later.") from error
        if isinstance(claimed, DeliveredImage):
            return claimed, "stored"
        if claimed.has_task and (output := await self._of_task(version)):
            return await self._make(claimed.render_id, source, lambda: _given(output)), "task"
        return await self._make(claimed.render_id, source, render), "rendered"

    async def close(self) -> None:
        """Let what is being stored finish."""
        if self._storing:
            _, late = await asyncio.wait(self._storing, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _find_or_claim(self, version: str, source: Source) -> DeliveredImage | DeliveryClaim:
        """Return the output, or a claim to make it."""
        while True:
            found = await self._rows.find(version)
            if found and found.format:
                if output := await self._read(found):
                    return output
            elif claim := await self._rows.claim(
                version, owner_id=source.owner_id, image_id=source.image_id, lease_seconds=LEASE_SECONDS
            ):
                return claim
            else:
                await asyncio.sleep(_LOOK_SECONDS)

    async def _read(self, found: StoredDelivery) -> DeliveredImage | None:
        """Return the output; None if its object is missing, which is forgotten then."""
        try:
            data = await self._objects.get(found.key, max_bytes=found.bytes or 0)
        except SourceMissing:
            await self._rows.forget(found.render_id)
            return None
        await self._mark_used(found)
        return image_of(data, found.format or "")

    async def _of_task(self, version: str) -> DeliveredImage | None:
        """Return the output of a task that did the same work; None if it was deleted meanwhile."""
        if (found := await self._shared.find(version)) is None:
            return None
        with suppress(SourceMissing):
            return image_of(
                await self._objects.get(found.key, max_bytes=found.bytes), found.format, rendered=_of(found)
            )
        return None

    async def _mark_used(self, found: StoredDelivery) -> None:
        """Write at most once an hour: the time is for the collection, which has weeks."""
        if datetime.now(UTC) - found.used_at > _MARK_INTERVAL:
            with suppress(DependencyUnavailable):
                await self._rows.mark_used(found.render_id)

    async def _make(self, render_id: UUID, source: Source, render: Make) -> DeliveredImage:
        """Render, and store the output in the background: the client need not wait for that."""
        renewing = asyncio.create_task(self._renew(render_id))
        try:
            output = await render()
        except BaseException:
            renewing.cancel()
            self._in_background(self._forget(render_id))
            raise
        self._in_background(self._store(render_id, source, output, renewing))
        while len(self._storing) > _STORING_AT_ONCE:
            await asyncio.wait(self._storing, return_when=asyncio.FIRST_COMPLETED)
        return output

    async def _store(
        self, render_id: UUID, source: Source, output: DeliveredImage, renewing: asyncio.Task[None]
    ) -> None:
        key, file_name = delivered_key(render_id), f"{source.name}.{output.extension}"
        try:
            await self._objects.put(key, output.data, media_type=output.media_type, file_name=file_name)
            await failpoint("delivery_uploaded")
            if not await self._rows.finish(
                render_id, output_format=output.format, output_bytes=len(output.data), rendered=output.rendered
            ):  # the source was deleted, or the lease expired
                await self._objects.discard([key])
        except DarkroomError as error:
            _log.warning("delivery_not_stored", detail=error.detail)
            await self._forget(render_id)
        finally:
            renewing.cancel()

    async def _renew(self, render_id: UUID) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(DependencyUnavailable):
                if not await self._rows.renew(render_id, lease_seconds=LEASE_SECONDS):
                    return

    async def _forget(self, render_id: UUID) -> None:
        """Let others claim the version at once. Without it they wait until the lease expires."""
        with suppress(DependencyUnavailable):
            await self._rows.forget(render_id)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)


def _of(found: SharedRender) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("width", "height", "sha256", "render_report")}


async def _given(output: DeliveredImage) -> DeliveredImage:
    return output


@asynccontextmanager
async def open_stored(storage: Storage, settings: Settings) -> AsyncIterator[StoredOutputs]:
    stored = StoredOutputs(storage, settings)
    try:
        yield stored
    finally:
        await stored.close()
