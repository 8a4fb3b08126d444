"""What a connection may send, tried with raw sockets: nothing without end, and no request with two meanings."""

import json
import re
import secrets
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from tests.harness.client import Client
from tests.harness.deployment import Deployment, Service, deployed, embedded_settings

MIB = 2**20
HOST = b"Host: localhost\r\n"
GET = b"GET /livez HTTP/1.1\r\n"
POST = b"POST /v1/users HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"\r\n2\r\n{}\r\n0\r\n\r\n"
MOST_SENT_BYTES = 16 * MIB  # far above every bound, and soon sent

AMBIGUOUS = {
    "no_host": GET + b"\r\n",
    "two_hosts": GET + HOST + HOST + b"\r\n",
    "empty_host": GET + b"Host:\r\n\r\n",
    "host_with_a_space": GET + b"Host: a b\r\n\r\n",
    "host_with_a_slash": GET + b"Host: a/b\r\n\r\n",
    "host_with_a_user": GET + b"Host: user@b\r\n\r\n",
    "host_list": GET + b"Host: a, b\r\n\r\n",
    "host_with_a_named_port": GET + b"Host: a:http\r\n\r\n",
    "host_beyond_ascii": GET + b"Host: \xe9\r\n\r\n",
    "two_hosts_in_1_0": b"GET /livez HTTP/1.0\r\n" + HOST + HOST + b"\r\n",
    "two_authorizations": GET + HOST + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "two_content_types": POST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    "two_idempotency_keys": GET + HOST + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n",
    "url_of_another_host": b"GET http://other/livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "url_with_a_user": b"GET http://user@localhost/livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "url_of_another_scheme": b"GET ftp://localhost/livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "fragment": b"GET /livez#/../v1/users HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk": b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    "connect": b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "connect_with_a_path": b"CONNECT /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "path_without_a_slash": b"GET livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "transfer_encoding_in_1_0": CHUNKED.replace(b"/1.1", b"/1.0") + CHUNKS,
    "chunked_twice": POST + b"Transfer-Encoding: chunked, chunked\r\n" + CHUNKS,
    "chunked_twice_in_two_fields": CHUNKED + b"Transfer-Encoding: chunked\r\n" + CHUNKS,
    "not_chunked_in_the_end": POST + b"Transfer-Encoding: chunked, identity\r\n" + CHUNKS,
    "transfer_encoding_behind_a_vertical_tab": POST + b"Transfer-Encoding: \x0bchunked\r\n" + CHUNKS,
    "empty_transfer_encoding": POST + b"Transfer-Encoding:\r\n" + CHUNKS,
    "both_lengths": CHUNKED + b"Content-Length: 2\r\n" + CHUNKS,
    "both_lengths_turned_round": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n" + CHUNKS,
    "content_length_twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "content_length_list": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "content_length_with_a_sign": POST + b"Content-Length: +2\r\n\r\n{}",
    "content_length_beyond_64_bits": POST + b"Content-Length: 18446744073709551618\r\n\r\n{}",
    "bare_line_feeds": b"GET /livez HTTP/1.1\nHost: localhost\n\n",
    "bare_line_feed_in_a_field": GET + b"Host: localhost\n\r\n",
    "bare_carriage_return": GET + HOST + b"X: a\rY: b\r\n\r\n",
    "folded_field": GET + HOST + b"X: a\r\n b\r\n\r\n",
    "space_before_the_first_field": GET + b" X: a\r\n" + HOST + b"\r\n",
    "space_before_the_colon": GET + b"Host : localhost\r\n\r\n",
    "nul": GET + HOST + b"X: a\0b\r\n\r\n",
    "escape_sequence": GET + HOST + b"X: \x1b[31m\r\n\r\n",
    "delete": GET + HOST + b"X: a\x7f\r\n\r\n",
    "no_name": GET + HOST + b": b\r\n\r\n",
    "no_colon": GET + HOST + b"X\r\n\r\n",
    "control_character_in_the_target": b"GET /livez\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
    "chunk_size_with_a_prefix": CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "chunk_size_beyond_64_bits": CHUNKED + b"\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "chunk_longer_than_its_size": CHUNKED + b"\r\n2\r\n{}{}\r\n0\r\n\r\n",
    "chunks_with_bare_line_feeds": CHUNKED + b"\r\n2\n{}\n0\n\n",
    "upgrade_with_a_body": POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
    "unknown_method": b"FOO /livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "unknown_minor_version": b"GET /livez HTTP/1.2\r\n" + HOST + b"\r\n",
}
UNSUPPORTED = {
    "gzip": (POST + b"Transfer-Encoding: gzip, chunked\r\n" + CHUNKS, 501, "unsupported_transfer_coding"),
    "identity": (POST + b"Transfer-Encoding: identity\r\n" + CHUNKS, 501, "unsupported_transfer_coding"),
    "http_0_9": (b"GET /livez\r\n\r\n", 505, "unsupported_http_version"),
    "http_2": (b"GET /livez HTTP/2.0\r\n" + HOST + b"\r\n", 505, "unsupported_http_version"),
}
PLAIN = {
    "host_with_a_port": GET + b"Host: localhost:80\r\n\r\n",
    "ipv6": GET + b"Host: [::1]:80\r\n\r\n",
    "http_1_0_without_host": b"GET /livez HTTP/1.0\r\n\r\n",
    "url_of_this_host": b"GET http://LOCALHOST/livez HTTP/1.1\r\n" + HOST + b"\r\n",
    "upgrade_that_is_not_taken": GET + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "line_break_before": b"\r\n" + GET + HOST + b"\r\n",
    "31_KiB_of_fields": GET + HOST + b"".join(b"X-%d: %s\r\n" % (n, bytes([97]) * 1015) for n in range(31)) + b"\r\n",
    "100_fields": GET + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(99)) + b"\r\n",
}
# By name: what comes first, what is then repeated until the answer comes, and the answer.
ENDLESS = {
    "target": (b"GET /", b"a", 414, "target_too_long"),
    "query": (b"GET /livez?", b"a=b&", 414, "target_too_long"),
    "field_value": (GET + HOST + b"X: ", b"a", 431, "headers_too_large"),
    "field_name": (GET + HOST, b"a", 431, "headers_too_large"),
    "white_space": (GET + HOST + b"X:", b" ", 431, "headers_too_large"),
    "fields": (GET + HOST, b"X: a\r\n", 431, "headers_too_large"),
    "large_fields": (GET + HOST, b"X: %s\r\n" % (b"a" * 4000), 431, "headers_too_large"),
    "line_breaks": (b"", b"\r\n", 431, "headers_too_large"),
    "chunk_extension": (CHUNKED + b"\r\n1;", b"a", 400, "malformed_request"),
    "chunk_size": (CHUNKED + b"\r\n", b"0", 400, "malformed_request"),
    "chunks_with_extensions": (CHUNKED + b"\r\n", b"1;%s\r\na\r\n" % (b"a" * 500), 400, "malformed_request"),
    "tiny_chunks": (CHUNKED + b"\r\n", b"1\r\na\r\n", 400, "malformed_request"),
    "trailer_value": (CHUNKED + b"\r\n2\r\n{}\r\n0\r\nX: ", b"a", 400, "malformed_request"),
    "trailers": (CHUNKED + b"\r\n2\r\n{}\r\n0\r\n", b"X: a\r\n", 431, "headers_too_large"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Service]]:
    directory = tmp_path_factory.mktemp("connections")
    with deployed(embedded_settings(directory), directory) as deployment:
        yield deployment, deployment.start_api()


