"""`make demo`: photos through three pipelines, over HTTP only, with a service that runs as long as the demo."""

import hashlib
import json
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

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
TASK_SECONDS = 60.0
PLAIN_WIDTH = 120
FINAL = {"succeeded", "failed", "cancelled"}

Json = dict[str, Any]
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task and where its output was saved."""

    task: Json
    file: Path

    @property
    def seconds(self) -> float:
        """Seconds from the 202 to the output."""
        created, finished = (datetime.fromisoformat(self.task[name]) for name in ("created_at", "finished_at"))
        return (finished - created).total_seconds()


def main() -> int:
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops the service and cleans up, as Ctrl+C does
    try:
        console.print("Starting the service: SQLite, an in-process queue and files, all of it in one directory.")
        with service() as url, sign_in(url) as client:
            rows = run_all(client, console)
    except (DemoFailed, httpx.HTTPError, OSError) as error:
        console.print(f"The demo failed: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped early; the service has stopped too.")
        return 130
    show(rows, console)
    console.print(f"Done in {time.monotonic() - started:.0f} s; the service has stopped. `make run` keeps one running.")
    return 0


@contextmanager
def sign_in(url: str) -> Iterator[httpx.Client]:
    """Yield a client that sends the session token with every request."""
    who = {"email": "demo@example.com", "password": secrets.token_urlsafe(16)}
    with httpx.Client(base_url=url, timeout=30) as client:
        _checked(client.post("/v1/users", json=who))
        session = _checked(client.post("/v1/sessions", json=who)).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


def run_all(client: httpx.Client, console: Console) -> list[Row]:
    """Submits everything first, so that all render processes have work."""
    pictures = sorted(PICTURES.glob("*.jpg"))
    with progress(console, total=len(pictures) * len(PIPELINES)) as report:
        jobs = [(picture, name) for picture in pictures for name in PIPELINES]
        tasks = [submit(client, picture, PIPELINES[name]) for picture, name in jobs]
        rows = []
        for (picture, name), task in zip(jobs, tasks, strict=True):
            rows.append(finish(client, f"{picture.stem}-{name}", task))
            report(f"{picture.stem}, {name}: {rows[-1].task['status']}")
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


def submit(client: httpx.Client, picture: Path, steps: list[Json]) -> Json:
    fields = {"pipeline": json.dumps(steps)}
    with picture.open("rb") as file:
        answer = client.post("/v1/tasks", data=fields, files={"image": (picture.name, file)})
    task: Json = _checked(answer).json()
    return task


def finish(client: httpx.Client, name: str, task: Json) -> Row:
    """Waits for the end, fetches the output by its presigned link and compares its checksum."""
    deadline = time.monotonic() + TASK_SECONDS
    while task["status"] not in FINAL:
        if time.monotonic() > deadline:
            raise DemoFailed(f"task {task['task_id']} is still {task['status']} after {TASK_SECONDS:.0f} s")
        time.sleep(0.05)
        task = _checked(client.get(f"/v1/tasks/{task['task_id']}")).json()
    if task["status"] != "succeeded":
        raise DemoFailed(f"task {task['task_id']} {task['status']}: {task['error']}")
    file = OUTPUTS / f"{name}.{task['output']['format']}"
    save(task["output"], file)
    return Row(task=task, file=file)


def save(output: Json, file: Path) -> None:
    data = _checked(httpx.get(output["url"], timeout=30)).content
    if hashlib.sha256(data).hexdigest() != output["sha256"]:
        raise DemoFailed(f"{file}: the checksum differs from the one that the worker recorded")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)


def show(rows: list[Row], console: Console) -> None:
    table = Table(box=None, header_style="bold")
    for name in ("task", "status", "time", "output", "file"):
        table.add_column(name, overflow="fold")
    for row in rows:
        output = row.task["output"]
        size = f"{output['width']} x {output['height']} {output['format']}"
        table.add_row(row.task["task_id"], row.task["status"], f"{row.seconds:.1f} s", size, str(row.file))
    console.print(table, soft_wrap=False)
    console.print(
        f"\nEach output was downloaded by its presigned link, and its checksum is correct. Look at them in {OUTPUTS}/\n"
    )


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise DemoFailed(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
