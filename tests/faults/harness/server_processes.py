"""Starts the four servers of a testbed, and empties them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import aio_pika
import asyncpg

from tests.faults.harness.faultable import Faultable
from tests.harness import managed_servers, server_specs, servers
from tests.harness.proxy import Network
from tests.harness.servers import KINDS, S3Server, asyncpg_url

QUEUE = "darkroom.tasks"


@contextmanager
def start_servers(stack: ExitStack) -> Iterator[tuple[dict[str, Faultable], S3Server]]:
    """Start the four servers. Raises Unavailable where a program is missing."""
    network = Network()
    stack.callback(network.close)
    keys = S3Server(endpoint_url="", access_key_id=secrets.token_hex(8), secret_access_key=secrets.token_hex(16))
    account = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    plans = {
        "rabbitmq": server_specs.plan_rabbitmq(stack),
        "postgres": server_specs.plan_postgres(stack),
        "redis": server_specs.plan_redis(stack),
        "s3": server_specs.plan_seaweedfs(stack, **account),
    }
    if missing := [name for name, plan in plans.items() if plan is None]:
        raise servers.Unavailable(f"the fault tests start servers of their own: {', '.join(missing)} not installed")
    servers_by_name = {
        name: Faultable(plan, _answers(name), stack=stack, network=network) for name, plan in plans.items() if plan
    }
    s3 = replace(keys, endpoint_url=servers_by_name["s3"].plan.url, bucket="darkroom")
    yield servers_by_name, s3


def _answers(name: str) -> Callable[[str], bool]:
    """Check the port first: a login where nobody listens is noise in the log."""
    kind = KINDS.get(name)
    return (lambda url: managed_servers.listens(url) and kind.answers(url)) if kind else managed_servers.listens


async def create_database(url: str) -> None:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=60, command_timeout=60)
    try:
        await connection.execute("CREATE DATABASE darkroom")
    finally:
        await connection.close(timeout=5)


async def truncate(url: str) -> None:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=60, command_timeout=60)
    try:
        await connection.execute("TRUNCATE tasks, images, users CASCADE")
    finally:
        await connection.close(timeout=5)


async def purge(url: str) -> None:
    for name in (QUEUE, f"{QUEUE}.dead"):
        async with await aio_pika.connect(url, timeout=60) as connection:
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):  # before the first service
                await (await (await connection.channel()).get_queue(name)).purge()
