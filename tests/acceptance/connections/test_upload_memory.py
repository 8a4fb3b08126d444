"""However large the bodies, the API holds a few pieces of each; and whatever was broken off leaves nothing."""

import contextlib
import hashlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import httpx
import psutil
import pytest
from botocore.config import Config

from tests.harness.client import Client, sample_image
from tests.harness.deployment import Deployment, Service, deployed, embedded_settings, wait_for
from tests.harness.servers import S3Server

MIB = 2**20
LARGEST_BYTES = 200 * MIB
LOADS = ((1, LARGEST_BYTES, 32 * MIB), (4, 100 * MIB, 4 * 16 * MIB))  # at once, of so many bytes, may grow by these
PIECE = bytes(MIB)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[tuple[Deployment, Service]]:
    directory = tmp_path_factory.mktemp("upload_memory")
    settings = {
        **embedded_settings(directory),
        "DARKROOM_ALLOW_SQLITE_WITH_S3": "on",
        "DARKROOM_MAX_UPLOAD_BYTES": str(LARGEST_BYTES + MIB),
        "DARKROOM_S3_ENDPOINT_URL": s3_server.endpoint_url,
        "DARKROOM_S3_ACCESS_KEY_ID": s3_server.access_key_id,
        "DARKROOM_S3_SECRET_ACCESS_KEY": s3_server.secret_access_key,
        "DARKROOM_S3_BUCKET": s3_server.bucket,
    }
    with deployed(settings, directory) as deployment:
        yield deployment, deployment.start_api()


def huge_body(size: int = LARGEST_BYTES) -> Iterator[bytes]:
    """An image's header and then as many bytes as it takes."""
    head = sample_image()
    yield head
    left = size - len(head)
    while left:
        yield PIECE[:left]
        left -= len(PIECE[:left])


def forget_peak(process: psutil.Process) -> None:
    """The kernel's mark of the most that was ever resident: an upload before may have set it."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def peak_bytes(process: psutil.Process) -> int:
    """The most that was resident of this process alone since `forget_peak`, as the kernel counted it."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize(("at_once", "size", "may_grow"), LOADS, ids=["one", "four"])
@pytest.mark.parametrize("form", ["raw", "multipart"])
def test_large_bodies_take_little_memory(
    api: tuple[Deployment, Service], form: str, at_once: int, size: int, may_grow: int
) -> None:
    """Holds promise 14: at most 16 MiB for each upload at the same time, twice that for a single one."""
    deployment, service = api
    process = psutil.Process(service.process.pid)
    with Client(deployment.url) as client, ThreadPoolExecutor(at_once) as threads:
        upload(client, form, iter([sample_image()]))
        forget_peak(process)
        before = process.memory_info().rss
        answers = list(threads.map(lambda body: upload(client, form, body), [huge_body(size) for _ in range(at_once)]))
        grown = peak_bytes(process) - before
    sha256 = hashlib.sha256()
    for piece in huge_body(size):
        sha256.update(piece)
    for answer in answers:
        assert answer.status_code == httpx.codes.CREATED, answer.text
        assert (answer.json()["bytes"], answer.json()["sha256"]) == (size, sha256.hexdigest())
    assert grown <= may_grow, f"grew by {grown / MIB:.1f} MiB"


def upload(client: Client, form: str, body: Iterator[bytes]) -> httpx.Response:
    return post(client, form, in_a_form(body) if form == "multipart" else body)


def post(client: Client, form: str, content: Iterator[bytes]) -> httpx.Response:
    """Each item of `content` is sent as a chunk."""
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"} if form == "multipart" else {}
    return client.http.post("/v1/images", content=content, headers=headers, timeout=600)


def in_a_form(body: Iterator[bytes]) -> Iterator[bytes]:
    yield b'--frontier\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    yield from body
    yield b"\r\n--frontier--\r\n"


@pytest.mark.parametrize("form", ["raw", "multipart"])
def test_a_body_may_come_in_tiny_chunks(api: tuple[Deployment, Service], form: str) -> None:
    """Each of 7 bytes, which cut the boundaries of a form as well."""
    deployment, _ = api
    image = sample_image((640, 480))
    body = b"".join(in_a_form(iter([image]))) if form == "multipart" else image
    chunks = (body[start : start + 7] for start in range(0, len(body), 7))
    with Client(deployment.url) as client:
        answer = post(client, form, chunks)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    assert (answer.json()["bytes"], answer.json()["sha256"]) == (len(image), hashlib.sha256(image).hexdigest())


def test_an_upload_that_is_broken_off_leaves_nothing(api: tuple[Deployment, Service], s3_server: S3Server) -> None:
    """Holds promise 19."""
    deployment, _ = api
    before = stored(s3_server)
    with Client(deployment.url) as client:
        for sent_bytes in (10, MIB, 20 * MIB):
            break_off(deployment, client, sent_bytes)
        wait_for(lambda: stored(s3_server) == before, what="an object store without remains")
        assert client.http.get("/v1/images").json()["items"] == []


def test_an_endless_body_is_rejected_and_leaves_nothing(api: tuple[Deployment, Service], s3_server: S3Server) -> None:
    """Holds promise 14."""
    deployment, _ = api
    before = stored(s3_server)
    with Client(deployment.url) as client:
        endless = (piece for _ in range(100) for piece in huge_body())
        with contextlib.suppress(httpx.WriteError):  # the answer may come while we still write
            answer = client.http.post("/v1/images", content=endless, timeout=600)
            assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
        assert client.http.get("/v1/images").json()["items"] == []
    wait_for(lambda: stored(s3_server) == before, what="an object store without remains")


def break_off(deployment: Deployment, client: Client, sent_bytes: int) -> None:
    """Announces a large image, sends this much of it and hangs up."""
    host, port = deployment.url.removeprefix("http://").split(":")
    head = (
        f"POST /v1/images HTTP/1.1\r\nHost: {host}\r\nContent-Length: {LARGEST_BYTES}\r\n"
        f"Authorization: {client.http.headers['Authorization']}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + sample_image() + bytes(sent_bytes))


def stored(s3: S3Server) -> set[str]:
    """Keys of objects, and of uploads that were never completed."""
    client = boto3.client(
        "s3",
        endpoint_url=s3.endpoint_url,
        aws_access_key_id=s3.access_key_id,
        aws_secret_access_key=s3.secret_access_key,
        region_name=s3.region,
        config=Config(s3={"addressing_style": "path"}),
    )
    objects = client.list_objects_v2(Bucket=s3.bucket, Prefix="sources/").get("Contents", [])
    uploads = client.list_multipart_uploads(Bucket=s3.bucket).get("Uploads", [])
    return {each["Key"] for each in [*objects, *uploads]}
