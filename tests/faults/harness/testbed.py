"""Four servers, the services on them, and a way to reset it all between cases."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

import aio_pika
import asyncpg
from botocore.exceptions import BotoCoreError, ClientError

from core.keys import row_id
from tests.faults.harness.faultable import Faultable
from tests.faults.harness.server_processes import QUEUE, create_database, purge, start_servers, truncate
from tests.harness import servers
from tests.harness.deployment import Deployment, Service, deployed, wait_for
from tests.harness.deployments import migrate
from tests.harness.ports import free_port
from tests.harness.servers import S3Server, in_thread

SERVERS = ("postgres", "redis", "rabbitmq", "s3")
# Tables locked by a sweep, a queue without a leader, a store that looks for its volumes.
_TRANSIENT_ERRORS = (asyncpg.PostgresError, aio_pika.exceptions.AMQPError, BotoCoreError, ClientError, OSError)


@dataclass(kw_only=True)
class Testbed:
    """`settings` are those of every service; a case may add more to one process."""

    __test__: ClassVar = False  # pytest: not a test class
    servers: dict[str, Faultable]
    s3: S3Server
    deployment: Deployment
    api: Service | None = None
    workers: list[Service] = field(default_factory=list)
    extra_services: list[Service] = field(default_factory=list)
    seen: dict[Path, int] = field(default_factory=dict)  # bytes of each log that earlier tests wrote

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

    def ensure_api(self) -> Service:
        if not self.api or not is_running(self.api):
            self.api = self.deployment.start_api()
        return self.api

    def ensure_workers(self, count: int) -> None:
        """Start or stop ordinary workers until there are `count`."""
        self.workers = [worker for worker in self.workers if is_running(worker)]
        while len(self.workers) > count:
            self.workers.pop().stop()
        while len(self.workers) < count:
            self.workers.append(self.deployment.start_worker())

    def start_worker(self, **extra: str) -> Service:
        """Start another worker with its own settings, until the end of the test."""
        self.extra_services.append(self.deployment.start_worker(**extra))
        return self.extra_services[-1]

    def start_second_api(self, **extra: str) -> Service:
        """Start another API next to the first one, until the end of the test."""
        port = str(free_port())
        service = self.deployment.launch("api", f"http://127.0.0.1:{port}", {"DARKROOM_PORT": port, **extra})
        self.extra_services.append(service)
        service.wait_until_ready()
        return service

    def hold_workers(self) -> None:
        """Suspend ordinary workers until `release_workers`: the process with the fail-point gets the tasks."""
        for worker in self.workers:
            worker.process.send_signal(signal.SIGSTOP)

    def release_workers(self) -> None:
        for worker in self.workers:
            if is_running(worker):
                worker.process.send_signal(signal.SIGCONT)

    def wake(self) -> None:
        for service in self.deployment.services:
            if is_running(service):
                service.process.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        """Reset after a test, whatever its result: healthy servers, ordinary services, no data."""
        for server in self.servers.values():
            server.recover()
        self.wake()
        self.end_extra_services()
        self.seen = {service.log: service.log.stat().st_size for service in self.deployment.services}
        wait_for(self._is_reset, what="an empty testbed")

    def end_extra_services(self) -> None:
        """Kill services with a fail-point, which may reach it again; stop the others."""
        for service in filter(is_running, self.extra_services):
            if "DARKROOM_FAILPOINT" in service.extra:
                service.kill()
            else:
                service.stop()
        self.extra_services.clear()

    def _is_reset(self) -> bool:
        """False while servers that recover, or services that still run, prevent it."""
        try:
            self.reset()
        except _TRANSIENT_ERRORS:
            return False
        return True

    def reset(self) -> None:
        """Delete all users, tasks, images and objects: the next case counts from zero."""
        in_thread(partial(truncate, self.database_url))
        in_thread(partial(purge, self.amqp_url))
        client = servers.s3_client(self.s3)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.s3.bucket):
            if found := [{"Key": entry["Key"]} for entry in page.get("Contents", ()) if row_id(entry["Key"])]:
                client.delete_objects(Bucket=self.s3.bucket, Delete={"Objects": found})
        for upload in client.list_multipart_uploads(Bucket=self.s3.bucket).get("Uploads", ()):
            client.abort_multipart_upload(Bucket=self.s3.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        client.close()


def is_running(service: Service) -> bool:
    return service.process.poll() is None


@contextmanager
def open_testbed(directory: Path, **settings: str) -> Iterator[Testbed]:
    """Start servers, but no services. Leaving it checks how the services end."""
    with ExitStack() as stack:
        servers_by_name, s3 = stack.enter_context(start_servers(stack))
        in_thread(partial(create_database, servers_by_name["postgres"].plan.url))
        client = servers.s3_client(s3)
        client.create_bucket(Bucket=s3.bucket)
        client.close()
        with testbed_on(servers_by_name, s3, directory, **settings) as testbed:
            yield testbed


@contextmanager
def testbed_on(
    servers_by_name: dict[str, Faultable], s3: S3Server, directory: Path, **settings: str
) -> Iterator[Testbed]:
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    own = {
        "DARKROOM_DATABASE_URL": f"{servers_by_name['postgres'].url.rpartition('/')[0]}/darkroom",
        "DARKROOM_BROKER_URL": servers_by_name["rabbitmq"].url,
        "DARKROOM_BROKER_QUEUE": QUEUE,
        "DARKROOM_REDIS_URL": servers_by_name["redis"].url,
        "DARKROOM_S3_ENDPOINT_URL": servers_by_name["s3"].url,
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
        testbed = Testbed(servers=servers_by_name, s3=s3, deployment=deployment)
        try:
            yield testbed
        finally:
            testbed.wake()
            testbed.end_extra_services()
        assert list(temporary.iterdir()) == [], "temporary files are left"
