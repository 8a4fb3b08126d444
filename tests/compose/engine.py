"""Docker for the test: the engine that answers, or one of its own on a Debian machine where we are root."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.install_servers import with_apt
from tests.harness.server_specs import own_directory

STAND_INS = Path(__file__).with_name("stand_ins")
BASE_NAMES = ("debian:trixie-slim", "python:3.12.14-slim-trixie")
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
# Not a rule of the machine's firewall and not a setting of its network is touched: containers reach each other over
# their bridge, published ports go through docker-proxy, and builds use the host's network.
_HANDS_OFF = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none")


class NoEngine(Exception):
    """No Docker engine answers, and none can be started here."""


@dataclass(frozen=True, kw_only=True)
class Docker:
    """The client, told which engine and plugins to use."""

    program: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command lines
            [self.program, *arguments],
            env={**os.environ, **self.environment, **settings},
            text=True,
            capture_output=True,
            check=False,
            timeout=900,
        )

    def __call__(self, *arguments: str, **settings: str) -> str:
        """What it printed; AssertionError with what it complained of."""
        done = self.start(*arguments, **settings)
        assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout.strip()

    def answers(self, *arguments: str) -> bool:
        return self.start(*arguments).returncode == 0

    def reaches_registry(self) -> bool:
        return self.answers("manifest", "inspect", BASE_NAMES[-1])


@contextmanager
def engine() -> Iterator[Docker]:
    """Raises NoEngine. Without a registry it is never the machine's: stand-ins must not stay there under real names."""
    docker = Docker(program=_client())
    with ExitStack() as stack:
        if Path(docker.program).exists() and docker.answers("compose", "ls") and docker.reaches_registry():
            yield docker
            return
        _install()
        yield _start(stack)


def _install() -> None:
    missing = [
        package
        for program, package in {"dockerd": "docker.io", "debootstrap": "debootstrap"}.items()
        if not shutil.which(program)
    ]
    if os.geteuid() != 0 or not all(with_apt(package) for package in missing):
        raise NoEngine("no Docker engine with a registry answers here, and only root on Debian can start one")


def _start(stack: ExitStack) -> Docker:
    directory = own_directory(stack)
    socket = f"unix://{directory}/socket"
    state = (f"--data-root={directory}/data", f"--exec-root={directory}/exec", f"--pidfile={directory}/pid")
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [shutil.which("dockerd") or "dockerd", f"--host={socket}", "--oom-score-adjust=0", *state, *_HANDS_OFF],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    stack.callback(_stop, process, directory)
    docker = Docker(program=_client(), environment={"DOCKER_HOST": socket, "DOCKER_CONFIG": f"{directory}/client"})
    deadline = time.monotonic() + _START_SECONDS
    while not docker.answers("info"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NoEngine("dockerd did not start:\n" + (directory / "log").read_text(errors="replace")[-2000:])
        time.sleep(0.2)
    run(STAND_INS / "plugin.sh", f"{directory}/client/cli-plugins")
    return docker


def _client() -> str:
    return shutil.which("docker") or "/usr/bin/docker"


def _stop(process: subprocess.Popen[bytes], directory: Path) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in (directory / "exec" / "netns").glob("*"):  # a mount of dockerd's own, in the way of removing the rest
        subprocess.run(["/bin/umount", str(left)], capture_output=True, check=False)  # noqa: S603 - fixed arguments


def run(script: Path, *arguments: str) -> None:
    """Run one of the scripts beside the stand-ins; AssertionError with the end of what it said."""
    done = subprocess.run(  # noqa: S603 - our own scripts
        ["/bin/sh", str(script), *arguments], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{script.name}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def import_base(docker: Docker) -> None:
    """Debian with Python under the names that the Dockerfiles start from."""
    with ExitStack() as stack:
        archive = own_directory(stack) / "base.tar"
        with archive.open("wb") as output:
            done = subprocess.run(  # noqa: S603 - our own script
                ["/bin/sh", str(STAND_INS / "base.sh"), sys.executable],
                stdout=output,
                stderr=subprocess.PIPE,
                check=False,
                timeout=600,
            )
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
        docker("import", str(archive), BASE_NAMES[0])
    docker("tag", *BASE_NAMES)
