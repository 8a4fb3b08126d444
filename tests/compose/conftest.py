"""The whole system in containers, once for all that is asked of it, and a summary at the end."""

from collections.abc import Generator, Iterator

import pytest

from tests.compose.engine import STAND_INS, NoEngine, engine
from tests.compose.system import System, built

_SYSTEM = pytest.StashKey[System]()


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    try:
        with engine() as docker, built(docker) as whole:
            request.config.stash[_SYSTEM] = whole
            whole.up("up, until all are healthy")
            yield whole
    except NoEngine as error:
        pytest.fail(str(error), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    whole = terminalreporter.config.stash.get(_SYSTEM, None)
    if whole is None:
        return
    terminalreporter.section("the system in containers")
    terminalreporter.write_line(
        "images: " + ("stand-ins from packages" if STAND_INS / "compose.yml" in whole.files else "real ones")
    )
    for step, seconds in whole.seconds.items():
        terminalreporter.write_line(f"{seconds:7.1f} s  {step}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failure with the last lines of the containers, which are gone when it is read.

    The engine is already gone when the setup failed: that failure must not be replaced by another one.
    """
    report = yield
    whole = item.config.stash.get(_SYSTEM, None)
    if report.failed and whole is not None:
        report.sections.append(("containers", whole.last_lines("api", "worker")))
    return report
