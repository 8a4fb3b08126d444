"""The SSRF corpus: addresses that no source may have, however they are written."""

from ipaddress import ip_address, ip_network

import pytest

from core.errors import ConfigurationError
from core.public_addresses import is_allowed, is_public
from core.settings import BucketSource, WebSource, parse_sources

PRIVATE = [
    *("0.0.0.0", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104 - not bound to
    *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1"),
    *("fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1", "100::1", "2001::1", "2001:db8::1"),
    *("3fff::1", "5f00::1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


def test_what_is_listed_is_allowed_however_it_is_written() -> None:
    allowed = [ip_network("10.0.0.0/8")]
    assert is_allowed(ip_address("10.1.2.3"), allowed)
    assert is_allowed(ip_address("::ffff:10.1.2.3"), allowed)
    assert not is_allowed(ip_address("192.168.0.1"), allowed)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com", "ftp://example.com", "https://", "https://u:p@example.com", "https://example.com?a=b"),
        *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest"),
        "file:///etc/passwd",
    ],
)
def test_urls_that_no_source_has(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DARKROOM_SOURCES: shop"):
        parse_sources(f'{{"shop": {{"url": "{url}", "users": "*"}}}}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a JSON object"),
        ("{", "must be a JSON object"),
        ('{"Shop": {}}', "must be a JSON object"),
        ('{"shop": {"users": "*"}}', r"shop\.bucket is required"),
        ('{"shop": {"bucket": "b"}}', r"shop\.users is required"),
        ('{"shop": {"bucket": "b", "users": "*", "uri": ""}}', r"shop\.uri"),
        ('{"shop": {"bucket": "b", "users": "*", "secret_access_key": "hunter2"}}', "together"),
    ],
)
def test_what_is_wrong_is_named_without_values(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse_sources(text)
    assert "hunter2" not in caught.value.detail


def test_sources() -> None:
    found = parse_sources(
        '{"shop": {"url": "https://cdn.example.com/p", "users": "*"},'
        ' "old": {"url": "http://10.0.0.5/", "allow": ["10.0.0.0/8"], "users": ["a@example.com"]},'
        ' "photos": {"bucket": "b", "prefix": "2026/", "users": "*"}}'
    )
    assert [type(found[name]) for name in ("shop", "old", "photos")] == [WebSource, WebSource, BucketSource]
    assert parse_sources(" ") == {}
