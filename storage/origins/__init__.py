"""Named sources of images: buckets and https origins that others write."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from core.settings import NamedSource, Settings, WebSource
from storage.objects.origin import FoundImage, Origin
from storage.objects.s3_client import S3Account
from storage.objects.s3_origin import open_bucket

__all__ = ["FoundImage", "Origin", "open_origins"]


@asynccontextmanager
async def open_origins(settings: Settings) -> AsyncIterator[Mapping[str, Origin]]:
    """Open the sources of the settings by their names."""
    async with AsyncExitStack() as stack:
        yield {name: await _open(stack, source, settings) for name, source in settings.named_sources.items()}


async def _open(stack: AsyncExitStack, source: NamedSource, settings: Settings) -> Origin:
    if isinstance(source, WebSource):
        from storage.origins.web_origin import open_web_client  # noqa: PLC0415 - aiohttp, a quarter of the start-up

        return await stack.enter_async_context(open_web_client(source))
    own_secret = settings.s3_secret_access_key.get_secret_value()
    account = S3Account(
        endpoint_url=source.endpoint_url or settings.s3_endpoint_url,
        region=source.region or settings.s3_region,
        access_key_id=source.access_key_id or settings.s3_access_key_id,
        secret_access_key=source.secret_access_key.get_secret_value() or own_secret,
    )
    return open_bucket(account, bucket=source.bucket, prefix=source.prefix)
