"""S3 clients, bounded in time: a server that is away or frozen soon raises DependencyUnavailable.

Boto sends requests and signs links (without a client); obstore transfers whole objects: docs/adr/0021.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError as ObstoreError
from obstore.store import S3Store

from core.errors import DependencyUnavailable, StorageFull
from core.telemetry import calling
from storage.objects.interface import SignedLink

if TYPE_CHECKING:  # obstore has it for annotations only
    from obstore.store import S3Credential

_CONNECT_SECONDS = 1.5
_READ_SECONDS = 3.0
_CALL_SECONDS = 3.5  # a call with its retry; less than the 5 s that a request may take
_RETRY_SECONDS = 2.0  # a call that fails later is not retried: it could not finish in time
_IDLE_SECONDS = 15.0  # before an idle connection is closed; servers close theirs later
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
# Of MinIO: its drives, and the quota of the bucket; of Ceph: a quota.
_FULL = frozenset({"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Account:
    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


def client(account: S3Account) -> AbstractAsyncContextManager[Any]:
    """Return a boto client. One suffices for each process and endpoint."""
    import aioboto3  # noqa: PLC0415 - 200 ms, which a service whose objects are files does not need
    from aiobotocore.config import AioConfig  # noqa: PLC0415 - as above

    config = AioConfig(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=50,
        # Some S3 servers do not support the newer checksums that boto sends by default.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = aioboto3.Session(
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        region_name=account.region,
    )
    opening: AbstractAsyncContextManager[Any] = session.client("s3", endpoint_url=account.endpoint_url, config=config)
    return opening


def transfer_client(account: S3Account, *, bucket: str) -> S3Store:
    """Return a client for whole objects. Its errors are OSErrors or `obstore.exceptions.BaseError`."""

    def credential() -> "S3Credential":
        """Return exactly these: plain arguments would be combined with AWS_SESSION_TOKEN of the environment."""
        return {
            "access_key_id": account.access_key_id,
            "secret_access_key": account.secret_access_key,
            "token": None,
            "expires_at": None,
        }

    return S3Store(
        bucket,
        endpoint=account.endpoint_url,
        region=account.region,
        credential_provider=credential,
        unsigned_payload=_is_protected(account.endpoint_url),
        client_options={
            "allow_http": True,
            "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
            "read_timeout": timedelta(seconds=_READ_SECONDS),
            "pool_idle_timeout": timedelta(seconds=_IDLE_SECONDS),
        },
        retry_config={
            "max_retries": 1,
            "retry_timeout": timedelta(seconds=_RETRY_SECONDS),
            "backoff": {"init_backoff": timedelta(seconds=0.05), "max_backoff": timedelta(seconds=0.5), "base": 2},
        },
    )


def _is_protected(url: str) -> bool:
    """Return whether nobody can change a body in transit. Otherwise its SHA-256 is signed, which the server checks."""
    parts = urlsplit(url)
    try:
        is_local = ip_address(parts.hostname or "").is_loopback
    except ValueError:
        is_local = parts.hostname == "localhost"
    return is_local or parts.scheme == "https"


class LinkSigner:
    """Signs links to the objects of a bucket (SigV4 in the query), for the endpoint that browsers reach.

    It uses botocore's signature alone: a client also resolves endpoint rules for each link, which takes far longer.
    """

    def __init__(self, account: S3Account, *, bucket: str, link_seconds: int) -> None:
        self._link_seconds = link_seconds
        self._credentials = Credentials(account.access_key_id, account.secret_access_key)
        self._region = account.region
        self._base_url = f"{account.endpoint_url.rstrip('/')}/{quote(bucket)}"

    def sign(self, key: str, *, disposition: str | None = None) -> SignedLink:
        """Sign a link. `disposition` replaces the header that is stored with the object."""
        expires_at = datetime.now(UTC) + timedelta(seconds=self._link_seconds)
        query = f"?response-content-disposition={quote(disposition, safe='')}" if disposition else ""
        request = AWSRequest("GET", f"{self._base_url}/{quote(key, safe='/~')}{query}")
        S3SigV4QueryAuth(self._credentials, "s3", self._region, expires=self._link_seconds).add_auth(request)
        return SignedLink(url=str(request.url), expires_at=expires_at)


@asynccontextmanager
async def bounded(call: str) -> AsyncIterator[None]:
    """Bound and measure one call, named in the metrics. Raises DependencyUnavailable for any error and after 3.5 s."""
    with calling("object_store", call), _translated():
        async with asyncio.timeout(_CALL_SECONDS):
            yield


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _rejected(error_code(error), status=error.response["ResponseMetadata"]["HTTPStatusCode"]) from error
    except ObstoreError as error:
        if code := rejection_code(error):
            raise _rejected(code, status=_rejection_status(error)) from error
        raise DependencyUnavailable("object_store", "The object store does not respond.") from error
    except (BotoCoreError, OSError) as error:  # TimeoutError is an OSError
        name = type(error).__name__
        raise DependencyUnavailable("object_store", f"The object store does not respond: {name}.") from error


def _rejected(code: str, *, status: int) -> DependencyUnavailable:
    if code in _FULL or status == HTTPStatus.INSUFFICIENT_STORAGE:
        return StorageFull("object_store", f"The object store has no space left: {code}.")
    return DependencyUnavailable("object_store", f"The object store rejected the request: {code}.")


def error_code(error: ClientError) -> str:
    """Return S3's error code, such as "NoSuchKey"; empty if there is none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def rejection_code(error: Exception) -> str:
    """Return S3's error code from an error of obstore; empty if no server responded."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def _rejection_status(error: Exception) -> int:
    found = _STATUS.search(str(error))
    return int(found[1]) if found else 0
