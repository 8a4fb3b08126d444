"""Steps that name an image: looked up before anything is kept, rejected with their place."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.ids import uuid7
from core.keys import source_key
from imaging.filters.auxiliary import MAX_AUXILIARY_BYTES
from storage import NewImage
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE, image_part, objects_of, text_part

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUBE = b'# a comment\nTITLE "grey"\n' + b"#" * 2000 + b"\nLUT_1D_SIZE 2\n0 0 0\n1 1 1\n"


async def _upload(client: httpx.AsyncClient, data: bytes = IMAGE) -> dict[str, Any]:
    answer = await client.post("/v1/images", content=data)
    assert answer.status_code == 201, answer.text
    image: dict[str, Any] = answer.json()
    return image


def _steps(name: str, *image_ids: str) -> list[dict[str, str]]:
    return [{"filter": name, "image_id": image_id} for image_id in image_ids]


async def _submit(client: httpx.AsyncClient, steps: list[dict[str, str]]) -> httpx.Response:
    return await client.post("/v1/tasks", files=[text_part("pipeline", json.dumps(steps).encode()), image_part()])


async def test_a_image_of_mine_is_taken_and_kept(client: httpx.AsyncClient) -> None:
    mark = await _upload(client)
    steps = _steps("watermark", mark["image_id"])
    answer = await _submit(client, steps)
    assert answer.status_code == 202, answer.text
    assert answer.json()["pipeline"][0]["image_id"] == mark["image_id"]
    again = await client.post("/v1/tasks", json={"image_id": mark["image_id"], "pipeline": steps})
    assert again.status_code == 202
    deleted = await client.delete(f"/v1/images/{mark['image_id']}")
    assert problem_of(deleted)[:2] == (409, "image_in_use")


async def test_what_is_not_mine_is_rejected_with_its_place(
    app: Running, client: httpx.AsyncClient, other_user: httpx.AsyncClient
) -> None:
    mine, theirs = await _upload(client), await _upload(other_user)
    steps = [{"filter": "blur"}, *_steps("watermark", theirs["image_id"], mine["image_id"], str(uuid4()))]
    before = await objects_of(app)
    rejection = (422, "invalid_pipeline", ["pipeline.1.image_id", "pipeline.3.image_id"])
    assert problem_of(await _submit(client, steps)) == rejection
    by_id = await client.post("/v1/tasks", json={"image_id": mine["image_id"], "pipeline": steps})
    assert problem_of(by_id) == rejection
    assert await objects_of(app) == before


async def test_options_are_judged_by_the_format_of_a_stored_image(client: httpx.AsyncClient) -> None:
    stored = await _upload(client)
    body = {"image_id": stored["image_id"], "pipeline": []}
    answer = await client.post("/v1/tasks", json=body | {"output": {"progressive": True}})
    assert problem_of(answer) == (422, "invalid_output", ["output.progressive"])
    assert (await client.post("/v1/tasks", json=body | {"output": {"lossless": True}})).status_code == 202


@pytest.mark.parametrize("image_id", [None, "mine", 7])
async def test_an_id_is_needed(client: httpx.AsyncClient, image_id: object) -> None:
    step = {"filter": "lut"} | ({"image_id": image_id} if image_id else {})
    answer = await client.post("/v1/tasks", files=[text_part("pipeline", json.dumps([step]).encode()), image_part()])
    assert problem_of(answer) == (422, "invalid_pipeline", ["pipeline.0.image_id"])


async def test_a_cube_is_taken_as_a_table_and_as_nothing_else(client: httpx.AsyncClient) -> None:
    cube = await _upload(client, CUBE)
    assert (cube["format"], cube["bytes"]) == ("cube", len(CUBE))
    image_id = cube["image_id"]
    assert (await _submit(client, _steps("lut", image_id))).status_code == 202
    assert problem_of(await _submit(client, _steps("overlay", image_id)))[2] == ["pipeline.0.image_id"]
    as_source = await client.post("/v1/tasks", json={"image_id": image_id})
    assert problem_of(as_source) == (422, "invalid_request", ["image_id"])
    along = await client.post("/v1/tasks", files=[image_part(CUBE)])
    assert problem_of(along)[:2] == (415, "unsupported_image")


async def test_a_photograph_that_no_table_can_be_is_rejected(client: httpx.AsyncClient) -> None:
    gif = await _upload(client, b"GIF89a" + bytes(40))
    assert problem_of(await _submit(client, _steps("lut", gif["image_id"])))[2] == ["pipeline.0.image_id"]


@pytest.mark.parametrize("text", [b"LUT_3D", b"hello " * 2000, b"LUT_3D_SIZE 3\0", b"#" * 5000 + b"\nLUT_3D_SIZE 3"])
async def test_other_texts_are_no_cubes(client: httpx.AsyncClient, text: bytes) -> None:
    assert problem_of(await client.post("/v1/images", content=text))[:2] == (415, "unsupported_image")


async def test_too_many_bytes_are_rejected(app: Running, client: httpx.AsyncClient) -> None:
    session = await app.resources.storage.sessions.authenticate(client.headers["Authorization"].split()[1])
    assert session
    image_ids = [uuid7(), uuid7()]
    for image_id in image_ids:
        half = NewImage(
            image_id=image_id,
            key=source_key(image_id),
            format="png",
            bytes=MAX_AUXILIARY_BYTES // 2 + 1,
            sha256="0" * 64,
        )
        await app.resources.storage.images.create(session.user_id, half)
    assert (await _submit(client, _steps("watermark", str(image_ids[0]), str(image_ids[0])))).status_code == 202
    rejected = await _submit(client, _steps("watermark", *map(str, image_ids)))
    assert problem_of(rejected) == (422, "invalid_pipeline", ["pipeline.1.image_id"])
