"""Resolves names to addresses that a source may have. A connection goes to these and to no others.

So there is no moment between check and use: the connector connects to what `resolve` returned, and to nothing else.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from socket import AddressFamily

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from core.errors import SourceRejected
from core.public_addresses import is_allowed
from core.settings import Network


class GuardedResolver(AbstractResolver):
    def __init__(self, allowed: Sequence[Network], *, resolver: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the allowed addresses. Raises SourceRejected if the name has others only."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if is_allowed(ip_address(each["host"].partition("%")[0]), self._allowed)]
        if not allowed:
            raise SourceRejected("The address of the source is not public, and not listed in its `allow`.")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()
