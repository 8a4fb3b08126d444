"""The response to a request that the connection rejects, before there is an application to answer it."""

import uuid
from http import HTTPStatus

from api.errors import problem, status_of
from core.errors import ClientError


def encode_rejection(error: ClientError) -> bytes:
    """Return problem details as HTTP/1.1, after which the connection is closed."""
    request_id, status = uuid.uuid4().hex, HTTPStatus(status_of(type(error)))
    answer = problem(request_id, status, code=error.code, detail=error.detail)
    fields = [*answer.raw_headers, (b"x-request-id", request_id.encode()), (b"connection", b"close")]
    head = b"".join(b"%s: %s\r\n" % field for field in fields)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, status.phrase.encode(), head, answer.body)
