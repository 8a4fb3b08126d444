"""Writes alerts to its output, one JSON line each: the receiver of a stack that has no other.

Run as `python alert_log.py PORT`, with no package but Python's own: it is mounted into a container.
"""

import json
import sys
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_MAX_BODY_BYTES = 2**20


def lines_of(notification: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each alert of a notification of Alertmanager's webhook, version 4."""
    for alert in notification["alerts"]:
        fields = {"status": alert["status"], **alert["labels"], **alert["annotations"], "since": alert["startsAt"]}
        yield json.dumps(fields)


class Receiver(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > _MAX_BODY_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            text = "\n".join(lines_of(json.loads(self.rfile.read(length))))
        except (ValueError, LookupError, TypeError):
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
        self._answer(HTTPStatus.NO_CONTENT)

    def log_message(self, *_: object) -> None:
        """Do nothing: only alerts are written."""

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(sys.argv[1])), Receiver).serve_forever()
