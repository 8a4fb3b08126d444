"""An operator who puts the service behind a proxy learns that the proxy is not trusted."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

RunWith = Callable[..., AbstractAsyncContextManager[Running]]
FORWARDED = {"X-Forwarded-For": "192.0.2.1"}
PROXY = "198.51.100.1"


async def reported(app: Running, *, address: str, headers: dict[str, str]) -> list[str]:
    """Return the peers of which a line is logged for two requests from this address."""
    with capture_logs() as logs:
        async with app.client(address=address) as client:
            for _ in range(2):
                (await client.get("/livez", headers=headers)).raise_for_status()
    return [line["peer"] for line in logs if line["event"] == "forwarded_headers_ignored"]


def counted() -> float:
    return REGISTRY.get_sample_value("darkroom_ignored_forwardings_total") or 0.0


@pytest.mark.parametrize("trusted", ["", "198.51.100.2,10.0.0.0/8"])
async def test_an_unknown_proxy_is_reported_once(run_with: RunWith, trusted: str) -> None:
    async with run_with(trusted_proxies=trusted) as app:
        before = counted()
        assert await reported(app, address=PROXY, headers=FORWARDED) == [PROXY]
        assert await reported(app, address=PROXY, headers=FORWARDED) == []
        assert counted() == before + 4


@pytest.mark.parametrize(("address", "headers"), [(PROXY, FORWARDED), ("203.0.113.9", {})])
async def test_a_trusted_proxy_and_a_client_without_one_are_not(
    run_with: RunWith, address: str, headers: dict[str, str]
) -> None:
    async with run_with(trusted_proxies=f"{PROXY},10.0.0.0/8") as app:
        before = counted()
        assert await reported(app, address=address, headers=headers) == []
        assert counted() == before


async def test_headers_from_everywhere_do_not_fill_the_log(run_with: RunWith) -> None:
    async with run_with() as app:
        peers = [f"198.51.100.{number}" for number in range(20)]
        lines = [await reported(app, address=peer, headers=FORWARDED) for peer in peers]
    assert sum(map(len, lines)) == 8
