"""Objects on any S3 server."""

import asyncio
import builtins
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from obstore.store import S3Store as TransferClient

from core.errors import DependencyUnavailable, ImageTooLarge, SourceMissing
from core.failpoints import failpoint
from storage.objects.disposition import content_disposition
from storage.objects.interface import ObjectStore, SignedLink, StoredObject
from storage.objects.s3_client import (
    LinkSigner,
    bounded,
    error_code,
    rejection_code,
)
from storage.objects.s3_upload import S3Upload

if TYPE_CHECKING:  # obstore has these classes for annotations only
    from obstore import Bytes, GetResult

_READ_BYTES = 2**20
_CLEANUP_SECONDS = 0.4
_DELETE_BATCH = 1000  # the most that S3 accepts in one request
_MISSING = {"NoSuchKey", "InvalidCopySource"}  # the latter is SeaweedFS's
_EXISTS = {"PreconditionFailed", "ConditionalRequestConflict"}
_ALREADY_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


class S3Store(ObjectStore):
    """One bucket. `signer` signs links for the endpoint that browsers reach."""

    def __init__(self, client: Any, signer: LinkSigner, transfers: TransferClient, *, bucket: str) -> None:  # noqa: ANN401 - made by boto
        self._client, self._transfers = client, transfers
        self._signer = signer
        self._bucket = bucket
        self._cleanups: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open_upload(
        self, key: str, *, media_type: str, file_name: str | None = None, is_repeated: bool = False
    ) -> AsyncIterator[S3Upload]:
        headers = {"Content-Type": media_type}
        if file_name:
            headers["Content-Disposition"] = content_disposition(file_name)
        upload = S3Upload(self._client, self._transfers, {"Bucket": self._bucket, "Key": key}, headers)
        upload.may_delete = not is_repeated
        try:
            yield upload
            self.rejected_write = None
        except DependencyUnavailable as error:
            if error.dependency == "object_store":
                self.rejected_write = error.detail
            raise
        finally:
            if not upload.is_complete:
                await self._clean_up(upload)

    async def put(self, key: str, data: bytes, *, media_type: str, file_name: str) -> None:
        async with self.open_upload(key, media_type=media_type, file_name=file_name) as upload:
            await upload.write(data)
            await upload.complete()

    async def copy(self, source: str, key: str, *, media_type: str, file_name: str) -> None:
        target = {"Bucket": self._bucket, "Key": key, "CopySource": {"Bucket": self._bucket, "Key": source}}
        metadata = {"ContentType": media_type, "ContentDisposition": content_disposition(file_name)}
        async with bounded("copy_object"):
            try:
                await self._client.copy_object(**target, **metadata, MetadataDirective="REPLACE")
            except ClientError as error:
                if error_code(error) in _MISSING:
                    raise SourceMissing("The source was deleted.") from error
                raise

    async def create(self, key: str, data: bytes, *, media_type: str) -> bool:
        target = {"Bucket": self._bucket, "Key": key}
        async with bounded("put_object"):
            try:
                await self._client.put_object(**target, Body=data, ContentType=media_type, IfNoneMatch="*")
            except ClientError as error:
                if error_code(error) in _EXISTS:
                    return False
                if error_code(error) != "NotImplemented":
                    raise
                await self._client.put_object(**target, Body=data, ContentType=media_type)
        return True

    async def get(self, key: str, *, max_bytes: int) -> bytes:
        answer = await self._open(key)
        if answer.meta["size"] > max_bytes:
            raise ImageTooLarge(f"The source is larger than the limit of {max_bytes} bytes.")
        chunks = []
        async for chunk in self._read(answer):
            chunks.append(chunk)
            await failpoint("mid_download")
        return b"".join(chunks)

    async def delete(self, keys: Iterable[str]) -> None:
        for batch in batched(keys, _DELETE_BATCH):
            objects = [{"Key": key} for key in batch]
            async with bounded("delete_objects"):
                answer = await self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                )
            if errors := [error for error in answer.get("Errors", ()) if error.get("Code") != "NoSuchKey"]:
                raise DependencyUnavailable("object_store", f"{len(errors)} objects could not be deleted.")

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        async for page in self._pages("list_objects_v2", Prefix=prefix):
            for found in page.get("Contents", ()):
                yield StoredObject(key=found["Key"], modified_at=found["LastModified"], bytes=found["Size"])

    async def abort_stale_uploads(self, *, older_than_seconds: float) -> int:
        limit, aborted = datetime.now(UTC) - timedelta(seconds=older_than_seconds), 0
        async for page in self._pages("list_multipart_uploads"):
            for found in (each for each in page.get("Uploads", ()) if each["Initiated"] <= limit):
                await self._abort(found["Key"], found["UploadId"])
                aborted += 1
        return aborted

    async def sign_get(self, key: str, *, media_type: str, file_name: str, inline: bool = False) -> SignedLink:
        """Sign a link. Type and name are stored with the object, which downloads unless the link says otherwise."""
        del media_type
        return self._signer.sign(key, disposition=content_disposition(file_name, inline=True) if inline else None)

    async def ensure_bucket(self) -> None:
        async with bounded("head_bucket"):
            try:
                await self._client.head_bucket(Bucket=self._bucket)
            except ClientError as missing:
                if error_code(missing) not in {"404", "NoSuchBucket"}:
                    raise
                await self._create_bucket()

    async def check(self) -> None:
        async with bounded("head_bucket"):
            await self._client.head_bucket(Bucket=self._bucket)

    async def finish_cleanups(self) -> None:
        if self._cleanups:
            await asyncio.wait(self._cleanups)

    async def _clean_up(self, upload: S3Upload) -> None:
        """Clean up in a separate task: the caller may be cancelled again, and a frozen server must not hold it up."""
        cleanup = asyncio.create_task(upload.abort())
        self._cleanups.add(cleanup)
        cleanup.add_done_callback(self._cleanups.discard)
        await asyncio.wait({cleanup}, timeout=_CLEANUP_SECONDS)

    async def _open(self, key: str) -> "GetResult":
        async with bounded("get_object"):
            try:
                return await self._transfers.get_async(key)
            except FileNotFoundError as error:
                if rejection_code(error) == "NoSuchKey":
                    raise SourceMissing("The source was deleted.") from error
                raise

    async def _read(self, answer: "GetResult") -> AsyncIterator["bytes | Bytes"]:
        stream, left = aiter(answer.stream(min_chunk_size=_READ_BYTES)), answer.meta["size"]
        while left > 0:
            async with bounded("read_body"):
                chunk = await anext(stream, None) or _raise_incomplete()
            left -= len(chunk)
            yield chunk

    async def _abort(self, key: str, upload_id: str) -> None:
        async with bounded("abort_multipart_upload"):
            try:
                await self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            except ClientError as error:
                if error_code(error) != "NoSuchUpload":  # completed or aborted meanwhile
                    raise

    async def _create_bucket(self) -> None:
        try:
            await self._client.create_bucket(Bucket=self._bucket)
        except ClientError as error:
            if error_code(error) not in _ALREADY_THERE:
                raise

    async def _pages(self, operation: str, **arguments: str) -> AsyncIterator[dict[str, Any]]:
        pages = aiter(self._client.get_paginator(operation).paginate(Bucket=self._bucket, **arguments))
        while True:
            async with bounded(operation):
                page = await anext(pages, None)
            if page is None:
                return
            yield page


def _raise_incomplete() -> builtins.bytes:
    raise DependencyUnavailable("object_store", "The object store closed the connection before the end of the object.")
