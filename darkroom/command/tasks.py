"""`darkroom tasks`, `show`, `get` and `rm`."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from darkroom.command.exits import SOME_FAILED, CommandError
from darkroom.command.options import json_option, label_options, quiet_option
from darkroom.command.shapes import Command
from darkroom.command.terminal.tables import local_time, size_of, write_table

if TYPE_CHECKING:
    from darkroom import Client, Task

_STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")
limit_option = click.option("--limit", metavar="N", type=click.IntRange(min=1), default=20, help="How many; 20.")


@click.command(cls=Command, examples=["darkroom tasks", "darkroom tasks --status failed --json | jq -r .task_id"])
@click.option("--status", type=click.Choice(_STATUSES), help="Only those.")
@label_options(reference="Only those with this reference.", tag="Only those with this tag; repeat it for more.")
@limit_option
@json_option
def tasks(status: str | None, reference: str | None, tags: tuple[str, ...], limit: int, *, as_json: bool) -> int:
    """List tasks, the newest first."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        found = list(islice(client.tasks(status=status, reference=reference, tags=tags), limit))
    if as_json:
        write_json(found)
    else:
        rows = [
            (
                each.task_id,
                each.status,
                local_time(each.created_at),
                steps_in(each),
                each.error.code if each.error else _size(each),
            )
            for each in found
        ]
        write_table(("task", "status", "created", "steps", "output"), rows)
    return 0


@contextmanager
def naming(task_id: str) -> Iterator[None]:
    """Name the task that is not found."""
    from darkroom.client import NotFound  # noqa: PLC0415 - 100 ms

    try:
        yield
    except NotFound as error:
        raise CommandError(f"There is no task {task_id}. `darkroom tasks` lists yours.") from error


@click.command(cls=Command, examples=["darkroom show 01a229f2-07aa-78f1-85b6-de4cce16daa7 --watch"])
@click.argument("task_id", metavar="ID")
@click.option("--watch", is_flag=True, help="Show each change, until the task has ended.")
@json_option
def show(task_id: str, *, watch: bool, as_json: bool) -> int:
    """Show a task. The exit code is 1 if it failed or was cancelled."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client, naming(task_id):
        if watch:
            for event in client.follow(task_id):
                click.echo(f"{local_time(event.at)}  {event.status}", err=True)
        task = client.task(task_id)
    if as_json:
        write_json([task])
    else:
        _describe(task)
    return SOME_FAILED if task.status in {"failed", "cancelled"} else 0


@click.command(cls=Command, examples=["darkroom get 01a229f2-07aa-78f1-85b6-de4cce16daa7 -o outputs/"])
@click.argument("task_ids", nargs=-1, required=True, metavar="ID…")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write; here.",
)
@quiet_option
def get(task_ids: tuple[str, ...], output: Path, *, quiet: bool) -> int:
    """Download the outputs of tasks, after waiting for their end. Paths are printed."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        for task_id in task_ids:
            with naming(task_id):
                path = _save(client, task_id, output)
            if not quiet:
                click.echo(path)
    return 0


def _save(client: "Client", task_id: str, folder: Path) -> Path:
    task = client.wait(task_id)
    if task.output is None:
        raise CommandError(f"Task {task_id} has an analysis and no output: `darkroom show {task_id} --json`.")
    return client.save(task, folder / Path(task.output.file_name).name)


@click.command(cls=Command, examples=["darkroom rm 01a229f2-07aa-78f1-85b6-de4cce16daa7"])
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def rm(ids: tuple[str, ...]) -> int:
    """Delete tasks with their outputs, or images, by their ids. An unknown id does not stop it."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        unknown = [each for each in ids if not _delete(client, each)]
    if unknown:
        names = ", ".join(unknown)
        raise CommandError(f"None of your tasks and images has the id {names}. Deleted: {len(ids) - len(unknown)}.")
    return 0


def _delete(client: "Client", item_id: str) -> bool:
    """Return False if there is neither such a task nor such an image."""
    from darkroom.client import NotFound  # noqa: PLC0415 - 100 ms

    for delete in (client.delete_task, client.delete_image):
        try:
            delete(item_id)
        except NotFound:
            continue
        return True
    return False


def _describe(task: "Task") -> None:
    rows = [
        ("task", task.task_id),
        ("status", task.status),
        ("created", local_time(task.created_at)),
        ("finished", local_time(task.finished_at)),
        ("attempts", str(task.attempt)),
        ("image", task.image_id or "deleted"),
        ("steps", steps_in(task)),
        ("reference", task.reference or "-"),
        ("tags", ", ".join(task.tags or ()) or "-"),
        ("output", _result(task)),
    ]
    for name, value in rows:
        click.echo(f"{name:9} {value}")
    for warning in task.warnings or ():
        click.echo(f"{'warning':9} {warning.message} ({warning.path})")
    if task.output:
        click.echo(f"{'name':9} {task.output.file_name}\n{'url':9} {task.output.url}")


def _size(task: "Task") -> str:
    output = task.output
    return f"{output.width} x {output.height} {output.format}" if output else "-"


def steps_in(task: "Task") -> str:
    return task.preset or ", ".join(step["filter"] for step in task.pipeline) or "convert"


def _result(task: "Task") -> str:
    if task.error:
        return f"{task.error.code}: {task.error.detail}"
    return f"{_size(task)}, {size_of(task.output.bytes)}" if task.output else "-"


def write_json(models: Iterable[Any]) -> None:
    for each in models:
        click.echo(json.dumps(asdict(each), default=lambda at: at.isoformat()))
