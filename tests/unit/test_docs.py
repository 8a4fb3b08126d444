"""Documents that cannot rot: what they say about the code is compared with the code."""

import re
from pathlib import Path

import pytest

from core.settings import Settings
from imaging.filters import CATALOGUE
from imaging.pipeline.thumbor import MAPPINGS
from tests.harness.deployment import ROOT
from tools.write_docs import catalogue_page
from tools.write_docs.readme import README, with_generated_parts

TEXT = README.read_text()
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_settings_and_filters_are_those_of_the_code() -> None:
    assert with_generated_parts(TEXT) == TEXT, "run `make fix`"


def test_every_setting_and_filter_is_listed() -> None:
    assert set(re.findall(r"^\| `DARKROOM_(\w+)` ", section("Settings"), re.MULTILINE)) == {
        name.upper() for name in Settings.model_fields
    }
    lists = re.findall(r"^- \*\*\w+\*\*: (.*)$", section("Filters"), re.MULTILINE)
    assert [name for names in lists for name in re.findall(r"`(\w+)`", names)] == list(CATALOGUE)


def test_the_page_of_filters_is_that_of_the_code() -> None:
    assert catalogue_page.PAGE.read_text() == catalogue_page.page(), "run `make fix`"


def test_the_pictures_of_filters_are_those_of_the_code() -> None:
    drawn = catalogue_page.pictures()
    kept = {path.stem: path for path in catalogue_page.PICTURES.iterdir()}
    assert set(kept) == set(drawn), "run `make fix`"
    assert [name for name, picture in drawn.items() if catalogue_page.stale(kept[name], picture)] == []
    assert sum(path.stat().st_size for path in kept.values()) < 2_000_000


def test_the_table_of_thumbor_names_every_mapping() -> None:
    rows = re.findall(r"^\| (`.*?) \|", catalogue_page.THUMBOR, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)\(", row)} == set(MAPPINGS)


def test_the_tree_names_only_what_exists() -> None:
    named = re.findall(r"^(\S+)  +\S", section("Where things are"), re.MULTILINE)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_tree_names_every_package() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert [name for name in sorted(packages) if f"\n{name}/ " not in TEXT] == []


def test_each_guarantee_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", section("What you can rely on"))
    assert len(named) > 5
    for path, test in named:
        assert f"def {test}" in (ROOT / path).read_text(), f"{path}::{test}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_make_targets_in_documents_exist() -> None:
    makefiles = [ROOT / "Makefile", *ROOT.glob("infra/**/*.mk"), *ROOT.glob("benchmarks/*.mk")]
    targets = {name for path in makefiles for name in re.findall(r"^([\w-]+):", path.read_text(), re.MULTILINE)}
    for document in DOCUMENTS:
        mentioned = set(re.findall(r"(?:`|^    )make ([\w-]+)", document.read_text(), re.MULTILINE))
        assert mentioned <= targets, document