@pytest.fixture(scope="module")
def port(service: tuple[Deployment, Service]) -> int:
    return int(service[0].settings["DARKROOM_PORT"])


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=300)


def everything_from(connection: socket.socket) -> bytes:
    """Until the server has closed; TimeoutError if it never does."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def answers_to(port: int, *segments: bytes) -> bytes:
    with connect(port) as connection:
        for segment in segments:
            connection.sendall(segment)
        return everything_from(connection)


def problem_of(answer: bytes) -> tuple[int, dict[str, Any]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json\r\n" in head
    assert b"connection: close" in head
    problem: dict[str, Any] = json.loads(body)
    assert f"x-request-id: {problem['request_id']}".encode() in head
    assert int(head.split()[1]) == problem["status"]
    return problem["status"], problem


def sent_until_answered(port: int, first: bytes, repeated: bytes) -> tuple[bytes, int]:
    """The answer, and how many bytes went out before the server closed or MOST_SENT_BYTES were reached."""
    piece, sent_bytes, answer = repeated * (1 + 4096 // len(repeated)), 0, b""
    with connect(port) as connection:
        connection.sendall(first)
        while not answer and sent_bytes < MOST_SENT_BYTES:
            connection.sendall(piece)
            sent_bytes += len(piece)
            if select.select([connection], [], [], 0)[0]:
                answer = connection.recv(65536)
    return answer, sent_bytes


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_with_two_meanings_is_rejected(port: int, name: str) -> None:
    status, problem = problem_of(answers_to(port, AMBIGUOUS[name], b"GET /second HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert (status, problem["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_supported_is_rejected(port: int, name: str) -> None:
    request, status, code = UNSUPPORTED[name]
    seen, problem = problem_of(answers_to(port, request))
    assert (seen, problem["code"]) == (status, code)


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_usual_is_served(port: int, name: str) -> None:
    with connect(port) as connection:
        connection.sendall(PLAIN[name])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_body_of_an_upgrade_is_no_request(port: int) -> None:
    """A proxy that ignores `Upgrade` forwards the body, and must not get two answers."""
    smuggled = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
    head = POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
    with connect(port) as connection:
        connection.sendall(head)
        first = connection.recv(65536)
        connection.sendall(smuggled)
        assert (first + everything_from(connection)).count(b"HTTP/1.1 ") == 1


def test_trailers_are_no_headers(service: tuple[Deployment, Service], port: int) -> None:
    """Whoever checks header fields in front of the service does not see them."""
    with Client(service[0].url) as client:
        token = client.http.headers["Authorization"].encode()
    request = (
        b"GET /v1/users/me HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: %s\r\n\r\n"
    )
    assert answers_to(port, request % token).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("name", ENDLESS)
def test_what_is_endless_is_cut_off(port: int, name: str) -> None:
    first, repeated, status, code = ENDLESS[name]
    answer, sent_bytes = sent_until_answered(port, first, repeated)
    assert sent_bytes < MOST_SENT_BYTES
    seen, problem = problem_of(answer)
    assert (seen, problem["code"]) == (status, code)


def test_cookies_are_read_without_backslashes(service: tuple[Deployment, Service], port: int) -> None:
    """One anonymous request with 15,000 quoted ones kept Python 3.12.1 busy for 0.9 s (CVE-2024-7592)."""
    with Client(service[0].url) as client:
        who = {"email": client.email, "password": client.password, "cookie": True}
        signed_in = client.http.post("/v1/sessions", json=who, headers={"Sec-Fetch-Site": "same-origin"})
        cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    request = (
        b"GET /v1/users/me HTTP/1.1\r\n"
        + HOST
        + b"Sec-Fetch-Site: same-origin\r\nConnection: close\r\nCookie: %s\r\n\r\n"
    )
    assert answers_to(port, request % cookie.encode()).startswith(b"HTTP/1.1 200 ")
    assert answers_to(port, request % cookie.replace("=", "=\\").encode()).startswith(b"HTTP/1.1 200 ")


def test_pipelined_requests_are_answered_in_order_up_to_a_bound(port: int) -> None:
    one = GET + HOST + b"\r\n"
    received = answers_to(port, one * 500)
    assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 OK") == 17
    assert received.rpartition(b"HTTP/1.1 ")[2].lower().count(b"connection: close") == 1


def test_an_earlier_answer_is_not_mixed_with_a_rejection(port: int) -> None:
    received = answers_to(port, GET + HOST + b"\r\n" + GET + b"\r\n")
    assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 OK") == 1


def test_a_length_may_begin_with_zeros(port: int) -> None:
    """Python's `int` reads 4,300 digits; the parser of HTTP does not mind more."""
    body = json.dumps({"email": f"{secrets.token_hex(8)}@example.com", "password": "correct horse"}).encode()
    length = b"0" * 5000 + str(len(body)).encode()
    request = POST + b"Connection: close\r\nContent-Length: %s\r\n\r\n" % length + body
    assert answers_to(port, request).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("segment_bytes", [1_000, 7_001, 200_000])
