"""The parts that need no server of their own: the data directory, held by one process, and the S3 server beside it."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ConfigurationError, DependencyUnavailable
from storage.embedded import seaweed
from storage.embedded.ports import Ports, choose_ports, still_free
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import ObjectStore

_START_SECONDS = 30.0
_PROBE_KEY = "probe"


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Raises ConfigurationError while another process holds the directory. A kill lets it go."""
    lock = FileLock(data_dir / "lock", timeout=0)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(
            f"Another process uses the data directory {data_dir}: stop it, or set DARKROOM_DATA_DIR."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def object_server(data_dir: Path, *, region: str) -> AsyncIterator[S3Account]:
    """Started; wait with `until_answering`. Call only while the data directory is held."""
    directory = _object_store_directory(data_dir)
    identity = await _identity(directory / "identity.json")
    account = S3Account(
        endpoint_url=f"http://127.0.0.1:{identity.ports.s3}",
        region=region,
        access_key_id=identity.access_key_id,
        secret_access_key=identity.secret_access_key,
    )
    async with seaweed.running(directory, account, identity.ports):
        yield account


async def until_answering(objects: ObjectStore, *, data_dir: Path) -> None:
    """Has the bucket and takes an object; raises ConfigurationError when that does not come true."""
    try:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                if await _answers(objects):
                    return
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        log = data_dir / "object-store" / "weed.log"
        raise ConfigurationError(f"The embedded object store does not start; see {log}.") from error


class _Identity(BaseModel):
    """What stays the same between two runs."""

    model_config = ConfigDict(frozen=True)

    access_key_id: str
    secret_access_key: str
    ports: Ports


async def _identity(path: Path) -> _Identity:
    known = _known(path)
    if not await still_free(known.ports):
        known = known.model_copy(update={"ports": choose_ports()})
        _write(path, known)
    return known


def _known(path: Path) -> _Identity:
    try:
        return _Identity.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        made = _Identity(
            access_key_id=secrets.token_hex(10), secret_access_key=secrets.token_urlsafe(30), ports=choose_ports()
        )
        _write(path, made)
        return made


def _object_store_directory(data_dir: Path) -> Path:
    directory = data_dir.absolute() / "object-store"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def _write(path: Path, identity: _Identity) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(identity.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def _answers(objects: ObjectStore) -> bool:
    try:
        await objects.ensure_bucket()
        await objects.put(_PROBE_KEY, b"probe", media_type="text/plain", file_name=_PROBE_KEY)
        await objects.delete([_PROBE_KEY])
    except DependencyUnavailable:
        return False
    return True
