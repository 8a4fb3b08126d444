"""Errors of HTTP itself, after which the connection is closed."""

from core.errors.client import ClientError


class RejectedByConnection(ClientError):
    """Raised before any route sees the request."""


class MalformedRequest(RejectedByConnection):
    code = "malformed_request"


class HeaderTimeout(RejectedByConnection):
    code = "header_timeout"


class TargetTooLong(RejectedByConnection):
    code = "target_too_long"


class HeadersTooLarge(RejectedByConnection):
    code = "headers_too_large"


class UnsupportedTransferCoding(RejectedByConnection):
    code = "unsupported_transfer_coding"


class UnsupportedHttpVersion(RejectedByConnection):
    code = "unsupported_http_version"
