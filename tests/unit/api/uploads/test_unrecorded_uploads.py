"""An upload whose row cannot be added: its object goes, unless the row may be there all the same."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from api.uploads.incoming import recording
from core.errors import DarkroomError, DependencyUnavailable, NotFound
from core.settings import Settings
from storage import NewImage, StoredImage
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE, image_part, objects_of, text_part

pytestmark = pytest.mark.asyncio(loop_scope="session")
IMAGE_ID = UUID("019a0000-0000-7000-8000-0000000000aa")
NEW = NewImage(image_id=IMAGE_ID, key=f"sources/{IMAGE_ID}", format="png", bytes=len(IMAGE), sha256="")
STORED = StoredImage(
    image_id=IMAGE_ID,
    key=NEW.key,
    format="png",
    bytes=len(IMAGE),
    sha256="",
    owner_id=IMAGE_ID,
    created_at=datetime.now(UTC),
)
LOST = DependencyUnavailable("database", "The connection was lost.")
AWAY = DependencyUnavailable("database", "It cannot be reached.", had_no_effect=True)


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Another process writes to the database, for longer than a request waits."""
    with closing(sqlite3.connect(settings.data_dir / "darkroom.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize("path", ["/v1/images", "/v1/tasks"])
async def test_nothing_stays_of_an_upload_while_the_database_is_locked(
    path: str, app: Running, settings: Settings, client: httpx.AsyncClient
) -> None:
    before = await objects_of(app)
    fields = [text_part("pipeline", b"[]")] if path == "/v1/tasks" else []
    with locked(settings):
        answer = await client.post(path, files=[*fields, image_part()])
    assert problem_of(answer)[:2] == (503, "dependency_unavailable")
    assert await objects_of(app) == before


@pytest.mark.parametrize(
    ("image", "error", "left"),
    [
        pytest.param(NEW, AWAY, set(), id="no-row"),
        pytest.param(NEW, NotFound("Image not found."), set(), id="rejected"),
        pytest.param(NEW, LOST, {NEW.key}, id="perhaps-a-row"),
        pytest.param(STORED, AWAY, {NEW.key}, id="stored-before"),
    ],
)
async def test_an_object_stays_if_there_may_be_a_row(
    app: Running, image: NewImage, error: DarkroomError, left: set[str]
) -> None:
    objects = app.resources.storage.objects
    await objects.put(NEW.key, IMAGE, media_type="image/png", file_name="image.png")
    with pytest.raises(type(error)):
        async with recording(objects, image):
            raise error
    assert await objects_of(app) & {NEW.key} == left
    await objects.delete([NEW.key])
