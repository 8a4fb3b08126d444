"""infra/compose.yml under a name, ports and passwords of its own, so that no other one on the machine is met."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.compose.engine import STAND_INS, Docker, import_base, run
from tests.harness.ports import free_port
from tests.harness.server_specs import own_directory

ROOT = Path(__file__).parent.parent.parent
INFRA = ROOT / "infra"
FAIL_POINTS = Path(__file__).with_name("fail_points.yml")
PORTS = (
    *("API_PORT", "S3_PORT", "S3_CONSOLE_PORT", "RABBITMQ_MANAGEMENT_PORT", "PROMETHEUS_PORT", "GRAFANA_PORT"),
    *("ALERTMANAGER_PORT", "TLS_PORT", "TLS_HTTP_PORT"),
)
MANY_PEOPLE = {"DARKROOM_REGISTRATIONS_PER_HOUR": "1000000"}  # all from one address
TLS = {"TLS_DOMAIN": "images.test", "TLS_ISSUER": "internal", "TLS_ADDRESS": "127.0.0.1"}
ONE_SHOTS = {"migrate", "minio-init", "minio-volume"}
HEALTHY_SECONDS = 240.0


@dataclass(kw_only=True)
class System:
    """One project of Compose's."""

    docker: Docker
    files: tuple[Path, ...]
    passwords: Path
    project: str = field(default_factory=lambda: f"darkroom-test-{secrets.token_hex(4)}")
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    seconds: dict[str, float] = field(default_factory=dict)
    worker_failpoint: str = ""  # of workers that `up` makes from now on

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['API_PORT']}"

    @property
    def command(self) -> tuple[str, ...]:
        """What stands before each command of Compose."""
        files = [argument for file in self.files for argument in ("--file", str(file))]
        started = ("--env-file", str(self.passwords), "--project-name", self.project, "--progress", "quiet")
        return ("compose", *started, *files)

    @property
    def environment(self) -> dict[str, str]:
        chosen = {"DARKROOM_IMAGE": "darkroom:test", "FAILPOINT": self.worker_failpoint, **TLS, **MANY_PEOPLE}
        return chosen | {name: str(port) for name, port in self.ports.items()}

    def compose(self, *arguments: str) -> str:
        return self.docker(*self.command, *arguments, **self.environment)

    def last_lines(self, *services: str) -> str:
        """Return the end of the logs, or why there are none."""
        arguments = ("logs", "--no-color", "--tail", "40", *services)
        done = self.docker.start(*self.command, *arguments, **self.environment)
        return done.stdout + done.stderr

    def rotate(self, secret: str) -> None:
        """As `make rotate-secret` does it."""
        script = ("/bin/sh", str(INFRA / "rotate_secret.sh"), secret, str(self.passwords))
        environment = {**os.environ, **self.docker.environment, **self.environment}
        done = subprocess.run(  # noqa: S603 - our own script
            [*script, self.docker.program, *self.command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def add_tls(self) -> None:
        """Put Caddy before it, from the next `up` on."""
        uses_stand_ins = STAND_INS / "compose.yml" in self.files
        self.files = (*self.files, INFRA / "tls.yml", *((STAND_INS / "tls.yml",) if uses_stand_ins else ()))
        self.timed(
            "images of TLS", *(("build", "caddy", "tls-probe") if uses_stand_ins else ("pull", "caddy", "tls-probe"))
        )

    def value_of(self, secret: str) -> str:
        (line,) = [line for line in self.passwords.read_text().splitlines() if line.startswith(f"{secret}=")]
        return line.partition("=")[2]

    def timed(self, step: str, *arguments: str) -> None:
        began = time.monotonic()
        self.compose(*arguments)
        self.seconds[step] = time.monotonic() - began

    def up(self, step: str, *arguments: str) -> None:
        """Returns when every service is healthy and every one-shot has ended well."""
        wait = ("--wait", "--wait-timeout", str(round(HEALTHY_SECONDS)))
        self.timed(step, "up", "--detach", "--no-build", *wait, *arguments)

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """As `docker inspect` has them."""
        ids = self.compose("ps", "--all", "--quiet", *services).split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return found

    def targets(self, job: str) -> list[str]:
        """Addresses of a job that Prometheus reaches."""
        answer = httpx.get(f"http://127.0.0.1:{self.ports['PROMETHEUS_PORT']}/api/v1/targets?state=active")
        return [
            target["scrapeUrl"]
            for target in answer.json()["data"]["activeTargets"]
            if target["labels"]["job"] == job and target["health"] == "up"
        ]

    def left(self) -> str:
        """Whatever there is of this project: containers, volumes, networks."""
        ours = ("--quiet", "--filter", f"label=com.docker.compose.project={self.project}")
        kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        return "".join(self.docker(*kind, *ours) for kind in kinds)


def service_of(container: dict[str, Any]) -> str:
    return str(container["Config"]["Labels"]["com.docker.compose.service"])


@contextmanager
def built(docker: Docker) -> Iterator[System]:
    """Its images are at hand, pulled or made; nothing runs yet. Leaving it takes everything down with its volumes."""
    with ExitStack() as stack:
        passwords = own_directory(stack) / "env"
        run(INFRA / "secrets.sh", str(passwords))
        system = System(docker=docker, files=(INFRA / "compose.yml", FAIL_POINTS), passwords=passwords)
        if docker.reaches_registry():
            system.timed("images pulled", "pull", "--ignore-buildable")
        else:
            began = time.monotonic()
            import_base(docker)
            system.files = (*system.files, STAND_INS / "compose.yml")
            system.seconds["base of the stand-ins"] = time.monotonic() - began
        system.timed("images built", "build")
        stack.callback(system.compose, "down", "--volumes", "--remove-orphans", "--timeout", "20")
        yield system
