"""Which files are rendered, and where their outputs go."""

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset(
    {
        *(".apng", ".avif", ".bmp", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".jxl"),
        *(".png", ".svg", ".tif", ".tiff", ".webp"),
    }
)
_SAME = {("jpeg", ".jpg"), ("jpeg", ".jpeg"), ("jpeg", ".jfif"), ("tiff", ".tif")}  # a source's suffix that is kept
_SUFFIX_OF = {"jpeg": ".jpg", "jpeg2000": ".jp2"}


class PlanError(ValueError):
    """The message names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file. `target` is the path of its output without suffix, which only the rendered format gives."""

    source: Path
    target: Path

    def path_for(self, output_format: str) -> Path:
        """Return where an output of that format goes; of `auto`, where it probably goes.

        Raises PlanError instead of replacing the source.
        """
        suffix = self.source.suffix
        if output_format != "auto" and (output_format, suffix.lower()) not in _SAME:
            suffix = _SUFFIX_OF.get(output_format, f".{output_format}")
        path = self.target.with_name(self.target.name + suffix)
        if path.exists() and path.samefile(self.source):
            raise PlanError("The output would replace the source. Choose another folder with -o.")
        return path


def plan(names: Iterable[str], output: Path | None, *, label: str, made: frozenset[Path] = frozenset()) -> list[Job]:
    """Return a job for each file.

    With a folder for outputs, they keep their path below the folder or pattern that was named. Without one, they go
    beside their sources, with the label at the end of their name; what earlier runs `made` there is not in a folder.
    """
    found = dict.fromkeys(pair for name in names for pair in _files_of(name, output, made))
    jobs = [_job(source, below, output, label) for source, below in found]
    targets = Counter(job.target for job in jobs)
    jobs = [_distinct(job) if targets[job.target] > 1 else job for job in jobs]
    _check_distinct(jobs)
    return jobs


def _files_of(name: str, output: Path | None, made: frozenset[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each file with its path below what was named."""
    path = Path(name)
    if path.is_dir():
        files = (file for file in _images_below(path, output) if file.absolute() not in made)
        yield from ((file, file.relative_to(path)) for file in files)
    elif path.is_file():
        yield path, Path(path.name)
    elif path.exists():
        raise PlanError(f"{name}: this is no file. Images from a pipe are read with - from standard input.")
    elif glob.has_magic(name):
        yield from _matches(name)
    else:
        raise PlanError(f"{name}: there is no such file or folder.")


def _images_below(folder: Path, output: Path | None) -> Iterator[Path]:
    """Walk without hidden folders, and without the outputs."""
    for directory, folders, files in os.walk(folder):
        here = Path(directory)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and not _is_same(here / each, output))
        yield from (here / each for each in sorted(files) if is_image(Path(each)) and not _is_pipe(here / each))


def _is_pipe(path: Path) -> bool:
    """Return whether reading it could wait forever. A link that leads nowhere is reported when it is read."""
    return path.exists() and not path.is_file()


def is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _is_same(folder: Path, output: Path | None) -> bool:
    return output is not None and folder.absolute() == output.absolute()


def _matches(pattern: str) -> Iterator[tuple[Path, Path]]:
    start = Path(*_before_magic(Path(pattern).parts))
    files = [Path(found) for found in sorted(glob.glob(pattern, recursive=True)) if Path(found).is_file()]  # noqa: PTH207 - absolute patterns too
    if not files:
        raise PlanError(f"{pattern}: no file matches this pattern.")
    yield from ((file, file.relative_to(start)) for file in files)


def _before_magic(parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts[:-1]:
        if glob.has_magic(part):
            return
        yield part


def _job(source: Path, below: Path, output: Path | None, label: str) -> Job:
    if output is None:
        return Job(source, source.with_name(f"{source.stem}-{label}" if label else f"{source.stem}-output"))
    return Job(source, output / below.with_suffix(""))


def _distinct(job: Job) -> Job:
    """Keep the suffix in the name: `a.jpg` and `a.png` become `a.jpg.webp` and `a.png.webp`."""
    return Job(job.source, job.target.with_name(f"{job.target.name}{job.source.suffix}"))


def _check_distinct(jobs: list[Job]) -> None:
    first: dict[Path, Path] = {}
    for job in jobs:
        other = first.setdefault(job.target, job.source)
        if other != job.source:
            raise PlanError(
                f"{other} and {job.source} would have the same output. Name the folder that has both: paths are kept."
            )
