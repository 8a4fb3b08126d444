"""What the documents say about the code is compared with the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.__main__ import TRY
from api.errors import problem
from api.tasks.spec import spec_from
from core.errors import InvalidPipeline
from core.settings import Settings
from imaging.filters import CATALOGUE
from imaging.pipeline.looks import describe_looks
from imaging.pipeline.thumbor import MAPPINGS
from tests.harness.deployment import ROOT
from tools.write_docs import catalogue_page, command_page, contributing_page, errors_page, outputs_page, settings_page

README, RUSSIAN = ROOT / "README.md", ROOT / "README.ru.md"
DOCUMENTS = [
    README,
    RUSSIAN,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "infra").rglob("*.md")),
]
GENERATED = [command_page, settings_page, outputs_page, contributing_page, errors_page, catalogue_page]
TREE_ROW = re.compile(r"^(\S+)  +\S", re.MULTILINE)


def blocks(document: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language; of none for an empty name."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def commands(document: Path) -> list[str]:
    """Return the lines of the shell blocks, without comments."""
    lines = (line for block in blocks(document, "sh") for line in block.splitlines())
    return [code for line in lines if (code := re.sub(r"(^|\s+)# .*$", "", line))]


def tree(document: Path) -> list[str]:
    """Return the paths in the tree of a README."""
    (found,) = (block for block in blocks(document, "") if block.startswith("api/"))
    return TREE_ROW.findall(found)


@pytest.mark.parametrize("writer", GENERATED, ids=lambda writer: writer.PAGE.name)
def test_generated_parts_are_up_to_date(writer: object) -> None:
    assert writer.page() == writer.PAGE.read_text(), "run `make fix`"  # type: ignore[attr-defined]


def test_every_setting_is_listed() -> None:
    listed = re.findall(r"^\| `DARKROOM_(\w+)` ", settings_page.PAGE.read_text(), re.MULTILINE)
    assert listed == [name.upper() for name in Settings.model_fields]


def test_settings_with_few_values_list_them() -> None:
    (row,) = re.findall(r"^\| `DARKROOM_LOG_LEVEL` .*$", settings_page.PAGE.read_text(), re.MULTILINE)
    assert "One of `debug`, `info`, `warning`, `error`." in row


@pytest.mark.parametrize("readme", [README, RUSSIAN], ids=lambda path: path.name)
def test_the_readme_counts_filters_and_looks(readme: Path) -> None:
    numbers = [int(number) for number in re.findall(r"\b\d+\b", readme.read_text().partition("\n## ")[0])]
    assert numbers[:2] == [len(CATALOGUE), len(list(describe_looks()))]


def test_the_images_of_filters_are_those_of_the_code() -> None:
    drawn = catalogue_page.images()
    kept = {path.stem: path for path in catalogue_page.IMAGES.iterdir()}
    assert set(kept) == set(drawn), "run `make fix`"
    assert [name for name, image in drawn.items() if catalogue_page.is_stale(kept[name], image)] == []
    assert sum(path.stat().st_size for path in kept.values()) < 2_000_000


def test_the_table_of_thumbor_names_every_mapping() -> None:
    rows = re.findall(r"^\| (`.*?) \|", catalogue_page.THUMBOR, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)\(", row)} == set(MAPPINGS)


def test_the_tree_names_only_what_exists() -> None:
    assert [path for path in tree(README) if not (ROOT / path).exists()] == []


def test_the_tree_names_every_package() -> None:
    assert {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")} <= set(tree(README))


def test_the_readme_names_the_commands_to_run_and_to_test() -> None:
    assert re.findall(r"^make \w+", blocks(README, "sh")[0], re.MULTILINE) == ["make demo", "make test"]
    assert re.search(r"^make .*\btest$", (ROOT / ".ci/run").read_text(), re.MULTILINE)


def test_the_russian_readme_has_the_same_commands_tree_and_links() -> None:
    assert commands(RUSSIAN) == commands(README)
    assert tree(RUSSIAN) == tree(README)
    swapped = {"README.ru.md": "README.md"}
    links = [[swapped.get(link, link) for link in _links(document)] for document in (README, RUSSIAN)]
    assert links[0] == links[1]


def test_the_service_prints_commands_of_the_readme() -> None:
    printed = [line[2:] for line in TRY.format(url="http://127.0.0.1:8000").splitlines() if line.startswith("  ")]
    assert printed[0] == "URL=http://127.0.0.1:8000"
    assert printed[-1].endswith("-o output.webp")
    assert [line for line in printed if line not in commands(README)] == []


def test_the_example_of_an_error_is_what_the_service_answers() -> None:
    (example,) = blocks(ROOT / "docs" / "api.md", "json")
    with pytest.raises(InvalidPipeline) as raised:
        spec_from([{"filter": "invert"}, {"filter": "contrast", "amount": 200}], None)
    error = raised.value
    answer = problem("…", 422, code=error.code, detail=error.detail, problems=error.problems)
    assert json.loads(example) == json.loads(bytes(answer.body))


def test_the_index_lists_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    pages = {path.name for path in index.parent.glob("*.md")} - {index.name}
    assert pages <= {Path(link).name for link in _links(index)}


def test_the_index_of_decisions_lists_every_decision() -> None:
    directory = ROOT / "docs" / "adr"
    expected = [(path.name, path.read_text().split("\n")[0]) for path in sorted(directory.glob("0*.md"))]
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (directory / "README.md").read_text(), re.MULTILINE)
    assert [(link, f"# {title}") for title, link in listed] == expected


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    assert [link for link in _links(document) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_fragments_of_links_are_headings(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", document.read_text())
    missing = [
        (link, name) for link, name in links if name not in _headings(document.parent / link if link else document)
    ]
    assert missing == []


def test_make_targets_in_documents_exist() -> None:
    makefiles = [
        ROOT / "Makefile",
        *ROOT.glob("infra/**/*.mk"),
        *ROOT.glob("benchmarks/*.mk"),
        *ROOT.glob("tools/*/*.mk"),
    ]
    targets = {name for path in makefiles for name in re.findall(r"^([\w-]+):", path.read_text(), re.MULTILINE)}
    for document in DOCUMENTS:
        mentioned = set(re.findall(r"(?:`|^(?:    )?)make ([\w-]+)(?=[` ]|$)", document.read_text(), re.MULTILINE))
        assert mentioned <= targets, document


def test_the_guide_to_filters_names_only_what_the_code_has() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text().partition("## Adding a filter")[2].partition("\n## ")[0]
    prose = re.sub(r"^ *```.*?^ *```$", "", guide, flags=re.MULTILINE | re.DOTALL)
    names = {name for name in re.findall(r"`([A-Za-z_]+)`", prose) if name not in CATALOGUE}
    sources = [
        *ROOT.glob("imaging/**/*.py"),
        *ROOT.glob("tests/unit/imaging/filters/*.py"),
        ROOT / "core/errors/__init__.py",
    ]
    code = "\n".join(path.read_text() for path in sources)
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", code)] == []


def _links(document: Path) -> Iterator[str]:
    """Targets of the relative links, without fragments."""
    return (match[1] for match in re.finditer(r"\]\((?!https?:)([^)#]+)[^)]*\)", document.read_text()))


def _headings(document: Path) -> set[str]:
    """Return the fragments that lead to the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
