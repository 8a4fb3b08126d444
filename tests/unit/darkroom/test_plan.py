"""Which files are rendered, and where their outputs go."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from darkroom.batch.journal import Journal, digest
from darkroom.batch.plan import Job, PlanError, plan


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("p/a.jpg", "p/b.png", "p/deep/a.jpg", "p/notes.txt", "p/.hidden/c.jpg", "p/.d.jpg", "other/a.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def targets(jobs: Iterable[Job]) -> dict[str, str]:
    return {str(job.source): str(job.target) for job in jobs}


def test_a_folder_keeps_its_paths() -> None:
    assert targets(plan(["p"], Path("out"), label="sepia")) == {
        "p/a.jpg": "out/a",
        "p/b.png": "out/b",
        "p/deep/a.jpg": "out/deep/a",
    }


def test_a_pattern_keeps_the_paths_below_its_fixed_part() -> None:
    assert targets(plan(["p/**/*.jpg"], Path("out"), label="sepia")) == {
        "p/a.jpg": "out/a",
        "p/deep/a.jpg": "out/deep/a",
    }


def test_files_keep_their_names() -> None:
    assert targets(plan(["p/a.jpg"], Path("out"), label="sepia")) == {"p/a.jpg": "out/a"}


def test_without_a_folder_outputs_go_beside_their_sources() -> None:
    assert targets(plan(["p/a.jpg"], None, label="sepia")) == {"p/a.jpg": "p/a-sepia"}


def test_outputs_of_earlier_runs_are_no_sources_of_a_folder(folder: Path) -> None:
    made = frozenset({(folder / "p/b.png").absolute()})
    assert "p/b.png" not in targets(plan(["p"], None, label="sepia", made=made))
    assert "p/b.png" in targets(plan(["p/b.png"], None, label="sepia", made=made))
    assert targets(plan(["."], Path("p"), label="sepia")) == {"other/a.jpg": "p/other/a"}


def test_names_that_differ_in_their_suffix_keep_it(folder: Path) -> None:
    (folder / "p/b.jpg").touch()
    found = targets(plan(["p"], Path("out"), label="sepia"))
    assert (found["p/b.jpg"], found["p/b.png"]) == ("out/b.jpg", "out/b.png")


def test_two_files_of_one_name_are_rejected() -> None:
    with pytest.raises(PlanError, match=r"p/a.jpg and other/a.jpg would have the same output"):
        plan(["p/a.jpg", "other/a.jpg"], Path("out"), label="sepia")


@pytest.mark.parametrize(("name", "message"), [("none.jpg", "no such file"), ("p/*.gif", "no file matches")])
def test_what_is_missing(name: str, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan([name], Path("out"), label="sepia")


@pytest.mark.parametrize(
    ("source", "output_format", "path"),
    [
        ("a.jpg", "jpeg", "out/a.jpg"),
        ("a.JPEG", "jpeg", "out/a.JPEG"),
        ("a.png", "jpeg", "out/a.jpg"),
        ("a.jpg", "webp", "out/a.webp"),
        ("a.tif", "tiff", "out/a.tif"),
        ("a.b.png", "jpeg2000", "out/a.b.jp2"),
        ("a.heic", "auto", "out/a.heic"),
    ],
)
def test_suffixes(source: str, output_format: str, path: str) -> None:
    (job,) = [Job(Path(source), Path("out") / Path(source).stem)]
    assert job.path_for(output_format) == Path(path)


def test_no_source_is_replaced() -> None:
    (job,) = plan(["p/a.jpg"], Path("p"), label="sepia")
    with pytest.raises(PlanError, match="would replace the source"):
        job.path_for("jpeg")


class TestJournal:
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def test_another_run_finds_what_was_saved(self, tmp_path: Path) -> None:
        saved = tmp_path / "a.jpg"
        saved.write_bytes(b"output")
        Journal("http://here", tmp_path).add("key", tmp_path / "a", task_id="1", file=saved, sha256=digest(saved))
        entry = Journal("http://here", tmp_path).find("key", tmp_path / "a")
        assert entry is not None
        assert entry.is_saved()
        assert Journal("http://here", tmp_path).outputs() == {saved}
        saved.write_bytes(b"changed")
        assert not entry.is_saved()

    def test_servers_folders_and_keys_are_apart(self, tmp_path: Path) -> None:
        Journal("http://here", tmp_path).add("key", tmp_path / "a", task_id="1")
        assert Journal("http://there", tmp_path).find("key", tmp_path / "a") is None
        assert Journal("http://here", tmp_path / "b").find("key", tmp_path / "a") is None
        assert Journal("http://here", tmp_path).find("other", tmp_path / "a") is None

    def test_a_line_that_was_cut_off_is_skipped(self, tmp_path: Path) -> None:
        Journal("http://here", tmp_path).add("key", tmp_path / "a", task_id="1")
        (path,) = (tmp_path / "cache/darkroom/journals").iterdir()
        path.write_text(path.read_text() + '{"key": "oth')
        assert Journal("http://here", tmp_path).find("key", tmp_path / "a") is not None
