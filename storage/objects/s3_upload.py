"""Uploads an object to S3 part by part: it appears as a whole or not at all."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from io import BytesIO
from typing import Any

from obstore.store import S3Store

from core.errors import DependencyUnavailable
from storage.objects.s3_client import bounded

PART_BYTES = 5 * 2**20  # the smallest that S3 accepts


class S3Upload:
    """Holds one part in memory. A small object is one PUT, without a multipart upload."""

    def __init__(self, client: Any, transfers: S3Store, target: dict[str, str], headers: dict[str, str]) -> None:  # noqa: ANN401 - made by boto
        self._client = client
        self._transfers = transfers
        self._target = target  # Bucket and Key
        self._headers = headers
        self._part = BytesIO()  # its getvalue() makes no copy
        self._upload_id: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._request: asyncio.Task[Any] | None = None
        self.may_delete = True
        self._may_exist = False
        self.is_complete = False

    async def write(self, chunk: bytes | memoryview) -> None:
        rest = memoryview(chunk)
        while rest:
            room = PART_BYTES - self._part.tell()
            self._part.write(rest[:room])
            rest = rest[room:]
            if self._part.tell() == PART_BYTES:
                await self._send_part()

    async def complete(self) -> None:
        if self._upload_id is None:
            self._may_exist = True
            await self._send("put_object", self._put())
        else:
            if self._part.tell():
                await self._send_part()
            self._may_exist = True
            parts = {"Parts": self._parts}
            await self._send(
                "complete_multipart_upload",
                self._client.complete_multipart_upload(**self._target, UploadId=self._upload_id, MultipartUpload=parts),
            )
        self.is_complete = True

    async def abort(self) -> None:
        """Remove everything, if the server can be reached; otherwise the sweeper collects it later."""
        if self._request:
            # A request in flight may take effect after the removal: let it end first, however it ends.
            await asyncio.gather(self._request, return_exceptions=True)
        with suppress(DependencyUnavailable):
            if self._upload_id:
                async with bounded("abort_multipart_upload"):
                    await self._client.abort_multipart_upload(**self._target, UploadId=self._upload_id)
        with suppress(DependencyUnavailable):
            if self._may_exist and self.may_delete:
                async with bounded("delete_object"):
                    await self._client.delete_object(**self._target)

    async def _send_part(self) -> None:
        if self._upload_id is None:
            await self._send("create_multipart_upload", self._begin())
        number, body, self._part = len(self._parts) + 1, self._part.getvalue(), BytesIO()
        part = {"PartNumber": number, "UploadId": self._upload_id}
        answer = await self._send("upload_part", self._client.upload_part(**self._target, **part, Body=body))
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    async def _put(self) -> None:
        await self._transfers.put_async(
            self._target["Key"], self._part.getvalue(), attributes=self._headers, use_multipart=False
        )

    async def _begin(self) -> None:
        headers = {name.replace("-", ""): value for name, value in self._headers.items()}  # boto's spelling
        answer = await self._client.create_multipart_upload(**self._target, **headers)
        self._upload_id = answer["UploadId"]

    async def _send(self, name: str, call: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - boto's answers
        self._request = asyncio.create_task(_bounded(name, call))
        return await asyncio.shield(self._request)


async def _bounded[T](name: str, call: Coroutine[Any, Any, T]) -> T:
    async with bounded(name):
        return await call
