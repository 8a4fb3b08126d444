"""Everything a fault test may break: four servers of its own, the services on them, and a way to start afresh."""

import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import aio_pika
import asyncpg
from botocore.exceptions import BotoCoreError, ClientError

from core.keys import row_id
from tests.faults.faultable import Breakable
from tests.harness import managed_servers, server_specs, servers
from tests.harness.deployment import Deployment, Service, deployed, wait_for
from tests.harness.deployments import migrate
from tests.harness.proxy import Network
from tests.harness.server_specs import free_port
from tests.harness.servers import KINDS, S3Server, asyncpg_url, in_thread

SERVERS = ("postgres", "redis", "rabbitmq", "s3")
QUEUE = "darkroom.tasks"
# A sweep that locks tables in another order, a queue without a leader, a store that looks for its volumes.
_FOR_THE_MOMENT = (asyncpg.PostgresError, aio_pika.exceptions.AMQPError, BotoCoreError, ClientError, OSError)


@dataclass(kw_only=True)
class Stand:
    """`settings` are those of every service; a case may add more to one process."""

    servers: dict[str, Breakable]
    s3: S3Server
    deployment: Deployment
    api: Service | None = None
    workers: list[Service] = field(default_factory=list)
    doomed: list[Service] = field(default_factory=list)
    seen: dict[Path, int] = field(default_factory=dict)  # how much of each log belongs to the tests before

    @property
    def url(self) -> str:
        return self.deployment.url

    @property
    def database_url(self) -> str:
        """Straight to the server, past its proxy."""
        return f"{self.servers['postgres'].plan.url.rpartition('/')[0]}/darkroom"

    @property
    def amqp_url(self) -> str:
        return self.servers["rabbitmq"].plan.url

    def have_api(self) -> Service:
        if not self.api or not lives(self.api):
            self.api = self.deployment.start_api()
        return self.api

    def have_workers(self, count: int) -> None:
        """As many as that, and ordinary ones."""
        self.workers = [worker for worker in self.workers if lives(worker)]
        while len(self.workers) > count:
            self.workers.pop().stop()
        while len(self.workers) < count:
            self.workers.append(self.deployment.start_worker())

    def start_worker(self, **extra: str) -> Service:
        """One more, with settings of its own, until the end of the test."""
        self.doomed.append(self.deployment.start_worker(**extra))
        return self.doomed[-1]

    def start_second_api(self, **extra: str) -> Service:
        """The same, beside the first one."""
        port = str(free_port())
        service = self.deployment.launch("api", f"http://127.0.0.1:{port}", {"DARKROOM_PORT": port, **extra})
        self.doomed.append(service)
        service.wait_until_ready(path="/readyz")
        return service

    def hold_workers(self) -> None:
        """The ordinary ones take nothing until `release_workers`: whoever is to reach a fail-point gets the tasks."""
        for worker in self.workers:
            worker.process.send_signal(signal.SIGSTOP)

    def release_workers(self) -> None:
        for worker in self.workers:
            if lives(worker):
                worker.process.send_signal(signal.SIGCONT)

    def wake(self) -> None:
        for service in self.deployment.services:
            if lives(service):
                service.process.send_signal(signal.SIGCONT)

    def renew(self) -> None:
        """After a test, whatever became of it: servers that answer, services that were not tampered with, no data."""
        for server in self.servers.values():
            server.mend()
        self.wake()
        self.end_doomed()
        self.seen = {service.log: service.log.stat().st_size for service in self.deployment.services}
        wait_for(self._is_reset, what="an empty stand")

    def end_doomed(self) -> None:
        """Whoever has a fail-point left may come to it again, and not to its end."""
        for service in filter(lives, self.doomed):
            if "DARKROOM_FAILPOINT" in service.extra:
                service.kill()
            else:
                service.stop()
        self.doomed.clear()

    def _is_reset(self) -> bool:
        """Servers that were struck, and services that go on, may stand in the way for a moment."""
        try:
            self.reset()
        except _FOR_THE_MOMENT:
            return False
        return True

    def reset(self) -> None:
        """No user, task, image or object of theirs is left: the next case counts from zero."""
        in_thread(partial(_truncate, self.database_url))
        in_thread(partial(_purge, self.amqp_url))
        client = servers.s3_client(self.s3)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.s3.bucket):
            if found := [{"Key": entry["Key"]} for entry in page.get("Contents", ()) if row_id(entry["Key"])]:
                client.delete_objects(Bucket=self.s3.bucket, Delete={"Objects": found})
        for upload in client.list_multipart_uploads(Bucket=self.s3.bucket).get("Uploads", ()):
            client.abort_multipart_upload(Bucket=self.s3.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        client.close()


def lives(service: Service) -> bool:
    return service.process.poll() is None


def _answers(name: str) -> Callable[[str], bool]:
    """A login where nobody listens yet is noise in the log."""
    kind = KINDS.get(name)
    return (lambda url: managed_servers.listens(url) and kind.answers(url)) if kind else managed_servers.listens


async def _truncate(url: str) -> None:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=10, command_timeout=10)
    try:
        await connection.execute("TRUNCATE tasks, images, users CASCADE")
    finally:
        await connection.close(timeout=5)


