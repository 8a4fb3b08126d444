"""`make demo`: photos through three pipelines, over HTTP only, with a service that runs as long as the demo."""

import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from darkroom import Client, DarkroomError, Task
from examples.service import DemoFailed, service

PICTURES = Path(__file__).parent / "pictures"
OUTPUTS = Path("demo-output")
PIPELINES: dict[str, list[dict[str, Any]]] = {
    "portrait": [
        {"filter": "crop", "aspect": "1:1"},
        {"filter": "resize", "width": 360},
        {"filter": "grayscale"},
        {"filter": "contrast", "amount": 15},
    ],
    "postcard": [
        {"filter": "resize", "width": 480},
        {"filter": "sepia", "amount": 85},
        {"filter": "sharpen", "amount": 40},
        {"filter": "rotate", "angle": -4, "background": "white"},
    ],
    "mosaic": [{"filter": "saturation", "amount": 40}, {"filter": "pixelate", "size": 12}],
}
TASK_SECONDS = 300.0  # ends what hangs, also on a busy machine
PLAIN_WIDTH = 120

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task and where its output was saved."""

    task: Task
    file: Path

    @property
    def seconds(self) -> float:
        """Seconds from the 202 to the output."""
        return (self.task.finished_at - self.task.created_at).total_seconds() if self.task.finished_at else 0.0


def main() -> int:
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops the service and cleans up, as Ctrl+C does
    try:
        console.print("Starting the service: SQLite, an in-process queue and files, all of it in one directory.")
        with service() as url, Client(url) as client:
            sign_in(client)
            rows = run_all(client, console)
    except (DemoFailed, DarkroomError, OSError) as error:
        console.print(f"The demo failed: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped early; the service has stopped too.")
        return 130
    show(rows, console)
    console.print(f"Done in {time.monotonic() - started:.0f} s; the service has stopped. `make run` keeps one running.")
    return 0


def sign_in(client: Client) -> None:
    who = {"email": "demo@example.com", "password": secrets.token_urlsafe(16)}
    client.register(**who)
    client.sign_in(**who)


def run_all(client: Client, console: Console) -> list[Row]:
    """Submits everything first, so that all render processes have work."""
    pictures = sorted(PICTURES.glob("*.jpg"))
    with progress(console, total=len(pictures) * len(PIPELINES)) as report:
        jobs = [(picture, name) for picture in pictures for name in PIPELINES]
        tasks = [client.submit(picture, PIPELINES[name]) for picture, name in jobs]
        rows = []
        for (picture, name), task in zip(jobs, tasks, strict=True):
            rows.append(finish(client, f"{picture.stem}-{name}", task))
            report(f"{picture.stem}, {name}: {rows[-1].task.status}")
        return rows


@contextmanager
def progress(console: Console, *, total: int) -> Iterator[Report]:
    """Show a bar at a terminal, otherwise a line for each task."""
    if not console.is_terminal:
        yield console.print
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        shown = bar.add_task("Rendering", total=total)
        yield lambda line: bar.update(shown, advance=1, description=f"{line:<40}")


def finish(client: Client, name: str, task: Task) -> Row:
    """Wait for the end and save the output, whose checksum the client compares."""
    done = client.wait(task, seconds=TASK_SECONDS)
    extension = done.output.format if done.output else ""
    return Row(task=done, file=client.save(done, OUTPUTS / f"{name}.{extension}"))


def show(rows: list[Row], console: Console) -> None:
    table = Table(box=None, header_style="bold")
    for name in ("task", "status", "time", "output", "file"):
        table.add_column(name, overflow="fold")
    for row in rows:
        output = row.task.output
        size = f"{output.width} x {output.height} {output.format}" if output else ""
        table.add_row(row.task.task_id, row.task.status, f"{row.seconds:.1f} s", size, str(row.file))
    console.print(table, soft_wrap=False)
    console.print(
        f"\nEach output was downloaded by its presigned link, and its checksum is correct. Look at them in {OUTPUTS}/\n"
    )


if __name__ == "__main__":
    sys.exit(main())
