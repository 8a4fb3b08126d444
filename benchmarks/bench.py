"""Servers behind counting proxies, one API and one worker, and the CPU time of each group of processes."""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg

from benchmarks import traffic_proxy
from benchmarks.processes import Group, alone, children, cpu_seconds, listening
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.sql.upgrade import migrate
from tests.harness import managed_servers, servers
from tests.harness.deployment import Deployment, deployed, wait_for

Figures = dict[str, float]
_OPEN = "SELECT count(*) FROM tasks WHERE finished_at IS NULL"


@dataclass(frozen=True, kw_only=True)
class Bench:
    deployment: Deployment
    account: S3Account
    proxies: Mapping[str, traffic_proxy.TrafficProxy]
    groups: Mapping[str, Group]
    count_open: Callable[[], int]

    def snapshot(self) -> Figures:
        cpu = {f"cpu_seconds.{name}": seconds for name, seconds in cpu_seconds(self.groups).items()}
        counts = {
            f"{name}.{kind}": float(n) for name, proxy in self.proxies.items() for kind, n in proxy.counts.items()
        }
        return {**cpu, **counts}

    def since(self, before: Figures) -> Figures:
        after = self.snapshot()
        return {name: after[name] - before.get(name, 0) for name in sorted(after)}

    def wait_until_done(self) -> None:
        """Query the database past the proxies, so that waiting is not measured."""
        wait_for(lambda: not self.count_open(), seconds=300, what="the end of the tasks")


@contextmanager
def open_bench() -> Iterator[Bench]:
    """Start all of it; the worker has a slot per core."""
    os.environ["DARKROOM_TEST_OWN_SERVERS"] = "1"
    keys = secrets.token_hex(8), secrets.token_hex(16)
    with ExitStack() as stack:
        urls = {name: servers.find(name, stack) for name in ("postgres", "redis", "rabbitmq")}
        urls["s3"] = managed_servers.start_seaweedfs(stack, access_key_id=keys[0], secret_access_key=keys[1])
        proxies = {name: _proxy(url) for name, url in urls.items()}
        stack.enter_context(traffic_proxy.serve_proxies(*proxies.values()))
        account = S3Account(
            endpoint_url=urls["s3"], region="us-east-1", access_key_id=keys[0], secret_access_key=keys[1]
        )
        runner = stack.enter_context(asyncio.Runner())
        runner.run(_prepare(urls["postgres"], account))
        directory = Path(stack.enter_context(TemporaryDirectory()))
        deployment = stack.enter_context(deployed(_settings(urls, proxies, keys), directory, is_preloaded=False))
        connection = runner.run(asyncpg.connect(servers.asyncpg_url(urls["postgres"])))
        stack.callback(lambda: runner.run(connection.close()))
        deployment.start_api()
        worker = deployment.start_worker()
        yield Bench(
            deployment=deployment,
            account=account,
            proxies=proxies,
            groups={
                "api": listening(deployment.url),
                "worker": alone(worker.process.pid),
                "render": children(worker.process.pid),
                **{f"{name}_server": listening(url) for name, url in urls.items()},
            },
            count_open=lambda: runner.run(connection.fetchval(_OPEN)),
        )


def _proxy(url: str) -> traffic_proxy.TrafficProxy:
    parts = urlsplit(url)
    scheme = parts.scheme.partition("+")[0]
    parser = {
        "postgresql": traffic_proxy.postgres,
        "redis": traffic_proxy.redis,
        "amqp": traffic_proxy.amqp,
        "http": traffic_proxy.http,
    }[scheme]
    return traffic_proxy.TrafficProxy(
        "127.0.0.1", parts.port or 0, sent=parser, received=parser if scheme == "amqp" else traffic_proxy.nothing
    )


def _settings(
    urls: Mapping[str, str], proxies: Mapping[str, traffic_proxy.TrafficProxy], keys: tuple[str, str]
) -> dict[str, str]:
    through = {name: url.replace(f":{urlsplit(url).port}", f":{proxies[name].port}") for name, url in urls.items()}
    return {
        "DARKROOM_DATABASE_URL": through["postgres"],
        "DARKROOM_BROKER_URL": through["rabbitmq"],
        "DARKROOM_REDIS_URL": through["redis"],
        "DARKROOM_S3_ENDPOINT_URL": through["s3"],
        "DARKROOM_S3_ACCESS_KEY_ID": keys[0],
        "DARKROOM_S3_SECRET_ACCESS_KEY": keys[1],
        "DARKROOM_LOG_LEVEL": "warning",
    }


async def _prepare(database_url: str, account: S3Account) -> None:
    await migrate(database_url)
    async with open_objects(account, public_endpoint_url="", bucket="darkroom", link_seconds=60) as objects:
        await objects.ensure_bucket()
