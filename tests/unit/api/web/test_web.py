"""The page's document and files: who gets them, for how long, and that they stay small."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.web.assets import FOLDER, Assets, load_assets
from api.web.document import preferred_language
from imaging import describe_catalogue, describe_looks, list_formats
from tests.harness.deployment import ROOT
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip, br"}
LARGEST_OWN_LINES = 3500
LARGEST_LIBRARY_BYTES = 40_000
LARGEST_FIRST_VIEW_BYTES = 150_000
_FIRST_LOOK = "pictures/bw_dramatic.webp"


@pytest.fixture(scope="module")
def assets() -> Assets:
    return load_assets()


def texts(language: str) -> dict[str, Any]:
    """Return all texts of a language."""
    found: dict[str, Any] = {}
    for path in (FOLDER / "i18n" / language).glob("*.json"):
        found |= json.loads(path.read_text())
    return found


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{\w+\}", str(text)))


async def test_browsers_get_the_page_and_others_the_links(nobody: httpx.AsyncClient) -> None:
    page = await nobody.get("/", headers=BROWSER)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    links = await nobody.get("/")
    assert links.json()["docs"] == "/docs"
    for answer in (page, links):
        assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept, Accept-Language", "no-cache")


async def test_the_document_has_nothing_inline_and_nothing_of_other_hosts(nobody: httpx.AsyncClient) -> None:
    page = await nobody.get("/", headers=BROWSER)
    assert not re.search(
        r"<script>|<style|\sstyle=|\son\w+=|javascript:|//\w", page.text.replace("<!doctype html>", "")
    )
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy.split("; "))
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types 'none'")


async def test_files_are_kept_forever_and_compressed(nobody: httpx.AsyncClient, assets: Assets) -> None:
    page = await nobody.get("/", headers=BROWSER)
    paths = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text)
    assert f"/assets/{assets.digest}/app.js" in paths
    for path in paths:
        answer = await nobody.get(path, headers=BROWSER)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = await nobody.get(path, headers={"Accept-Encoding": "identity"})
        assert (plain.content, "Content-Encoding" in plain.headers) == (answer.content, False)


async def test_no_other_file_is_served(nobody: httpx.AsyncClient, assets: Assets) -> None:
    for path in (
        f"{assets.digest}/assets.py",
        f"{assets.digest}/../routes.py",
        "0/app.js",
        f"{assets.digest}/index.html",
    ):
        answer = await nobody.get(f"/assets/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_page_works_below_a_path(nobody: httpx.AsyncClient, app: Running) -> None:
    del nobody
    transport = httpx.ASGITransport(app.transport.app, root_path="/darkroom")
    async with httpx.AsyncClient(transport=transport, base_url="http://darkroom") as client:
        page = await client.get("/", headers=BROWSER)
        for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
            assert path.startswith("/darkroom/assets/")
            assert (await client.get(path)).status_code == 200


async def test_every_import_is_preloaded(assets: Assets) -> None:
    preloaded = assets.modules()
    assert preloaded[0] == "app.js"
    assert {"api/client.js", "vendor/preact.js", "views/welcome.js"} <= set(preloaded)
    assert "views/gallery.js" not in preloaded  # loaded when it is first shown


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("ru", "ru"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en-GB,en;q=0.9,ru;q=0.8", "en"), ("de", "en"),
     ("de,ru;q=0.5", "ru"), ("en;q=x,ru;q=0.1", "ru")],
)  # fmt: skip
async def test_the_language_is_that_of_the_browser(header: str, language: str) -> None:
    assert preferred_language(header) == language


async def test_the_libraries_are_those_of_the_record(assets: Assets) -> None:
    record = (FOLDER / "vendor" / "README.md").read_text()
    for name in ("preact.js", "zip.js"):
        digest = hashlib.sha256(assets.by_path[f"vendor/{name}"].content).hexdigest()
        assert f"| `{name}` | `{digest}` |" in record, "run `make vendor`"
    locked = json.loads((ROOT / "tools" / "web" / "package-lock.json").read_text())["packages"]
    for name, version, _ in re.findall(r"^\| (\S+) \| ([\d.]+) \| (\S+) \|$", record, re.MULTILINE):
        assert locked[f"node_modules/{name}"]["version"] == version
        assert f"{name}\n\n" in (FOLDER / "vendor" / "LICENSES.txt").read_text()


async def test_the_page_stays_small(assets: Assets) -> None:
    modules = {path: each.content.decode() for path, each in assets.by_path.items() if path.endswith(".js")}
    own = [source for path, source in modules.items() if not path.startswith("vendor/")]
    assert sum(map(_lines_of_code, own)) <= LARGEST_OWN_LINES
    libraries = [each for path, each in assets.by_path.items() if path.startswith("vendor/")]
    assert sum(len(each.gzipped or each.content) for each in libraries) <= LARGEST_LIBRARY_BYTES


async def test_the_first_view_is_light(nobody: httpx.AsyncClient, assets: Assets) -> None:
    page = await nobody.get("/", headers=BROWSER)
    first = {*assets.modules(), *assets.styles(), *_first_files()}
    sizes = [len(assets.by_path[path].gzipped or assets.by_path[path].content) for path in first]
    assert len(gzip.compress(page.content)) + sum(sizes) <= LARGEST_FIRST_VIEW_BYTES


def _lines_of_code(source: str) -> int:
    """Count lines without blank ones and without comments, in which the types are."""
    lines = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL).splitlines()
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("//"))


def _first_files() -> tuple[str, ...]:
    """Return the texts of the longer language, and the pictures of views/welcome.js before another look is chosen."""
    return ("i18n/ru/page.json", "i18n/ru/problems.json", "pictures/icon.svg", "pictures/original.webp", _FIRST_LOOK)


class TestTexts:
    async def test_both_languages_have_the_same_keys_and_placeholders(self) -> None:
        english, russian = texts("en"), texts("ru")
        assert english.keys() == russian.keys()
        assert [key for key in english if placeholders(english[key]) != placeholders(russian[key])] == []

    async def test_plural_forms_are_complete(self) -> None:
        for language, forms in {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}.items():
            plurals = {key: text for key, text in texts(language).items() if isinstance(text, dict)}
            assert [key for key, text in plurals.items() if set(text) != forms] == []

    async def test_every_problem_code_has_a_sentence(self) -> None:
        text = (ROOT / "docs" / "errors.md").read_text()
        errors = re.sub(r"<!-- warnings.*<!-- /warnings -->", "", text, flags=re.DOTALL)
        documented = re.findall(r"^\|.*?`(\w+)` \|", errors, re.MULTILINE)
        assert len(documented) > 40
        assert {f"problem.{code}" for code in documented} - texts("en").keys() == set()

    async def test_every_format_is_named(self) -> None:
        found = [texts(language)[key] for language in ("en", "ru") for key in ("welcome.formats", "upload.limits")]
        assert [text for text in found if list_formats() not in text] == []

    async def test_every_filter_parameter_look_and_value_has_a_name(self) -> None:
        filters, looks = describe_catalogue(), list(describe_looks())
        schemas = [each["parameters"].get("properties", {}) for each in filters]
        values = {value for schema in schemas for each in schema.values() for value in _values(each)}
        names = {
            "group": {each["group"] for each in filters},
            "filter": {each["name"] for each in filters},
            "look": {each["name"] for each in looks},
            "parameter": {name for schema in schemas for name in schema},
            "value": values,
        }
        expected = {f"{kind}.{name}" for kind, found in names.items() for name in found}
        summaries = {f"filter.{each['name']}.summary": each["summary"] for each in filters}
        summaries |= {f"look.{each['name']}.summary": each["summary"] for each in looks}
        assert expected - texts("en").keys() == set()
        assert {key: texts("en").get(key) for key in summaries} == summaries  # those of the code

    async def test_every_parameter_is_explained(self) -> None:
        """In English as in the API, except where that speaks of requests."""
        described = {
            f"help.{each['name']}.{name}": schema["description"]
            for each in describe_catalogue()
            for name, schema in each["parameters"].get("properties", {}).items()
        }
        for language in ("en", "ru"):
            assert {key for key in texts(language) if key.startswith("help.")} == described.keys()
        assert {key: text for key, text in described.items() if texts("en")[key] != text}.keys() == {
            f"help.{name}.image_id" for name in ("lut", "overlay", "watermark")
        }
        assert [key for key in described if texts("ru")[key].isascii()] == []

    async def test_no_file_has_a_key_twice(self) -> None:
        for path in (FOLDER / "i18n").rglob("*.json"):
            keys = re.findall(r'^  "([^"]+)":', path.read_text(), re.MULTILINE)
            assert len(keys) == len(set(keys)), path

    async def test_every_text_of_a_module_exists(self, assets: Assets) -> None:
        sources = [each.content.decode() for path, each in assets.by_path.items() if path.endswith(".js")]
        used = {key for source in sources for key in re.findall(r"\bt\('([\w.-]+)'", source)}
        assert used - texts("en").keys() == set()


def _values(schema: dict[str, Any]) -> Iterator[str]:
    for kind in (schema, *schema.get("anyOf", ())):
        yield from (value for value in kind.get("enum", ()) if isinstance(value, str))
