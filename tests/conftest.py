"""Real servers for whoever asks for them by fixture or by `@pytest.mark.needs(...)`; looked for before the first test.

At a desk a missing server skips what needs it and one line at the end says so; with `CI=true` it is a failure.
"""

import dataclasses
import os
import signal
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest

from storage.sql import upgrade
from tests.harness import fresh, servers
from tests.harness.deployment import Deployment
from tests.harness.deployments import migrate
from tests.harness.servers import S3Server, in_thread

_FIXTURES = {
    "postgres_server": "postgres",
    "postgres_url": "postgres",
    "own_database": "postgres",
    "migrated_template": "postgres",
    "redis_url": "redis",
    "redis_prefix": "redis",
    "amqp_url": "rabbitmq",
    "queue_name": "rabbitmq",
    "chromium_path": "chromium",
}
hypothesis.settings.register_profile("any machine", deadline=None)  # how fast an example is says nothing here
hypothesis.settings.load_profile("any machine")
# httpx gives an answer 5 s, which a busy machine exceeds; this object is the default of all its functions and clients.
vars(httpx._config.DEFAULT_TIMEOUT_CONFIG).update(vars(httpx.Timeout(60)))  # noqa: SLF001 - it has no setting for this

_STACK = pytest.StashKey[ExitStack]()
_URLS = pytest.StashKey[dict[str, str]]()
_MISSING = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(*names): real servers that the test needs: postgres, redis, rabbitmq, chromium"
    )
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell; tests press Ctrl+C
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_STACK] = ExitStack()
    found: dict[str, dict[str, str]] = getattr(config, "workerinput", {}).get("servers", {})
    config.stash[_URLS] = found.get("urls", {})
    config.stash[_MISSING] = found.get("missing", {})


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_STACK].close()


def _needed(item: pytest.Item) -> set[str]:
    named = {name for mark in item.iter_markers("needs") for name in mark.args}
    asked: list[str] = getattr(item, "fixturenames", [])
    return named | {_FIXTURES[name] for name in asked if name in _FIXTURES}


def _find(config: pytest.Config, names: Iterable[str]) -> None:
    """Starting a server may take minutes, so this comes before any test and its timeout."""
    for name in sorted(names):
        try:
            config.stash[_URLS][name] = servers.find(name, config.stash[_STACK])
        except servers.Unavailable as error:
            config.stash[_MISSING][name] = str(error)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    if session.config.option.collectonly or not session.items or hasattr(session.config, "workerinput"):
        return
    _find(session.config, {name for item in session.items for name in _needed(item)})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Several processes of tests share the servers that the first one found."""
    _find(config, servers.KINDS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist's own class
    stash = node.config.stash
    node.workerinput["servers"] = {"urls": stash[_URLS], "missing": stash[_MISSING]}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = item.config.stash[_MISSING]
    for name in sorted(_needed(item) & missing.keys()):
        if os.environ.get("CI") == "true":
            pytest.fail(missing[name], pytrace=False)
        pytest.skip(missing[name])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows the logs of the services it used."""
    report = yield
    values: dict[str, object] = getattr(item, "funcargs", {})
    for deployment in (value for value in values.values() if isinstance(value, Deployment)):
        if report.failed:
            report.sections.append(("services", deployment.log_tails()))
    return report


class _FailureLines:
    """Name each failed test when it fails: a run that is cut off has no summary."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._reporter.write_line(f"\nFAILED {report.nodeid} ({report.when}, {report.duration:.0f} s)", red=True)


def pytest_sessionstart(session: pytest.Session) -> None:
    if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
        session.config.pluginmanager.register(_FailureLines(reporter))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: how many tests were skipped for want of which servers, and how to get them."""
    missing = terminalreporter.config.stash[_MISSING]
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if _names_missing(report, missing)]
    if skipped:
        terminalreporter.write_line(
            f"Tests skipped: {len(skipped)}, for want of {'; '.join(missing.values())}", yellow=True
        )


def _names_missing(report: pytest.TestReport, missing: dict[str, str]) -> bool:
    return any(reason in str(report.longrepr) for reason in missing.values())


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """A database of a server on which databases may be created; not to be written to."""
    return request.config.stash[_URLS]["postgres"]


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of this test run's own."""
    with fresh.database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "darkroom.db"
    in_thread(partial(upgrade.migrate, f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database that nobody connects to: copying it takes a tenth of migrating another one."""
    with fresh.database(postgres_server) as url:
        migrate({"DARKROOM_DATABASE_URL": url})
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    """A Redis that others may use as well: keep to `redis_prefix`."""
    return request.config.stash[_URLS]["redis"]


@pytest.fixture
def redis_prefix(redis_url: str) -> Iterator[str]:
    """Start every key with it; such keys are deleted after the test."""
    with fresh.prefix(redis_url) as prefix:
        yield prefix


@pytest.fixture(scope="session")
def amqp_url(request: pytest.FixtureRequest) -> str:
    """A RabbitMQ that others may use as well: keep to `queue_name`."""
    return request.config.stash[_URLS]["rabbitmq"]


@pytest.fixture
def queue_name(amqp_url: str) -> Iterator[str]:
    """A name; its queue and dead-letter queue are deleted after the test."""
    with fresh.queue(amqp_url) as name:
        yield name


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> str:
    """The path of a browser, for `tests.harness.browser`."""
    return request.config.stash[_URLS]["chromium"]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """SeaweedFS, or the server that DARKROOM_TEST_S3_* names, with a bucket of this test run's own."""
    with ExitStack() as stack:
        server = servers.find_s3(stack)
        yield dataclasses.replace(server, bucket=stack.enter_context(fresh.bucket(server)))


@pytest.fixture
def own_bucket(s3_server: S3Server) -> Iterator[S3Server]:
    """The same server with an empty bucket, for a database of the test's own."""
    with fresh.bucket(s3_server) as bucket:
        yield dataclasses.replace(s3_server, bucket=bucket)


@pytest.fixture
def own_database(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for a bucket of the test's own."""
    with fresh.database(postgres_server) as url:
        yield url
