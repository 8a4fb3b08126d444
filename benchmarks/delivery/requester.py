"""Requests of the same image again and again, at little cost: the client has one of two cores with the service."""

import socket
from threading import local
from urllib.parse import urlsplit

_CHUNK = 2**18


class HitRequester:
    """Sends one GET and reads its answer, each thread on a connection of its own. Answers have a Content-Length."""

    def __init__(self, url: str, path: str) -> None:
        address = urlsplit(url)
        self._address = (address.hostname or "127.0.0.1", address.port or 80)
        self._request = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
        self._of_thread = local()

    def __call__(self) -> int:
        """Return the bytes of the answer."""
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = socket.create_connection(self._address, timeout=90)
        self._of_thread.connection.sendall(self._request)
        return _read_answer(self._of_thread.connection)

    def reconnect(self) -> None:
        self._of_thread = local()


def _read_answer(connection: socket.socket) -> int:
    received = connection.recv(_CHUNK)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(connection)
    head = received[:end].lower()
    if not head.startswith(b"http/1.1 200 "):
        raise RuntimeError(f"A measurement of failures is none: {received[:200]!r}")
    left = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]) - (len(received) - end - 4)
    size = left
    while left > 0:
        left -= len(_more(connection))
    return size


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    if not data:
        raise ConnectionError("The service closed the connection.")
    return data
