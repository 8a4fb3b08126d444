"""Shows a run on stderr: bars at a terminal, otherwise failures only."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from darkroom.batch.runner import Result

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Silent:
    """Writes failures and warnings, a line each."""

    def began(self, source: Path) -> None:
        pass

    def sent(self, source: Path, count: int) -> None:
        pass

    def rendering(self, source: Path) -> None:
        pass

    def ended(self, result: Result) -> None:
        if result.error:
            self.write(f"darkroom: {result.source}: {result.error}")
        for warning in result.warnings:
            self.write(f"darkroom: {result.source}: warning: {warning.message} ({warning.path})")

    def write(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    def write_result(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class Bars(Silent):
    """A bar for all files, and a line for each that is sent or rendered."""

    def __init__(self, progress: "Progress", count: int) -> None:
        self._progress = progress
        self._count = count
        self._total = progress.add_task("all files", total=count, doing=self._counted(0))
        self._ended = Counter[str]()
        self._lines: dict[Path, TaskID] = {}

    def began(self, source: Path) -> None:
        size = source.stat().st_size if source.exists() else 0
        self._lines[source] = self._progress.add_task(_shorten(source), total=size or None, doing="sending")

    def sent(self, source: Path, count: int) -> None:
        self._progress.update(self._lines[source], advance=count)

    def rendering(self, source: Path) -> None:
        self._progress.update(self._lines[source], total=None, doing="rendering")

    def ended(self, result: Result) -> None:
        self._progress.remove_task(self._lines.pop(result.source))
        self._ended[result.status] += 1
        done = self._ended.total()
        self._progress.update(self._total, completed=done, doing=self._counted(done))
        super().ended(result)

    def _counted(self, done: int) -> str:
        return f"{done} of {self._count}"

    def write_summary(self) -> None:
        """Write what has become of the files, where the bars were."""
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self._ended.items(), reverse=True))
        seconds = self._progress.tasks[0].elapsed or 0.0
        self.write(f"{counts or 'nothing done'} in {seconds:.1f} s")

    def write(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def write_result(self, line: str) -> None:
        """Where results and bars share a terminal, the line goes above the bars."""
        if sys.stdout.isatty():
            self.write(line)
        else:
            super().write_result(line)


@contextmanager
def showing(count: int, *, quiet: bool) -> Iterator[Silent]:
    """Yield what shows a run of `count` files."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console  # noqa: PLC0415 - 50 ms
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[doing]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        bars = Bars(progress, count)
        try:
            yield bars
        except KeyboardInterrupt:
            bars.write("Interrupted. Run the same command again to continue.")
            raise
        finally:
            bars.write_summary()


def _shorten(source: Path, length: int = 32) -> str:
    name = source.name
    return name if len(name) <= length else f"{name[: length // 2 - 1]}…{name[-length // 2 :]}"
