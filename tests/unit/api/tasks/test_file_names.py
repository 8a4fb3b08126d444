"""File names are kept: uploads and outputs download under the name of the source, made safe."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.uploads.file_names import stem_of
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import EXPIRED, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("holiday.JPG", "holiday"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a b.png", "a b"),
        ("e\u0301te\u0301.png", "\u00e9t\u00e9"),
        ("invoice\u202egpj.exe", "invoicegpj"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie_ b"),
        (".htaccess", "htaccess"),
        ("100%.png", "100_"),
        ("v1.2 (final)", "v1.2 (final)"),
        ("\u00e9" * 3000 + ".png", "\u00e9" * 60),
        (" . ", None),
        ("", None),
        (None, None),
    ],
)
async def test_names_become_safe(sent: str | None, kept: str | None) -> None:
    assert stem_of(sent) == kept


async def submit(client: httpx.AsyncClient, name: str, **fields: object) -> dict[str, Any]:
    answer = await client.post("/v1/tasks", files={"image": (name, IMAGE)}, data=fields)
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = answer.json()
    return task


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"filter": ["invert", "sepia"]}, "holiday-sepia.png"),
        ({"filter": "noir"}, "holiday-noir.png"),  # a look, whose last step has another name
        ({"pipeline": "thumbor:filters:grayscale():blur(3)"}, "holiday-blur.png"),
        ({"pipeline": "[]"}, "holiday.png"),
        ({"filter": "sepia", "file_name": "Mine & yours.gif"}, "Mine & yours.png"),
    ],
)
async def test_an_output_has_the_name_of_its_source(
    app: Running, client: httpx.AsyncClient, fields: dict[str, Any], name: str
) -> None:
    task = await submit(client, "holiday.jpeg", **fields)
    await succeed(app, task)
    output = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    assert output["file_name"] == name
    head = await client.head(f"/v1/tasks/{task['task_id']}/output")
    assert (head.status_code, head.content) == (200, b"")
    assert f'filename="{name.replace("&", "_")}"' in head.headers["Content-Disposition"]
    assert (head.headers["Content-Length"], head.headers["Content-Type"]) == (str(len(IMAGE)), "image/png")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"pipeline": "@card"}, "holiday-card.png"),
        ({"pipeline": "@card.v1"}, "holiday-card.png"),
        ({"pipeline": "@card", "file_name": "mine"}, "mine.png"),
    ],
)
async def test_an_output_of_a_preset(
    app: Running, client: httpx.AsyncClient, fields: dict[str, Any], name: str
) -> None:
    await client.put("/v1/presets/card", json={"pipeline": [{"filter": "noir"}]})
    image_id = (await client.post("/v1/images", files={"image": ("holiday.png", IMAGE)})).json()["image_id"]
    by_id = await client.post("/v1/tasks", json={"image_id": image_id, **fields})
    for task in (await submit(client, "holiday.jpeg", **fields), by_id.json()):
        assert task["preset"] == "@card.v1"
        await succeed(app, task)
        assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]["file_name"] == name


async def test_a_link_is_signed_with_the_name(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client, "holiday.jpeg", filter="sepia")
    await succeed(app, task, link_life=EXPIRED)
    link = (await client.get(f"/v1/tasks/{task['task_id']}/output")).headers["Location"]
    assert parse_qs(urlsplit(link).query)["name"] == ["holiday-sepia.png"]


async def test_an_uploaded_image_keeps_its_name(app: Running, client: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", files={"image": ("été.jpeg", IMAGE)})).json()
    assert image["file_name"] == "été.png"
    url = (await client.get(f"/v1/images/{image['image_id']}")).json()["url"]
    assert parse_qs(urlsplit(url).query)["name"] == ["été.png"]
    body = {"image_id": image["image_id"], "pipeline": [{"filter": "sepia"}]}
    task = (await client.post("/v1/tasks", json=body)).json()
    await succeed(app, task)
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()
    assert found["output"]["file_name"] == "été-sepia.png"


async def test_without_a_name_the_id_is_used(app: Running, client: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", content=IMAGE)).json()
    assert image["file_name"] is None
    task = (await client.post("/v1/tasks", json={"image_id": image["image_id"]})).json()
    await succeed(app, task)
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()
    assert found["output"]["file_name"] == f"{task['task_id']}.png"


async def test_a_name_without_characters_is_rejected(client: httpx.AsyncClient) -> None:
    fields = {"filter": "sepia", "file_name": "..."}
    answer = await client.post("/v1/tasks", files={"image": IMAGE}, data=fields)
    assert problem_of(answer) == (422, "invalid_pipeline", ["file_name"])


@pytest.mark.parametrize("steps", [{"filter": "sepia"}, {"pipeline": "@card"}])
async def test_a_key_repeated_with_another_name_is_another_request(
    client: httpx.AsyncClient, steps: dict[str, str]
) -> None:
    await client.put("/v1/presets/card", json={"pipeline": [{"filter": "noir"}]})

    async def send(**fields: str) -> int:
        headers = {"Idempotency-Key": "the-same"}
        sent = {**steps, **fields}
        return (await client.post("/v1/tasks", files={"image": IMAGE}, data=sent, headers=headers)).status_code

    assert [await send(), await send(file_name="a"), await send()] == [202, 422, 202]
