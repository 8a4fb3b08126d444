"""An https origin as a named source: public addresses, no redirects, bounded in time, size and type (ADR 44)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver
from yarl import URL

from core.errors import DependencyUnavailable, ImageTooLarge, NotFound, Overloaded, SourceRejected
from core.settings import WebSource
from core.telemetry import calling
from storage.objects.origin import FoundImage, Origin
from storage.origins.guarded_resolver import GuardedResolver

_CONNECT_SECONDS = 3.0
_LOOK_SECONDS = 5.0
_READ_SECONDS = 20.0
_CHUNK_BYTES = 2**16
_CONNECTIONS = 20
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "darkroom"}
_TYPES = ("image/", "application/octet-stream", "binary/octet-stream")
_MISSING = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WebOrigin(Origin):
    def __init__(self, session: ClientSession, url: str, *, read_seconds: float = _READ_SECONDS) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._read_seconds = read_seconds

    async def look(self, path: str) -> FoundImage:
        async with self._request("HEAD", path, call="look", seconds=min(_LOOK_SECONDS, self._read_seconds)) as answer:
            return _found(answer.headers)

    async def read(self, path: str, *, version: str, max_bytes: int) -> bytes:
        async with self._request("GET", path, call="read", seconds=self._read_seconds) as answer:
            if _found(answer.headers).version != version:
                raise Overloaded("The source has just changed. Try again.")
            return await _read(answer, max_bytes=max_bytes)

    @asynccontextmanager
    async def _request(self, method: str, path: str, *, call: str, seconds: float) -> AsyncIterator[ClientResponse]:
        """Send a request. `seconds` bound everything, the body too."""
        url = URL(f"{self._url}/{quote(path)}", encoded=True)
        with calling("source", call), _translated():
            async with (
                asyncio.timeout(seconds),
                self._session.request(method, url, headers=_HEADERS, allow_redirects=False) as answer,
            ):
                _check(answer)
                yield answer


def _check(answer: ClientResponse) -> None:
    """Raise NotFound, SourceRejected or DependencyUnavailable unless an image follows."""
    if answer.status in _MISSING:
        raise NotFound("Image not found.")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        raise SourceRejected("The source answers with a redirect, which is not followed.")
    if answer.status != HTTPStatus.OK:
        raise DependencyUnavailable("source", f"The source answers with {answer.status}.")
    if not answer.headers.get("Content-Type", _TYPES[1]).lower().startswith(_TYPES):
        raise SourceRejected("The source does not answer with an image.")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SourceRejected("The source answers with a compressed body, which was not asked for.")


async def _read(answer: ClientResponse, *, max_bytes: int) -> bytes:
    """Return the body. Stop reading as soon as it is larger than `max_bytes`, whatever its length was said to be."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            raise ImageTooLarge(f"The source is larger than the limit of {max_bytes} bytes.")
    return bytes(body)


def _found(headers: Mapping[str, str]) -> FoundImage:
    """Return the version: the best that the source sends. Without any, an image is taken for unchanged."""
    sent = (headers[name] for name in ("ETag", "Last-Modified", "Content-Length") if name in headers)
    return FoundImage(version=next(sent, ""), modified_at=_date(headers.get("Last-Modified", "")))


def _date(text: str) -> datetime:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return _EPOCH
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClientError, OSError) as error:  # TimeoutError is an OSError
        raise DependencyUnavailable("source", f"The source does not answer: {type(error).__name__}.") from error


@asynccontextmanager
async def open_web_client(
    source: WebSource, *, resolver: AbstractResolver | None = None, read_seconds: float = _READ_SECONDS
) -> AsyncIterator[WebOrigin]:
    """Open the origin, without cookies and without a proxy of the environment. `resolver`: in place of the system's."""
    guarded = GuardedResolver(source.allow, resolver=resolver)
    connector = TCPConnector(resolver=guarded, limit=_CONNECTIONS, use_dns_cache=False)
    timeout = ClientTimeout(connect=_CONNECT_SECONDS)
    async with ClientSession(connector=connector, timeout=timeout, auto_decompress=False, trust_env=False) as session:
        yield WebOrigin(session, source.url, read_seconds=read_seconds)
