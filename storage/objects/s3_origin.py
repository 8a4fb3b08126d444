"""A bucket of somebody else, read only, as a named source."""

from typing import TYPE_CHECKING

from obstore.store import S3Store

from core.errors import ImageTooLarge, NotFound, Overloaded
from storage.objects.origin import FoundImage, Origin
from storage.objects.s3_client import S3Account, bounded, transfer_client

if TYPE_CHECKING:  # obstore has it for annotations only
    from obstore import ObjectMeta


class BucketOrigin(Origin):
    def __init__(self, client: S3Store, *, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def look(self, path: str) -> FoundImage:
        async with bounded("head_object"):
            try:
                return _found(await self._client.head_async(self._prefix + path))
            except FileNotFoundError as error:
                raise NotFound("Image not found.") from error

    async def read(self, path: str, *, version: str, max_bytes: int) -> bytes:
        async with bounded("get_object"):
            try:
                answer = await self._client.get_async(self._prefix + path)
            except FileNotFoundError as error:
                raise NotFound("Image not found.") from error
        if _found(answer.meta).version != version:
            raise Overloaded("The source has just changed. Try again.")
        if answer.meta["size"] > max_bytes:
            raise ImageTooLarge(f"The source is larger than the limit of {max_bytes} bytes.")
        async with bounded("read_body"):
            return bytes(await answer.bytes_async())


def open_bucket(account: S3Account, *, bucket: str, prefix: str) -> BucketOrigin:
    return BucketOrigin(transfer_client(account, bucket=bucket), prefix=prefix)


def _found(meta: "ObjectMeta") -> FoundImage:
    return FoundImage(version=f"{meta['e_tag']} {meta['size']}", modified_at=meta["last_modified"])
