"""A database and a bucket as one installation has them, with what may happen to the database."""

import dataclasses
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from core.ids import uuid7
from core.keys import source_key
from core.settings import Settings
from storage import NewImage, Storage
from storage.sql.upgrade import migrate
from tests.harness import fresh, servers
from tests.harness.servers import S3Server, in_thread


class Installation(Protocol):
    settings: Settings

    def lose_database(self) -> None:
        """From now on it is another one, and new."""

    def dump(self) -> None: ...

    def restore(self) -> None:
        """From now on the database is what it was at the time of the dump."""

    def delete(self, key: str) -> None:
        """The object, behind the service's back."""


@dataclass
class Embedded:
    """The database is one file of the data directory; nobody has it open."""

    settings: Settings

    def lose_database(self) -> None:
        for path in self.settings.data_dir.glob("darkroom.db*"):
            path.unlink()

    def dump(self) -> None:
        shutil.copy(self._path, self._path.with_name("dump"))

    def restore(self) -> None:
        self.lose_database()
        shutil.copy(self._path.with_name("dump"), self._path)

    def delete(self, key: str) -> None:
        (self.settings.data_dir / "objects" / key).unlink()

    @property
    def _path(self) -> Path:
        return self.settings.data_dir / "darkroom.db"


@dataclass
class OnServers:
    """PostgreSQL and an S3 server. A dump is a copy of the database, made by the server itself."""

    settings: Settings
    s3: S3Server
    postgres_server: str
    stack: ExitStack
    _dump: str = field(default="")

    def lose_database(self) -> None:
        self._use(self.stack.enter_context(fresh.database(self.postgres_server)))
        in_thread(partial(migrate, self.settings.database_url))

    def dump(self) -> None:
        template = self.settings.database_url.rpartition("/")[2]
        self._dump = self.stack.enter_context(fresh.database(self.postgres_server, template=template))

    def restore(self) -> None:
        self._use(self._dump)

    def delete(self, key: str) -> None:
        client = servers.s3_client(self.s3)
        client.delete_object(Bucket=self.s3.bucket, Key=key)
        client.close()

    def _use(self, url: str) -> None:
        self.settings = self.settings.model_copy(update={"database_url": url})
        self.settings.__dict__.pop("resolved_database_url", None)  # computed once


def on_servers(stack: ExitStack, *, postgres_server: str, s3: S3Server, data_dir: Path) -> OnServers:
    """Nothing of it has been used yet. Sessions stay in the process."""
    bucket = dataclasses.replace(s3, bucket=stack.enter_context(fresh.bucket(s3)))
    settings = Settings.model_validate(
        {
            "data_dir": data_dir,
            "s3_endpoint_url": bucket.endpoint_url,
            "s3_access_key_id": bucket.access_key_id,
            "s3_secret_access_key": bucket.secret_access_key,
            "s3_bucket": bucket.bucket,
        }
    )
    made = OnServers(settings=settings, s3=bucket, postgres_server=postgres_server, stack=stack)
    made.lose_database()
    return made


async def store_image(storage: Storage) -> str:
    """An object with its row; returns its key."""
    image_id = uuid7()
    key, name = source_key(image_id), f"{image_id}@example.com"
    await storage.objects.put(key, b"data", media_type="image/png", file_name="a.png")
    user = await storage.users.create(name, password_hash="unused")
    image = NewImage(image_id=image_id, key=key, format="png", bytes=4, sha256="0" * 64)
    await storage.images.create(user.user_id, image)
    return key


async def keys_in(storage: Storage) -> set[str]:
    return {stored.key async for stored in storage.objects.list("sources/")}
