"""Which addresses are public: those that a server on the internet may have, and no server of our own network.

Python's `is_global` also accepts multicast, and IPv6 addresses that lead to a private IPv4 address.
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

type Address = IPv4Address | IPv6Address
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = (
    IPv6Network("2002::/16"),  # 6to4 leads to any IPv4 address
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("2001::/23"),
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
)


def is_allowed(address: Address, allowed: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Return whether the address is public or in one of the networks."""
    plain = _without_mapping(address)
    return is_public(plain) or any(plain in network for network in allowed)


def is_public(address: Address) -> bool:
    plain = _without_mapping(address)
    if any(plain in network for network in _NOT_PUBLIC):
        return False
    if isinstance(plain, IPv4Address):
        return plain.is_global and not plain.is_multicast
    if plain in _NAT64:
        return is_public(IPv4Address(plain.packed[-4:]))
    return plain in _UNICAST and plain.is_global


def literal_address(host: str) -> Address | None:
    """Return the address that a host is written as, if it is."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _without_mapping(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
