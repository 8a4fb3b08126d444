"""Examples are valid, can be sent as they are, and are what the service answers."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from api.app import create_app
from api.errors import PROBLEM_MEDIA_TYPE
from api.openapi.examples import EXAMPLES
from api.openapi.problem_examples import DETAILS
from core.settings import Settings
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")
type Json = dict[str, Any]
LATER = "2026-11-30T09:12:18.204000Z"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    found: Json = create_app(Settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()
    return found


def contents(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield the JSON bodies and answers, with a name for messages."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for place, holder in {"body": operation.get("requestBody", {}), **operation["responses"]}.items():
                for media_type, content in holder.get("content", {}).items():
                    if media_type.endswith("json"):
                        yield f"{method} {path} {place}", content


def examples_of(document: Json, content: Json) -> list[Any]:
    """Return the values, with references followed."""
    named = document["components"]["examples"]
    references = [each["$ref"].rpartition("/")[2] for each in content.get("examples", {}).values()]
    return [named[name]["value"] for name in references] or [content["example"]]


async def test_each_example_is_valid(document: Json) -> None:
    invalid, seen = [], 0
    for name, content in contents(document):
        schema = {**content["schema"], "components": document["components"]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        for example in examples_of(document, content):
            seen += 1
            invalid += [f"{name}: {error.message}" for error in validator.iter_errors(example)]
    assert invalid == []
    assert seen > 300


async def test_a_rejection_has_an_example_for_each_of_its_codes(document: Json) -> None:
    assert {each["value"]["code"] for each in document["components"]["examples"].values()} == set(DETAILS)
    assert [code for code, detail in DETAILS.items() if not detail] == []
    for name, content in contents(document):
        for example in examples_of(document, content):
            if "request_id" in example:
                assert name.endswith(str(example["status"]))


@pytest.fixture
async def image_id(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/images", content=IMAGE, params={"reference": "order-7", "tag": "shop"})
    assert answer.json().keys() == EXAMPLES["ImageView"].keys()
    return str(answer.json()["image_id"])


async def test_accounts_sessions_and_keys_as_in_the_examples(app: Running) -> None:
    async with app.client() as client:
        user = await client.post("/v1/users", json=EXAMPLES["NewUserBody"])
        session = await client.post("/v1/sessions", json=EXAMPLES["NewSessionBody"])
        client.headers["Authorization"] = f"Bearer {session.json()['token']}"
        key = await client.post("/v1/api-keys", json=EXAMPLES["NewApiKeyBody"])
        sessions, keys = await client.get("/v1/sessions"), await client.get("/v1/api-keys")
        changed = await client.post("/v1/users/me/password", json=EXAMPLES["NewPasswordBody"])
        assert changed.status_code == 204, changed.text
        again = {**EXAMPLES["NewSessionBody"], "password": EXAMPLES["NewPasswordBody"]["new_password"]}
        token = (await client.post("/v1/sessions", json=again)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        erased = await client.post("/v1/users/me/erasure", json={"password": again["password"]})
        assert erased.status_code == 204, erased.text
    answers = {"UserView": user, "NewSessionView": session, "NewApiKeyView": key, "SessionsView": sessions}
    for name, answer in {**answers, "ApiKeysView": keys}.items():
        assert_alike(answer, name)


def assert_alike(answer: httpx.Response, name: str) -> None:
    """The answer has the fields of its example, in lists as well."""
    assert answer.is_success, answer.text
    assert fields(answer.json()) == fields(EXAMPLES[name]), name


def fields(value: object) -> object:
    if isinstance(value, dict):
        return {key: fields(each) if key == "items" else ... for key, each in value.items()}
    return [fields(each) for each in value] if isinstance(value, list) else ...


@pytest.mark.parametrize(
    ("method", "path", "body", "view"),
    [
        ("POST", "/v1/tasks", "NewTaskBody", "TaskView"),
        ("PUT", "/v1/presets/thumbnail", "PresetBody", "PresetView"),
    ],
)
async def test_a_body_can_be_sent_as_it_is(  # noqa: PLR0913, PLR0917 - a request and its answer
    client: httpx.AsyncClient, image_id: str, method: str, path: str, body: str, view: str
) -> None:
    sent = {**EXAMPLES[body], "image_id": image_id} if "image_id" in EXAMPLES[body] else EXAMPLES[body]
    assert_alike(await client.request(method, path, json=sent), view)


async def test_a_url_and_a_preview_as_in_the_examples(client: httpx.AsyncClient, image_id: str) -> None:
    (await client.put("/v1/presets/thumbnail", json=EXAMPLES["PresetBody"])).raise_for_status()
    assert_alike(await client.post("/v1/delivery-keys"), "NewDeliveryKeyView")
    url = await client.post("/v1/delivery-urls", json={**EXAMPLES["NewDeliveryUrlBody"], "image_id": image_id})
    assert_alike(url, "DeliveryUrlView")
    preview = await client.post("/v1/previews", json={**EXAMPLES["PreviewBody"], "image_id": image_id})
    assert preview.headers["Content-Type"] == "image/png"
    assert_alike(await client.get("/v1/delivery-keys"), "DeliveryKeysView")
    assert_alike(await client.get("/v1/presets"), "PageView_PresetView_")
    assert_alike(await client.get("/v1/images"), "PageView_ImageView_")
    assert_alike(await client.get(f"/v1/images/{image_id}"), "LinkedImageView")
    assert_alike(await client.delete("/v1/images", params={"created_before": LATER}), "DeletedView")
    assert_alike(await client.get("/readyz"), "HealthView")


def assert_real(answer: httpx.Response, code: str, document: Json) -> None:
    """The answer is its example to the letter."""
    assert answer.headers["Content-Type"] == PROBLEM_MEDIA_TYPE, answer.text
    example = document["components"]["examples"][f"{answer.status_code}_{code}"]["value"]
    assert answer.json() == {**example, "request_id": answer.headers["X-Request-ID"]}


BLUR, EMOJI = [{"filter": "blur", "sigma": 999}], [{"filter": "text", "text": "\U0001f600"}]


@pytest.mark.parametrize(
    ("method", "path", "code", "sent"),
    [
        ("POST", "/v1/tasks", "invalid_pipeline", {"json": {"pipeline": BLUR}}),
        ("POST", "/v1/tasks", "invalid_output", {"json": {"output": {"quality": 999}}}),
        ("POST", "/v1/tasks", "malformed_body", {"content": "{", "headers": {"Content-Type": "application/json"}}),
        ("GET", "/v1/images?limitt=3", "invalid_request", {}),
        ("GET", f"/v1/tasks/{EXAMPLES['TaskView']['task_id']}", "not_found", {}),
        ("POST", "/v1/previews", "invalid_step", {"json": {"pipeline": EMOJI}}),
        ("POST", "/v1/previews", "unsupported_media_type", {"content": "{", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/v1/images", "unsupported_image", {"content": b"%PDF-1.7 " * 20}),
        ("POST", "/v1/delivery-urls", "delivery_key_missing", {"json": {}}),
        ("GET", "/i/x/-/y.png", "link_invalid", {}),
        ("DELETE", "/v1/images/{image_id}", "image_in_use", {}),
        ("GET", "/v1/tasks/{task_id}/output", "task_not_succeeded", {}),
    ],
)
async def test_a_rejection_is_the_one_of_the_example(  # noqa: PLR0913, PLR0917 - a request and its answer
    client: httpx.AsyncClient, image_id: str, document: Json, method: str, path: str, code: str, sent: Json
) -> None:
    task = await client.post("/v1/tasks", json={"image_id": image_id})
    if "json" in sent:
        sent = {"json": {"image_id": image_id, **sent["json"]}}
    filled = path.replace("{image_id}", image_id).replace("{task_id}", task.json()["task_id"])
    assert_real(await client.request(method, filled, **sent), code, document)


async def test_rejections_of_who_asks(app: Running, client: httpx.AsyncClient, document: Json) -> None:
    who = {"email": f"{EXAMPLES['UserView']['user_id']}@example.com", "password": "correct horse"}
    key = (await client.post("/v1/api-keys", json={"name": "reads", "scopes": ["read"]})).json()["key"]
    async with app.client() as nobody, app.client(key) as program:
        assert_real(await nobody.get("/v1/tasks"), "unauthenticated", document)
        assert_real(await nobody.post("/v1/sessions", json=who), "invalid_credentials", document)
        (await nobody.post("/v1/users", json=who)).raise_for_status()
        assert_real(await nobody.post("/v1/users", json=who), "email_taken", document)
        assert_real(await program.get("/v1/sessions"), "session_required", document)
        assert_real(await program.post("/v1/tasks", json={}), "insufficient_scope", document)


async def test_the_document_names_its_server(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi.json")).json()["servers"] == [{"url": "/"}]


async def test_the_header_of_warnings_is_described(document: Json) -> None:
    headers = document["paths"]["/v1/previews"]["post"]["responses"]["200"]["headers"]
    assert headers["Darkroom-Warnings"] == {"$ref": "#/components/headers/Darkroom-Warnings"}
    assert "step_without_effect" in json.dumps(document["components"]["headers"]["Darkroom-Warnings"])
