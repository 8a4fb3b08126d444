"""A database, bucket, queue and prefix of a test's own on servers that others use too; each is deleted afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import aio_pika
import asyncpg
import redis

from tests.harness.servers import S3Server, asyncpg_url, in_thread, s3_client


@contextmanager
def bucket(server: S3Server) -> Iterator[str]:
    """A bucket that is emptied and gone afterwards."""
    client, name = s3_client(server), f"darkroom-test-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=name)
    try:
        yield name
    finally:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for found in page.get("Contents", ()):
                client.delete_object(Bucket=name, Key=found["Key"])
        client.delete_bucket(Bucket=name)
        client.close()


async def execute(url: str, statement: str) -> None:
    """Execute one SQL statement on a connection of its own."""
    connection = await asyncpg.connect(asyncpg_url(url), timeout=60, command_timeout=300)
    try:
        await connection.execute(statement)
    finally:
        await connection.close(timeout=5)


@contextmanager
def database(server_url: str, *, template: str = "template1") -> Iterator[str]:
    """The URL of an empty database, or a copy of one that nobody uses; dropped afterwards, whoever is connected."""
    name = f"darkroom_test_{secrets.token_hex(6)}"
    in_thread(partial(execute, server_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield f"{server_url.rpartition('/')[0]}/{name}"
    finally:
        in_thread(partial(execute, server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def prefix(redis_url: str) -> Iterator[str]:
    """A prefix in Redis whose keys are deleted afterwards."""
    name = f"darkroom-test-{secrets.token_hex(6)}:"
    yield name
    with redis.Redis.from_url(redis_url, socket_timeout=60, socket_connect_timeout=60) as client:
        for key in client.scan_iter(match=f"{name}*"):
            client.delete(key)


async def _delete_queues(url: str, names: tuple[str, ...]) -> None:
    async with await aio_pika.connect(url, timeout=60) as connection:
        channel = await connection.channel()
        for name in names:
            await channel.queue_delete(name)


@contextmanager
def queue(amqp_url: str) -> Iterator[str]:
    """A queue name that nobody uses; it and its dead-letter queue are deleted afterwards."""
    name = f"darkroom-test-{secrets.token_hex(6)}"
    yield name
    in_thread(partial(_delete_queues, amqp_url, (name, f"{name}.dead")))
