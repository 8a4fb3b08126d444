"""However much was begun and not finished: nothing is left, and whatever was accepted is there, to the last one."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil

from tests.faults.harness.checker import all_ended, check, connections_of
from tests.faults.harness.findings import rows_of
from tests.faults.harness.load import loading
from tests.faults.harness.object_checks import keys_of
from tests.faults.harness.testbed import Testbed
from tests.faults.harness.workload import Submission
from tests.faults.test_exactly_once import INVERT, SMALL
from tests.harness.client import Client, sample_image
from tests.harness.deployment import wait_for
from tests.harness.scale import figure
from tests.harness.servers import s3_client

_SMALL_BYTES = 20_000
_MULTIPART_BYTES = 9 * 2**20
_CLIENTS = 8
CANCELLED = Submission(image=sample_image(), pipeline=INVERT, ends=frozenset({"cancelled", "succeeded"}), then="cancel")


def _abort(client: Client, url: str, sent_bytes: int) -> None:
    """Hangs up in the middle of a picture."""
    parts = urlsplit(url)
    head = (
        f"POST /v1/images HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: {client.http.headers['Authorization']}\r\n"
        "Content-Type: image/jpeg\r\nContent-Length: 60000000\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=300) as connection:
        connection.sendall(head.encode() + sample_image())
        for _ in range(0, sent_bytes, 2**16):
            connection.sendall(bytes(2**16))


def _left_in(testbed: Testbed) -> dict[str, int]:
    client = s3_client(testbed.s3)
    left = {
        "uploads": len(client.list_multipart_uploads(Bucket=testbed.s3.bucket).get("Uploads", ())),
        "objects": len(keys_of(testbed)),
    }
    client.close()
    return left


def test_aborted_uploads_leave_nothing(testbed: Testbed) -> None:
    """Holds promise 19: 1,000, every tenth in the middle of a multipart upload; here 40. Without the sweep's help."""
    api = psutil.Process(testbed.ensure_api().process.pid)
    testbed.ensure_workers(0)
    with Client(testbed.url) as client, ThreadPoolExecutor(_CLIENTS) as threads:
        for warm_up in (True, False):
            count = _CLIENTS if warm_up else figure(part=40, whole=1000)
            sizes = [_SMALL_BYTES if number % 10 else _MULTIPART_BYTES for number in range(count)]
            list(threads.map(lambda size: _abort(client, testbed.url, size), sizes))
            wait_for(lambda: _left_in(testbed) == {"uploads": 0, "objects": 0}, what="nothing left")
            if warm_up:
                before = connections_of(testbed), api.num_fds()
    assert connections_of(testbed)["postgres"] <= max(before[0]["postgres"], 20)
    # Idle connections to S3 are kept for 15 s, as many as were needed at once; what is leaked is there after that too.
    wait_for(lambda: api.num_fds() <= before[1] + 30, what="closing descriptors")
    assert api.children() == []


def test_cancels_leave_nothing(testbed: Testbed) -> None:
    """Holds promise 19: 1,000, here 40: one child a slot, nobody's output, no connection more than before."""
    testbed.ensure_api()
    testbed.ensure_workers(1)
    for count in (_CLIENTS, figure(part=40, whole=1000)):
        with loading(testbed.url, [CANCELLED] * count) as load:
            load.finish(seconds=300)
            wait_for(lambda: all_ended(rows_of(testbed).values()), what="every task's end")
    assert check(testbed, load, known=rows_of(testbed).keys() - load.seen.accepted.keys()).problems == []
    after = connections_of(testbed)
    assert after["rabbitmq"] <= 3  # the worker has one more, to consume
    assert after["postgres"] <= 40
    assert after["redis"] <= 50


def test_as_many_rows_as_promises(testbed: Testbed) -> None:
    """Holds promise 3: 10,000 tasks, here 100: each 202 has its row and its object, and there is no other."""
    count = figure(part=100, whole=10_000)
    testbed.ensure_api()
    testbed.ensure_workers(2)
    with loading(testbed.url, [SMALL] * count) as load:
        load.finish(seconds=1200)
        wait_for(lambda: all_ended(rows_of(testbed).values()), seconds=1200, what="every task's end")
    assert check(testbed, load).problems == []
    assert rows_of(testbed).keys() == load.seen.accepted.keys()
    assert json.dumps(_left_in(testbed)) == json.dumps({"uploads": 0, "objects": 2 * count})
