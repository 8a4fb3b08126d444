"""Rejects ambiguous requests, which a proxy and this service might parse differently. llhttp rejects others.

RFC 9112, https://www.rfc-editor.org/rfc/rfc9112: Host in 3.2, request target in 3.2 and 3.3, transfer codings in 6.1.
"""

import re
from collections import Counter
from collections.abc import Sequence

from core.errors import MalformedRequest, UnsupportedHttpVersion, UnsupportedTransferCoding

type Headers = Sequence[tuple[bytes, bytes]]  # names in lower case

_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?]*)(/[^?]*)?(\?.*)?", re.IGNORECASE)
# Fields of which a proxy may use the first value where this service uses the last, or the other way round.
_SINGLE = frozenset({b"host", b"authorization", b"content-type", b"idempotency-key"})


def origin_form(method: bytes, target: bytes, *, version: str, headers: Headers, upgrades: bool) -> bytes:
    """Return the target as path and query, if the head of the request is unambiguous.

    Raises MalformedRequest, UnsupportedHttpVersion or UnsupportedTransferCoding.
    """
    if version not in {"1.0", "1.1"}:
        raise UnsupportedHttpVersion("Unsupported HTTP version. Use HTTP/1.1.")
    _check_single(headers)
    host = _host(headers, version=version)
    _check_body(headers, version=version, upgrades=upgrades)
    return _path_and_query(method, target, host=host)


def sanitize(name: bytes, value: bytes) -> bytes:
    """Return the value of a field without backslashes in cookies, which this service never sets.

    http.cookies of Python before 3.12.6 takes seconds to unquote thousands of them (CVE-2024-7592).
    """
    return value.replace(b"\\", b"") if name == b"cookie" else value


def declared_bytes(headers: Headers) -> int:
    """Return the Content-Length; 0 without one, and for a chunked body.

    The parser has checked that it fits in 64 bits. It may begin with thousands of zeros, which `int` would not read.
    """
    fields = dict(headers)
    return 0 if b"transfer-encoding" in fields else int(fields.get(b"content-length", b"").lstrip(b"0") or 0)


def _check_single(headers: Headers) -> None:
    repeated = [name for name, count in Counter(name for name, _ in headers).items() if count > 1 and name in _SINGLE]
    if repeated:
        raise MalformedRequest(f"The header field {repeated[0].decode()} occurs more than once. Send it once.")


def _host(headers: Headers, *, version: str) -> bytes:
    host = next((value for name, value in headers if name == b"host"), None)
    if host is None and version == "1.0":
        return b""
    if host is None:
        raise MalformedRequest("The header field Host is missing.")
    if not _HOST.fullmatch(host):
        raise MalformedRequest("The header field Host must be a host name or an address, and a port if needed.")
    return host


def _check_body(headers: Headers, *, version: str, upgrades: bool) -> None:
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and version == "1.0":
        raise MalformedRequest("HTTP/1.0 does not support Transfer-Encoding. Use HTTP/1.1 or Content-Length.")
    if codings and codings != [b"chunked"]:
        raise UnsupportedTransferCoding("The only supported Transfer-Encoding is chunked, once.")
    has_body = codings or any(value.strip(b"0 ") for name, value in headers if name == b"content-length")
    if upgrades and has_body:  # llhttp parses such a body as the next request
        raise MalformedRequest("A request with a body cannot upgrade. Omit the header field Upgrade.")


def _path_and_query(method: bytes, target: bytes, *, host: bytes) -> bytes:
    if method == b"CONNECT" or b"#" in target:
        raise MalformedRequest("The request target must be a path, with a query if needed.")
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if not absolute or absolute[1].lower() != host.lower():
        raise MalformedRequest("The request target must be a path, or a URL with the same host as the field Host.")
    return (absolute[2] or b"/") + (absolute[3] or b"")
