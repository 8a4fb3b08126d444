"""A process with everything embedded: writes until it is killed, and reports what was confirmed."""

import asyncio
import sys
from pathlib import Path

import uvloop

from core.ids import uuid7
from core.settings import Settings
from storage import open_storage
from storage.sql.images import NewImage
from tests.contract.tasks_in_states import Owner


async def main(data_dir: Path) -> None:
    async with open_storage(Settings(data_dir=data_dir)) as storage:
        user = await storage.users.create("owner@example.com", password_hash="unused")
        owner = Owner(user.user_id, storage.tasks)
        await asyncio.gather(*(_write(owner, storage.objects.put) for _ in range(4)))


async def _write(owner: Owner, put: object) -> None:
    while True:
        image_id = uuid7()
        key = f"sources/{image_id}"
        await put(key, image_id.bytes * 5000, media_type="image/png", file_name="a.png")  # type: ignore[operator]
        image = NewImage(image_id=image_id, key=key, format="png", bytes=80_000, sha256="0" * 64)
        task = await owner.task(image=image)
        sys.stdout.write(f"{owner.owner_id} {task.task_id} {image_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
