"""Finds each real server that the tests need: named by the environment, at its usual port, or one of our own."""

import asyncio
import os
import secrets
import subprocess
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import aio_pika
import asyncpg
import boto3
import redis
from botocore.config import Config

from tests.harness import browser, install_servers, managed_servers

_PROBE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """An object store with a bucket of the tests' own."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str
    bucket: str = ""
    region: str = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One sort of server and the ways to come by it, tried in this order: variable, usual URLs, start, install."""

    label: str
    variable: str
    usual_urls: tuple[str, ...]
    answers: Callable[[str], bool]
    start: Callable[[ExitStack, Callable[[str], bool]], str | None]
    package: str


def in_thread[T](work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine away from whatever loop the calling test uses."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def asyncpg_url(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def _may_create_databases(url: str) -> bool:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=_PROBE_SECONDS, command_timeout=_PROBE_SECONDS)
    try:
        query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        return bool(await connection.fetchval(query))
    finally:
        connection.terminate()


def _postgres_answers(url: str) -> bool:
    try:
        return in_thread(lambda: asyncio.wait_for(_may_create_databases(url), _PROBE_SECONDS))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def _redis_answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=_PROBE_SECONDS, socket_connect_timeout=_PROBE_SECONDS) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


async def _log_in_to_rabbitmq(url: str) -> None:
    async with await aio_pika.connect(url, timeout=_PROBE_SECONDS):
        pass


def _rabbitmq_answers(url: str) -> bool:
    try:
        in_thread(lambda: asyncio.wait_for(_log_in_to_rabbitmq(url), _PROBE_SECONDS))
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError):
        return False
    return True


KINDS = {
    "postgres": Kind(
        label="PostgreSQL",
        variable="DARKROOM_TEST_DATABASE_URL",
        usual_urls=(
            "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres",
            "postgresql+asyncpg://postgres:postgres@127.0.0.1:5432/postgres",
        ),
        answers=_postgres_answers,
        start=managed_servers.start_postgres,
        package="postgresql",
    ),
    "redis": Kind(
        label="Redis",
        variable="DARKROOM_TEST_REDIS_URL",
        usual_urls=("redis://127.0.0.1:6379/0",),
        answers=_redis_answers,
        start=managed_servers.start_redis,
        package="redis-server",
    ),
    "rabbitmq": Kind(
        label="RabbitMQ",
        variable="DARKROOM_TEST_AMQP_URL",
        usual_urls=("amqp://guest:guest@127.0.0.1:5672/",),
        answers=_rabbitmq_answers,
        start=managed_servers.start_rabbitmq,
        package="rabbitmq-server",
    ),
    "chromium": Kind(  # no server, but found, installed and missed like one; its URL is its path
        label="Chromium",
        variable="DARKROOM_TEST_CHROMIUM",
        usual_urls=(),
        answers=browser.runs,
        start=browser.find_chromium,
        package="chromium-headless-shell",
    ),
}


class Unavailable(Exception):
    """Says which server could not be had and how to get it."""


def find(name: str, stack: ExitStack) -> str:
    """The URL of a server that answers; whatever had to be started for it stops when the stack closes."""
    kind = KINDS[name]
    if named := os.environ.get(kind.variable):
        if not kind.answers(named):
            raise Unavailable(f"{kind.label}: {kind.variable} is set, but nothing that we may use answers there")
        return named
    usual_urls = () if os.environ.get("DARKROOM_TEST_OWN_SERVERS") == "1" else kind.usual_urls
    for url in usual_urls:
        if kind.answers(url):
            return url
    return _own(name, kind, stack)


def _own(name: str, kind: Kind, stack: ExitStack) -> str:
    try:
        url = kind.start(stack, kind.answers)
        if url is None and install_servers.with_apt(kind.package):
            url = kind.start(stack, kind.answers)
        if url is None:
            url = install_servers.with_compose(name, stack, answers=kind.answers)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{kind.label}: {error}") from error
    if url is None:
        raise Unavailable(f"{kind.label}: apt-get install {kind.package}, start Docker, or set {kind.variable}")
    return url


def find_s3(stack: ExitStack) -> S3Server:
    """The S3 server that the environment names, else a SeaweedFS of our own."""
    endpoint_url = os.environ.get("DARKROOM_TEST_S3_ENDPOINT_URL")
    access_key_id = os.environ.get("DARKROOM_TEST_S3_ACCESS_KEY_ID") or secrets.token_hex(8)
    secret_access_key = os.environ.get("DARKROOM_TEST_S3_SECRET_ACCESS_KEY") or secrets.token_hex(16)
    if not endpoint_url:
        endpoint_url = managed_servers.start_seaweedfs(
            stack, access_key_id=access_key_id, secret_access_key=secret_access_key
        )
    return S3Server(endpoint_url=endpoint_url, access_key_id=access_key_id, secret_access_key=secret_access_key)


def s3_client(server: S3Server) -> Any:  # noqa: ANN401 - boto3 makes its clients' classes while it runs
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint_url,
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
        region_name=server.region,
        config=Config(signature_version="s3v4", connect_timeout=60, read_timeout=60, s3={"addressing_style": "path"}),
    )


def open_uploads(server: S3Server, prefix: str) -> list[str]:
    """The keys with that prefix whose multipart uploads nobody has ended."""
    client = s3_client(server)
    try:
        found = client.list_multipart_uploads(Bucket=server.bucket).get("Uploads", [])
    finally:
        client.close()
    return [upload["Key"] for upload in found if upload["Key"].startswith(prefix)]
