"""An https origin as a source: which addresses are connected to, and what of its answers is accepted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import AddressFamily

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from core.errors import DarkroomError, DependencyUnavailable, ImageTooLarge, NotFound, Overloaded, SourceRejected
from core.settings import WebSource
from storage.origins.web_origin import WebOrigin, open_web_client

PNG = {"Content-Type": "image/png", "ETag": '"1"'}
HERE = "127.0.0.1"


class Names(AbstractResolver):
    """A name server whose answer changes: each call gets the next addresses, and the last ones again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=AddressFamily.AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    async def close(self) -> None:
        pass


class Origin:
    """A server on this machine, which counts connections and remembers paths."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.connections = 0
        self.port = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.paths.append(request.raw_path)
        name = request.path.rpartition("/")[2]
        if name == "redirect":
            raise web.HTTPFound(f"http://{HERE}:{self.port}/secret")
        if name == "endless":
            return await _endless(request)
        if name == "slow":
            await asyncio.sleep(3600)
        answers = {
            "cat.png": web.Response(body=b"cat", headers=PNG),
            "no-type": web.Response(body=b"cat", headers={"Content-Type": "application/octet-stream"}),
            "page": web.Response(text="<html>", content_type="text/html"),
            "zip": web.Response(body=b"\x1f\x8b", headers={**PNG, "Content-Encoding": "gzip"}),
            "broken": web.Response(status=500),
            "secret": web.Response(body=b"secret", headers=PNG),
        }
        return answers.get(name, web.Response(status=404))


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    answer = web.StreamResponse(headers=PNG)
    answer.enable_chunked_encoding()
    await answer.prepare(request)
    while request.method == "GET":
        await answer.write(bytes(65536))
    return answer


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    server = web.Server(origin.handle)

    def connect() -> asyncio.Protocol:
        origin.connections += 1
        return server()

    listener = await asyncio.get_running_loop().create_server(connect, HERE, 0)
    origin.port = listener.sockets[0].getsockname()[1]
    yield origin
    listener.close()
    await server.shutdown(0.1)


@asynccontextmanager
async def opened(
    origin: Origin, *, host: str = "shop.example", names: Names | None = None, **changed: object
) -> AsyncIterator[WebOrigin]:
    fields = {"url": f"http://{host}:{origin.port}/base/", "users": "*", "allow": ["127.0.0.0/8"], **changed}
    source = WebSource.model_validate(fields)
    async with open_web_client(source, resolver=names or Names([HERE]), read_seconds=2) as opened:
        yield opened


async def read(origin: WebOrigin, path: str, *, max_bytes: int = 2**20) -> bytes:
    return await origin.read(path, version=(await origin.look(path)).version, max_bytes=max_bytes)


async def test_an_image_is_looked_up_and_read(origin: Origin) -> None:
    async with opened(origin) as shop:
        assert (await shop.look("cat.png")).version == '"1"'
        assert await read(shop, "cat.png") == b"cat"
        assert await read(shop, "no-type") == b"cat"
        with pytest.raises(NotFound):
            await shop.look("a b/ü?x=1#y%2e")
    assert origin.paths[-1] == "/base/a%20b/%C3%BC%3Fx%3D1%23y%252e"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("redirect", SourceRejected),
        ("page", SourceRejected),
        ("zip", SourceRejected),
        ("broken", DependencyUnavailable),
        ("slow", DependencyUnavailable),
        ("endless", ImageTooLarge),
        ("missing", NotFound),
    ],
)
async def test_what_is_not_accepted(origin: Origin, path: str, error: type[DarkroomError]) -> None:
    async with opened(origin) as shop:
        with pytest.raises(error):
            await read(shop, path)
    assert not [each for each in origin.paths if "secret" in each], "the redirect is not followed"


async def test_another_version_than_the_one_looked_up_is_not_read(origin: Origin) -> None:
    async with opened(origin) as shop:
        with pytest.raises(Overloaded):
            await shop.read("cat.png", version='"0"', max_bytes=100)


@pytest.mark.parametrize("address", [HERE, "10.0.0.1", "169.254.169.254", "192.168.0.1"])
async def test_a_name_with_a_private_address_is_not_connected_to(origin: Origin, address: str) -> None:
    """Not even to try: no connection reaches this machine, where the server listens."""
    async with opened(origin, names=Names([address]), allow=["172.16.0.0/12"]) as shop:
        with pytest.raises(SourceRejected):
            await shop.look("cat.png")
    assert origin.connections == 0


async def test_a_name_whose_address_changes_is_checked_for_each_connection(origin: Origin) -> None:
    """Allowed at first and private then, as in DNS rebinding. What was checked is what is connected to."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with opened(origin, names=names) as shop:
        assert (await shop.look("cat.png")).version == '"1"'
    before = origin.connections
    names.answers = [["10.0.0.1"], ["127.0.0.1"]]
    async with opened(origin, names=names) as shop:
        with pytest.raises(SourceRejected):
            await shop.look("cat.png")
    assert origin.connections == before


async def test_of_several_addresses_only_allowed_ones_are_tried(origin: Origin) -> None:
    async with opened(origin, names=Names(["10.0.0.1", HERE])) as shop:
        assert (await shop.look("cat.png")).version == '"1"'


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost"])
async def test_other_spellings_of_an_address(origin: Origin, host: str) -> None:
    async with opened(origin, host=host, names=Names([HERE]), allow=["172.16.0.0/12"]) as shop:
        with pytest.raises((SourceRejected, DependencyUnavailable)):
            await shop.look("cat.png")
    assert origin.connections == 0


async def test_a_proxy_of_the_environment_is_not_used(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{HERE}:1")
    async with opened(origin) as shop:
        assert await read(shop, "cat.png") == b"cat"
