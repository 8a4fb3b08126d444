"""Opens a bucket on an S3 server, with a signer of links to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from storage.objects.s3_client import LinkSigner, S3Account, client, transfer_client
from storage.objects.s3_store import S3Store


@asynccontextmanager
async def open_objects(
    account: S3Account, *, public_endpoint_url: str, bucket: str, link_seconds: int
) -> AsyncIterator[S3Store]:
    """Open a bucket. The signature of a link covers the host that browsers see, which may be another one."""
    public = replace(account, endpoint_url=public_endpoint_url or account.endpoint_url)
    signer = LinkSigner(public, bucket=bucket, link_seconds=link_seconds)
    async with client(account) as internal:
        store = S3Store(internal, signer, transfer_client(account, bucket=bucket), bucket=bucket)
        try:
            yield store
        finally:
            await store.finish_cleanups()
