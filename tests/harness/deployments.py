"""Both ways to run Darkroom, as fixtures: everything embedded in one process, and services on the real servers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.harness import fresh, servers
from tests.harness.commands import run_module
from tests.harness.deployment import Deployment, deployed, embedded_settings

SERVERS = ("postgres", "redis", "rabbitmq")
EMBEDDED_ONLY = pytest.param("embedded", id="embedded")
ON_SERVERS = pytest.param("servers", id="servers", marks=pytest.mark.needs(*SERVERS))
BOTH = (EMBEDDED_ONLY, ON_SERVERS)

Deploy = Callable[..., AbstractContextManager[Deployment]]


@contextmanager
def on_servers(request: pytest.FixtureRequest, directory: Path, **settings: str) -> Iterator[Deployment]:
    """A migrated database, a bucket, a queue and a prefix of its own; the processes are the caller's to start."""
    amqp_url: str = request.getfixturevalue("amqp_url")
    redis_url: str = request.getfixturevalue("redis_url")
    s3: servers.S3Server = request.getfixturevalue("s3_server")
    with ExitStack() as stack:
        own = {
            "DARKROOM_DATABASE_URL": stack.enter_context(migrated_database(request)),
            "DARKROOM_BROKER_URL": amqp_url,
            "DARKROOM_BROKER_QUEUE": stack.enter_context(fresh.queue(amqp_url)),
            "DARKROOM_REDIS_URL": redis_url,
            "DARKROOM_REDIS_PREFIX": stack.enter_context(fresh.prefix(redis_url)),
            "DARKROOM_S3_ENDPOINT_URL": s3.endpoint_url,
            "DARKROOM_S3_BUCKET": stack.enter_context(fresh.bucket(s3)),
            "DARKROOM_S3_ACCESS_KEY_ID": s3.access_key_id,
            "DARKROOM_S3_SECRET_ACCESS_KEY": s3.secret_access_key,
            "DARKROOM_WORKER_SLOTS": "1",
        }
        yield stack.enter_context(deployed({**own, **settings}, directory))


@contextmanager
def migrated_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of one that nobody else uses."""
    server: str = request.getfixturevalue("postgres_server")
    with fresh.database(server, template=request.getfixturevalue("migrated_template")) as url:
        yield url


def migrate(settings: dict[str, str]) -> None:
    run_module("storage.migrate", settings=settings).check_returncode()


def deploy_as(kind: str, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Deploy:
    """Makes deployments of one kind; what is given by name is their settings."""
    directory = factory.mktemp(kind)
    if kind == "servers":
        return partial(on_servers, request, directory)
    return lambda **settings: deployed({**embedded_settings(directory), **settings}, directory)


def start_all(deployment: Deployment, *, workers: int = 2) -> None:
    """One process for the embedded kind; else the API and so many workers."""
    deployment.start(workers=0 if deployment.embedded else workers)