async def _purge(url: str) -> None:
    for name in (QUEUE, f"{QUEUE}.dead"):
        async with await aio_pika.connect(url, timeout=10) as connection:
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):  # before the first service
                await (await (await connection.channel()).get_queue(name)).purge()


async def _create_database(url: str) -> None:
    connection = await asyncpg.connect(asyncpg_url(url), timeout=10, command_timeout=30)
    try:
        await connection.execute("CREATE DATABASE darkroom")
    finally:
        await connection.close(timeout=5)


@contextmanager
def own_breakables(stack: ExitStack) -> Iterator[tuple[dict[str, Breakable], S3Server]]:
    """Raises Unavailable where a server's program is missing."""
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
    breakables = {
        name: Breakable(plan, _answers(name), stack=stack, network=network) for name, plan in plans.items() if plan
    }
    s3 = replace(keys, endpoint_url=breakables["s3"].plan.url, bucket="darkroom")
    yield breakables, s3


@contextmanager
def open_stand(directory: Path, **settings: str) -> Iterator[Stand]:
    """Without processes of the service yet. Leaving it checks how they end."""
    with ExitStack() as stack:
        breakables, s3 = stack.enter_context(own_breakables(stack))
        in_thread(partial(_create_database, breakables["postgres"].plan.url))
        client = servers.s3_client(s3)
        client.create_bucket(Bucket=s3.bucket)
        client.close()
        with stand_on(breakables, s3, directory, **settings) as stand:
            yield stand


@contextmanager
def stand_on(breakables: dict[str, Breakable], s3: S3Server, directory: Path, **settings: str) -> Iterator[Stand]:
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    own = {
        "DARKROOM_DATABASE_URL": f"{breakables['postgres'].url.rpartition('/')[0]}/darkroom",
        "DARKROOM_BROKER_URL": breakables["rabbitmq"].url,
        "DARKROOM_BROKER_QUEUE": QUEUE,
        "DARKROOM_REDIS_URL": breakables["redis"].url,
        "DARKROOM_S3_ENDPOINT_URL": breakables["s3"].url,
        "DARKROOM_S3_PUBLIC_ENDPOINT_URL": s3.endpoint_url,
        "DARKROOM_S3_ACCESS_KEY_ID": s3.access_key_id,
        "DARKROOM_S3_SECRET_ACCESS_KEY": s3.secret_access_key,
        "DARKROOM_WORKER_SLOTS": "2",
        "DARKROOM_LOG_FORMAT": "json",
        "TMPDIR": str(temporary),
        **settings,
    }
    migrate(own)
    with deployed(own, directory) as deployment:
        stand = Stand(servers=breakables, s3=s3, deployment=deployment)
        try:
            yield stand
        finally:
            stand.wake()
            stand.end_doomed()
        assert list(temporary.iterdir()) == [], "temporary files are left"
