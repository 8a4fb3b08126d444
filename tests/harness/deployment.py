"""Starts the real processes, waits for them, and stops them as an operator would."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.harness.http import NO_TLS
from tests.harness.ports import free_port
from tests.harness.preloaded import PreloadedProcess, start_afresh
from tests.harness.strays import TAG, lives, tagged

ROOT = Path(__file__).parents[2]
_READY_SECONDS = 300.0  # as all waits here: to end what hangs, on a machine that has other work too
_STOP_SECONDS = 120.0
_LOOK_SECONDS = 0.02
_MOST_LOOK_SECONDS = 0.2  # looking takes CPU from what is awaited
# Everybody in a test has one address, and each task is to be rendered, though many are the same.
_UNLIKE_USERS = {"DARKROOM_REGISTRATIONS_PER_HOUR": "1000000", "DARKROOM_SHARED_OUTPUTS": "off"}
# Seconds for each of some hundred processes: compiling, and counting lines. A service under test runs as it is shipped.
_SLOWS_EVERY_START = ("PYTHONDONTWRITEBYTECODE", "COVERAGE_")


def wait_for[T](look: Callable[[], T | None], *, seconds: float = 300.0, what: str = "it") -> T:
    """The first truthy thing seen; AssertionError when it never comes. How long it takes is no matter here."""
    deadline, pause = time.monotonic() + seconds, _LOOK_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(pause)
        pause = min(1.2 * pause, _MOST_LOOK_SECONDS)
    return found


def environment_of_a_user(settings: Mapping[str, str]) -> dict[str, str]:
    """Our environment with these settings and no others."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DARKROOM_", *_SLOWS_EVERY_START))
    }
    return {**inherited, **settings}


@dataclass(kw_only=True)
class Service:
    """One process of ours: `python -m api` or `python -m worker`."""

    process: PreloadedProcess | subprocess.Popen[bytes]
    url: str
    log: Path
    ready_path: str = "/readyz"
    extra: Mapping[str, str] = field(default_factory=dict)  # settings of its own
    descendants: list[psutil.Process] = field(default_factory=list)

    def wait_until_ready(self) -> None:
        what = f"{self.url}{self.ready_path} answering 200"
        wait_for(lambda: self._answers(self.ready_path), seconds=_READY_SECONDS, what=what)

    def _answers(self, path: str) -> bool:
        if self.process.poll() is not None:
            assert "DARKROOM_FAILPOINT" in self.extra, f"exited with {self.process.returncode}:\n{self.log_tail()}"
            return True  # it reached its fail-point between two looks
        try:
            return httpx.get(self.url + path, timeout=10, verify=NO_TLS).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """SIGTERM, as an operator or init does it."""
        self._remember_descendants()
        self.process.terminate()
        code = self.process.wait(_STOP_SECONDS)
        assert code == 0, f"SIGTERM: exit code {code}\n{self.log_tail()}"

    def kill(self) -> None:
        self._remember_descendants()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _remember_descendants(self) -> None:
        self.descendants = psutil.Process(self.process.pid).children(recursive=True)

    def log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])


@dataclass(kw_only=True)
class Deployment:
    """All processes that share one set of settings."""

    settings: dict[str, str]
    directory: Path
    is_preloaded: bool = True
    services: list[Service] = field(default_factory=list)
    tag: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def embedded(self) -> bool:
        return "DARKROOM_DATABASE_URL" not in self.settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['DARKROOM_PORT']}"

    def start_api(self, **extra: str) -> Service:
        """Starts it and waits until it is ready. `extra` settings are for this process alone."""
        service = self.launch("api", self.url, extra)
        service.wait_until_ready()
        return service

    def start_worker(self, **extra: str) -> Service:
        service = self.launch_worker(**extra)
        service.wait_until_ready()
        return service

    def start(self, *, workers: int) -> None:
        """Starts the API and workers at once, and waits until all are ready."""
        self.launch("api", self.url, {})
        for _ in range(workers):
            self.launch_worker()
        for service in self.services[-1 - workers :]:
            service.wait_until_ready()

    def launch_worker(self, **extra: str) -> Service:
        """Starts it without waiting."""
        port = free_port()
        extra = {"DARKROOM_WORKER_METRICS_PORT": str(port), **extra}
        service = self.launch("worker", f"http://127.0.0.1:{port}", extra)
        if "DARKROOM_FAILPOINT" in extra:  # who has one before it is ready may be gone by then
            service.ready_path = "/metrics"
        return service

    def launch(self, module: str, url: str, extra: Mapping[str, str]) -> Service:
        """Starts it without waiting."""
        log = self.directory / f"{len(self.services)}-{module}.log"
        start = PreloadedProcess if self.is_preloaded else start_afresh
        environment = environment_of_a_user({**self.settings, TAG: self.tag, **extra})
        process = start(module, environment=environment, directory=ROOT, log=log)
        self.services.append(Service(process=process, url=url, log=log, extra=extra))
        return self.services[-1]

    def stop(self) -> None:
        """Stops what still runs, workers first; each must exit with 0 and none may leave a process behind."""
        for service in reversed(self.services):
            if service.process.poll() is None:
                service.stop()
        self.assert_no_stray()

    def assert_no_stray(self) -> None:
        wait_for(lambda: not self._strays(), what="the end of every process that the services started")

    def _strays(self) -> list[psutil.Process]:
        """By the tag in their environment, and by having been a child of a service."""
        descendants = (process for service in self.services for process in service.descendants)
        return [*tagged(self.tag), *filter(lives, descendants)]

    def clear_away(self) -> None:
        """After a test that failed half-way: nothing of it may live on."""
        for service in self.services:
            if service.process.poll() is None:
                service.kill()
        for process in self._strays():
            process.kill()

    def log_tails(self) -> str:
        return "\n".join(f"--- {service.log.name}\n{service.log_tail()}" for service in self.services)


@contextmanager
def deployed(settings: Mapping[str, str], directory: Path, *, is_preloaded: bool = True) -> Iterator[Deployment]:
    """A deployment without processes yet. Leaving it stops them all and checks how they end."""
    own = {"DARKROOM_PORT": str(free_port()), **_UNLIKE_USERS}
    deployment = Deployment(settings={**own, **settings}, directory=directory, is_preloaded=is_preloaded)
    with ExitStack() as stack:
        stack.callback(deployment.clear_away)
        try:
            yield deployment
            deployment.stop()
        except BaseException as error:
            error.add_note(deployment.log_tails())
            raise


def embedded_settings(directory: Path) -> dict[str, str]:
    """Nothing but where: the defaults do the rest."""
    return {"DARKROOM_DATA_DIR": str(directory / "data")}
