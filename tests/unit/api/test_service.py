"""What surrounds the routes: health, metrics, headers, unexpected errors, documentation."""

import base64
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import BrokenResourceError
from starlette.types import Receive, Scope, Send

import darkroom
from api import errors as api_errors
from api.app import VERSION, create_app
from api.middleware import RequestIds, UnexpectedErrors
from core import errors
from core.settings import Settings
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_health(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/livez")).json() == {"status": "ok"}
    ready = await nobody.get("/readyz")
    assert ready.status_code == 200
    names = ("database", "object_store", "session_store", "broker")
    assert ready.json() == {"status": "ok", "dependencies": dict.fromkeys(names, "ok")}


@pytest.mark.parametrize("path", ["/livez%0A", "/v1/filters%0A", "/v1/%0Afilters"])
async def test_a_path_with_a_line_break_is_another_one(path: str, nobody: httpx.AsyncClient) -> None:
    assert problem_of(await nobody.get(path))[:2] == (404, "not_found")


async def test_metrics_count_by_template(nobody: httpx.AsyncClient) -> None:
    await nobody.get("/v1/tasks/019a0000-0000-7000-8000-000000000000/output?secret=1")
    await nobody.get("/somewhere/else")
    await nobody.request("BREW", "/v1/tasks")
    text = (await nobody.get("/metrics")).text
    assert 'darkroom_http_requests_total{method="GET",route="/v1/tasks/{task_id}/output",status="422"}' in text
    assert 'route="unmatched",status="404"' in text
    assert 'method="other"' in text
    assert "019a0000" not in text
    assert "secret" not in text


async def test_the_index_links(nobody: httpx.AsyncClient) -> None:
    for path in list((await nobody.get("/")).json().values())[1:]:
        assert (await nobody.get(path)).status_code == 200


async def test_the_catalogue(nobody: httpx.AsyncClient) -> None:
    catalogue = (await nobody.get("/v1/filters")).json()
    items = catalogue["items"]
    assert {"blur", "grayscale", "resize"} <= {item["name"] for item in items}
    assert all(item["summary"] and item["parameters"]["type"] == "object" for item in items)
    looks = {look["name"]: look["pipeline"] for look in catalogue["looks"]}
    assert looks["inkwell"][-1] == {"filter": "grayscale", "method": "luma709"}


async def test_the_catalogue_is_cached_and_compressed(nobody: httpx.AsyncClient) -> None:
    plain = await nobody.get("/v1/filters", headers={"Accept-Encoding": "identity"})
    zipped = await nobody.get("/v1/filters", headers={"Accept-Encoding": "gzip, br"})
    assert plain.content == zipped.content
    assert ("Content-Encoding" in plain.headers, zipped.headers["Content-Encoding"]) == (False, "gzip")
    assert int(zipped.headers["Content-Length"]) < len(plain.content) / 3
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    for answer in (plain, zipped):
        assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("public, max-age=300", "Accept-Encoding")
        again = await nobody.get("/v1/filters", headers={"If-None-Match": f'"other", W/{answer.headers["ETag"]}'})
        assert (again.status_code, again.content) == (304, b"")
    unwanted = await nobody.get("/v1/filters", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in unwanted.headers


async def test_every_answer_is_guarded_and_named(nobody: httpx.AsyncClient) -> None:
    for path in ("/livez", "/v1/tasks", "/nowhere", "/docs"):
        headers = (await nobody.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("", False)])
async def test_a_sane_request_id_is_kept(nobody: httpx.AsyncClient, sent: str, *, kept: bool) -> None:
    answer = await nobody.get("/v1/tasks", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == sent) is kept
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


async def test_no_such_path_or_method(nobody: httpx.AsyncClient) -> None:
    assert problem_of(await nobody.get("/v1/nothing")) == (404, "not_found", [])
    assert problem_of(await nobody.get("/v1/tasks/")) == (404, "not_found", [])
    for path, allowed in {
        "/v1/users": "POST",
        "/v1/tasks": "DELETE, GET, HEAD, POST",
        "/v1/tasks/7": "DELETE, GET, HEAD",
    }.items():
        answer = await nobody.put(path)
        assert problem_of(answer) == (405, "method_not_allowed", [])
        assert answer.headers["Allow"] == allowed


async def test_what_can_be_got_can_be_asked_about(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.head("/livez")).status_code == 200
    assert (await nobody.head("/v1/tasks")).status_code == 401
    assert (await nobody.head("/v1/users")).status_code == 405


async def test_the_documentation_needs_nobody_else(nobody: httpx.AsyncClient) -> None:
    page = await nobody.get("/docs")
    assert not re.findall(r"(?:src|href)=.https?://", page.text)
    assert "https:" not in page.headers["Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        assert (await nobody.get(path)).status_code == 200
    assert (await nobody.get("/docs/../pyproject.toml")).status_code == 404
    assert problem_of(await nobody.get("/docs/nothing"))[:2] == (404, "not_found")


async def test_an_unexpected_error_gives_nothing_away() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("the secret is 1234")

    transport = httpx.ASGITransport(RequestIds(UnexpectedErrors(broken)))
    async with httpx.AsyncClient(transport=transport, base_url="http://darkroom") as client:
        answer = await client.get("/")
    assert problem_of(answer) == (500, "internal_error", [])
    assert "1234" not in answer.text


async def test_an_error_in_mid_answer_breaks_the_connection() -> None:
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late for an answer")

    transport = httpx.ASGITransport(RequestIds(UnexpectedErrors(broken)))
    async with httpx.AsyncClient(transport=transport, base_url="http://darkroom") as client:
        with pytest.raises(RuntimeError, match="too late"):
            await client.get("/")


@pytest.mark.parametrize(("other", "is_raised"), [([], False), ([ValueError("ours")], True)])
async def test_a_stream_that_its_client_cut_off_is_no_error(other: list[Exception], *, is_raised: bool) -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        raise ExceptionGroup("the tasks of an event stream", [BrokenResourceError(), *other])

    transport = httpx.ASGITransport(RequestIds(UnexpectedErrors(stream)))
    async with httpx.AsyncClient(transport=transport, base_url="http://darkroom") as client:
        if is_raised:
            with pytest.raises(ExceptionGroup):
                await client.get("/v1/tasks/x/events")
        else:
            assert (await client.get("/v1/tasks/x/events")).status_code == 200


def _all_of(error: type[errors.DarkroomError]) -> set[type[errors.DarkroomError]]:
    return {error}.union(*(_all_of(each) for each in error.__subclasses__()))


async def test_every_fault_of_a_client_has_a_status() -> None:
    unsupported = {errors.UnsupportedTransferCoding: 501, errors.UnsupportedHttpVersion: 505}
    for error in _all_of(errors.ClientError) - {errors.ClientError, *unsupported}:
        assert 400 <= api_errors.status_of(error) < 500
    assert {error: api_errors.status_of(error) for error in unsupported} == unsupported
    assert api_errors.status_of(errors.WorkerLost) == 500


async def test_the_version_is_the_projects() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert pyproject["project"]["version"] == VERSION == darkroom.__version__


class TestOpenApi:
    @pytest.fixture
    def schema(self) -> dict[str, Any]:
        return create_app(Settings()).openapi()

    async def test_every_call_is_described(self, schema: dict[str, Any]) -> None:
        for path, calls in schema["paths"].items():
            for method, call in calls.items():
                assert call["summary"], (method, path)
                assert call["tags"], (method, path)
                assert ("requestBody" in call) is (
                    method in {"post", "put"} and not path.endswith(("cancel", "delivery-keys"))
                ), (
                    method,
                    path,
                )

    async def test_rejections_are_problems(self, schema: dict[str, Any]) -> None:
        for path, calls in schema["paths"].items():
            for call in calls.values():
                rejections = {code: answer for code, answer in call["responses"].items() if code >= "400"}
                assert path == "/readyz" or all(
                    "application/problem+json" in it["content"] for it in rejections.values()
                )
                assert ("401" in rejections) is bool(call.get("security") or path == "/v1/sessions")
        assert "HTTPValidationError" not in schema["components"]["schemas"]

    async def test_references_lead_somewhere(self, app: Running, schema: dict[str, Any]) -> None:
        async with app.client() as client:
            served = (await client.get("/openapi.json")).json()
        assert served["info"]["version"] == VERSION
        for name in re.findall(r"#/components/schemas/(\w+)", str(served)):
            assert name in schema["components"]["schemas"]
        assert "#/$defs" not in str(served["paths"])

    async def test_the_form_of_a_task(self, schema: dict[str, Any]) -> None:
        content = schema["paths"]["/v1/tasks"]["post"]["requestBody"]["content"]
        assert content.keys() == {"multipart/form-data", "application/json"}
        assert content["multipart/form-data"]["schema"]["properties"].keys() == {
            "image",
            "filter",
            "pipeline",
            "output",
            "file_name",
            "disposition",
            "reference",
            "tag",
        }
        texts = [content["multipart/form-data"]["schema"]["properties"][name] for name in ("pipeline", "output")]
        assert not [each for each in texts if "contentMediaType" in each]  # Swagger UI would show a file picker