def test_what_follows_a_large_body_is_a_request_with_limits_of_its_own(port: int, segment_bytes: int) -> None:
    who = {"email": f"{secrets.token_hex(8)}@example.com", "password": "correct horse"}
    body = json.dumps(who).encode() + b" " * 50_000
    first = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body
    sent = first + GET + HOST + b"\r\n" + GET + HOST + b"X: " + b"a" * 40_000
    segments = [sent[start : start + segment_bytes] for start in range(0, len(sent), segment_bytes)]
    received = answers_to(port, *segments)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"201", b"200"]


def test_rejections_are_counted(service: tuple[Deployment, Service], port: int) -> None:
    def count() -> float:
        lines = httpx.get(f"{service[0].url}/metrics").text.splitlines()
        wanted = 'darkroom_refusals_total{code="headers_too_large"} '
        return sum(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))

    before = count()
    answers_to(port, GET + HOST + b"X: a\r\n" * 100 + b"\r\n")
    assert count() == before + 1


def test_endless_headers_take_no_memory(service: tuple[Deployment, Service], port: int) -> None:
    """Holds promise 27: 30 connections that offer 16 MiB of one header field each."""
    process = psutil.Process(service[1].process.pid)
    first, repeated, *_ = ENDLESS["field_value"]
    before = process.memory_info().rss
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: sent_until_answered(port, first, repeated)[0], range(30)))
    assert process.memory_info().rss < before + 16 * MIB
    assert {problem_of(answer)[0] for answer in answers} == {431}
    assert httpx.get(f"{service[0].url}/livez").status_code == httpx.codes.OK
