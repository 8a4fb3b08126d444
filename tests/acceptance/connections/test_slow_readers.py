"""Clients that ask for much and take little of it."""

import io
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from PIL import Image

from tests.harness.client import Client
from tests.harness.deployment import Service, deployed, embedded_settings, wait_for
from tests.harness.scale import figure

MIB = 2**20
LENGTHS = figure(part=24, whole=95)
STEP_BYTES = 60 * 1024  # less than uvicorn writes ahead, so that some answers end in its buffer


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with deployed({**embedded_settings(tmp_path), "DARKROOM_WORKER_SLOTS": "1"}, tmp_path) as running:
        yield running.start_api()


def link(service: Service) -> tuple[str, bytes]:
    """To an image of 6 MB, and its bytes."""
    out = io.BytesIO()
    Image.frombytes("RGB", (1400, 1400), os.urandom(1400 * 1400 * 3)).save(out, "PNG", compress_level=0)
    with Client(service.url) as client:
        image = client.http.post("/v1/images", content=out.getvalue()).raise_for_status().json()
        url: str = client.http.get(f"/v1/images/{image['image_id']}").json()["url"]
    return url, out.getvalue()


@contextmanager
def reader(url: str, *, last_byte: int, connection_field: str) -> Iterator[socket.socket]:
    """Has asked, and has room for 4 KiB of the answer."""
    parts = urlsplit(url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((parts.hostname, parts.port))
        head = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nRange: bytes=0-{last_byte}\r\n"
        connection.sendall(f"{head}Connection: {connection_field}\r\n\r\n".encode())
        yield connection


def accepted(process: psutil.Process, port: int) -> int:
    """Connections of clients that the process still has."""
    return sum(each.laddr.port == port and each.status != psutil.CONN_LISTEN for each in process.net_connections("tcp"))


def test_who_takes_nothing_is_dropped_and_takes_little_memory(service: Service) -> None:
    """Holds promise 17 and promise 14: wherever in the answer they stop."""
    url, data = link(service)
    process, port = psutil.Process(service.process.pid), urlsplit(service.url).port
    assert port
    before_bytes, before = process.memory_info().rss, accepted(process, port)
    with ExitStack() as stack:
        for number, connection_field in product(range(LENGTHS), ("close", "keep-alive")):
            last_byte = len(data) - 1 - number * STEP_BYTES
            stack.enter_context(reader(url, last_byte=last_byte, connection_field=connection_field))
        assert httpx.get(url).content == data
        most_bytes = [process.memory_info().rss]

        def are_gone() -> bool:
            most_bytes.append(process.memory_info().rss)
            return accepted(process, port) <= before

        wait_for(are_gone, what="the end of every connection")
    assert max(most_bytes) < before_bytes + 96 * MIB
    assert httpx.get(url).content == data


def test_who_hangs_up_before_pipelined_answers_causes_no_error(service: Service) -> None:
    url, _ = link(service)
    parts = urlsplit(url)
    request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    for _ in range(3):
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
            connection.sendall(request * 3)
            assert connection.recv(1)  # the first answer has begun
    assert httpx.get(url).status_code == httpx.codes.OK
    service.stop()
    assert "Exception" not in service.log.read_text()
