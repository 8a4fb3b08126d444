"""Deployments that are measured: all in one process, or API and worker on servers started for them."""

import asyncio
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from benchmarks.processes import Group, alone, children, cpu_seconds, listening
from storage.sql.upgrade import migrate
from tests.harness import managed_servers, servers
from tests.harness.client import Client, Json
from tests.harness.deployment import deployed, embedded_settings

_QUIET = {"DARKROOM_LOG_LEVEL": "warning"}
_CALL = re.compile(r'^darkroom_dependency_call_seconds_sum\{call="(\w+)",dependency="(\w+)"\} (\S+)$', re.MULTILINE)
_CALL_COUNT = re.compile(_CALL.pattern.replace("_sum", "_count"), re.MULTILINE)
_RENDER = re.compile(r"^darkroom_render_seconds_sum\S* (\S+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class MeasuredService:
    """A running service, and a user who is signed in."""

    name: str
    slots: int
    url: str
    client: Client
    pages: tuple[str, ...]  # of metrics
    groups: Mapping[str, Group]

    def cpu_seconds(self) -> dict[str, float]:
        return cpu_seconds(self.groups)

    def run_task(self, body: bytes, content_type: str) -> Json:
        """Submit a task with this body, and return it once it has succeeded."""
        headers = {"Content-Type": content_type, "Prefer": "wait=60"}
        answer = self.client.http.post("/v1/tasks", content=body, headers=headers, timeout=90)
        task: Json = answer.json()
        assert task.get("status") == "succeeded", task  # noqa: S101 - a measurement of failures is none
        return task

    def call_counts(self) -> dict[str, float]:
        """Return how many calls to servers there were, by dependency and call."""
        found = defaultdict[str, float](float)
        for text in (httpx.get(page).text for page in self.pages):
            for call, dependency, count in _CALL_COUNT.findall(text):
                found[f"{dependency}/{call}"] += float(count)
        return found

    def call_seconds(self) -> dict[str, float]:
        """Return the seconds spent in calls to servers, by dependency and call, and in renders."""
        found = defaultdict[str, float](float)
        for text in (httpx.get(page).text for page in self.pages):
            for call, dependency, seconds in _CALL.findall(text):
                found[f"{dependency}/{call}"] += float(seconds)
            found["child"] += sum(map(float, _RENDER.findall(text)))
        return found


def embedded(directory: Path, *, slots: int, stack: ExitStack, **extra: str) -> MeasuredService:
    directory.mkdir()
    settings = {**embedded_settings(directory), **_QUIET, "DARKROOM_WORKER_SLOTS": str(slots), **extra}
    deployment = stack.enter_context(deployed(settings, directory, is_preloaded=False))
    pid = deployment.start_api().process.pid
    return MeasuredService(
        name="embedded",
        slots=slots,
        url=deployment.url,
        client=stack.enter_context(Client(deployment.url)),
        pages=(f"{deployment.url}/metrics",),
        groups={
            "API and worker": alone(pid),
            "render processes": children(pid, called="python"),
        },
    )


class Servers:
    """PostgreSQL, Redis, RabbitMQ and SeaweedFS, shared by services with separate names."""

    def __init__(self, stack: ExitStack) -> None:
        os.environ["DARKROOM_TEST_OWN_SERVERS"] = "1"
        self._stack = stack
        self._keys = {"access_key_id": secrets.token_hex(8), "secret_access_key": secrets.token_hex(16)}
        self._urls = {name: servers.find(name, stack) for name in ("postgres", "redis", "rabbitmq")}
        self._urls["s3"] = managed_servers.start_seaweedfs(stack, **self._keys)

    def start(self, directory: Path, *, slots: int, **extra: str) -> MeasuredService:
        directory.mkdir()
        deployment = self._stack.enter_context(deployed(self._settings(f"slots{slots}"), directory, is_preloaded=False))
        worker = deployment.start_worker(DARKROOM_WORKER_SLOTS=str(slots))
        api = deployment.start_api(**extra)
        return MeasuredService(
            name="on servers",
            slots=slots,
            url=deployment.url,
            client=self._stack.enter_context(Client(deployment.url)),
            pages=(f"{deployment.url}/metrics", f"{worker.url}/metrics"),
            groups={
                "API": alone(api.process.pid),
                "worker": alone(worker.process.pid),
                "render processes": lambda: [*children(worker.process.pid)(), *children(api.process.pid)()],
                "SeaweedFS": listening(self._urls["s3"]),
                "PostgreSQL": listening(self._urls["postgres"]),
                "RabbitMQ": listening(self._urls["rabbitmq"]),
                "Redis": listening(self._urls["redis"]),
            },
        )

    def publish(self, objects: Mapping[str, bytes]) -> dict[str, str]:
        """Store objects in a bucket of their own. Return a link to each, which is valid for a day.

        Its signature is hexadecimal (SigV4): ipx would decode an escaped plus sign.
        """
        client, bucket = servers.s3_client(servers.S3Server(endpoint_url=self._urls["s3"], **self._keys)), "published"
        client.create_bucket(Bucket=bucket)
        for key, data in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=data, ContentType="image/jpeg")
        return {
            key: client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=86_400)
            for key in objects
        }

    def _settings(self, name: str) -> dict[str, str]:
        return {
            **_QUIET,
            "DARKROOM_DATABASE_URL": _new_database(self._urls["postgres"], name),
            "DARKROOM_BROKER_URL": self._urls["rabbitmq"],
            "DARKROOM_BROKER_QUEUE": name,
            "DARKROOM_REDIS_URL": self._urls["redis"],
            "DARKROOM_REDIS_PREFIX": f"{name}:",
            "DARKROOM_S3_ENDPOINT_URL": self._urls["s3"],
            "DARKROOM_S3_BUCKET": name,
            "DARKROOM_S3_ACCESS_KEY_ID": self._keys["access_key_id"],
            "DARKROOM_S3_SECRET_ACCESS_KEY": self._keys["secret_access_key"],
        }


def _new_database(server_url: str, name: str) -> str:
    """Create a database with all tables, and return its URL."""
    url = urlsplit(server_url)._replace(path=f"/{name}").geturl()

    async def make() -> None:
        connection = await asyncpg.connect(servers.asyncpg_url(server_url))
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        await migrate(url)

    asyncio.run(make())
    return url
