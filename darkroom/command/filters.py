"""`darkroom filters`."""

import json
import shutil
import sys
from dataclasses import asdict
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from darkroom.command.exits import USAGE, CommandError
from darkroom.command.options import json_option
from darkroom.command.shapes import Command
from darkroom.command.shell_completion.completion import complete_name, keep_catalogue
from darkroom.command.terminal.pictures import render_newest, show, shows_pictures
from darkroom.command.terminal.tables import use_colors, write_table

if TYPE_CHECKING:
    from darkroom.client.models import Catalogue, Filter, Look

_EXAMPLES = ["darkroom filters", "darkroom filters blur", "darkroom filters --json | jq -r .name"]

_KINDS = {"boolean": "true, false", "string": "text", "array": "list", "null": "null"}
_MOST_COLUMNS = 100
_INDENT = " " * 6


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("name", required=False, shell_complete=complete_name)
@json_option
def filters(name: str | None, *, as_json: bool) -> int:
    """List filters and looks, or describe one: what it does, its parameters with their ranges and defaults.

    A terminal that shows images (kitty, Ghostty, iTerm2, WezTerm) shows your newest image with it applied.
    """
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        catalogue = client.filters()
        wants_picture = name and not as_json and shows_pictures()
        picture = render_newest(client, {"filter": name}) if wants_picture else None
    keep_catalogue(asdict(catalogue))
    entries = _entries(catalogue, name)
    if as_json:
        click.echo("\n".join(json.dumps(asdict(each)) for each in entries))
    elif name:
        _describe(entries[0])
        if picture:
            show(picture)
    else:
        _list(catalogue)
    return 0


def _entries(catalogue: "Catalogue", name: str | None) -> "list[Filter | Look]":
    entries: list[Filter | Look] = [*catalogue.items, *catalogue.looks]
    known = {each.name: each for each in entries}
    if name is None:
        return entries
    if name not in known:
        near = get_close_matches(name.lower(), known, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`darkroom filters` lists them."
        raise CommandError(f"There is no filter or look {name!r}. {hint}", code=USAGE)
    return [known[name]]


def _list(catalogue: "Catalogue") -> None:
    for group, members in groupby(catalogue.items, key=lambda each: each.group):
        _write_group(group, list(members))
    _write_group("looks", catalogue.looks)


def _write_group(title: str, members: "list[Filter] | list[Look]") -> None:
    width = max(len(each.name) for each in members)
    click.secho(title, bold=True) if use_colors() else click.echo(title)
    for each in members:
        click.echo(f"  {each.name:{width}}  {each.summary}")


def _describe(entry: "Filter | Look") -> None:
    click.secho(entry.name, bold=True) if use_colors() else click.echo(entry.name)
    click.echo(f"  {entry.summary}\n")
    from darkroom.client.models import Look  # noqa: PLC0415 - 100 ms

    if isinstance(entry, Look):
        steps = ((step["filter"], _written(step)) for step in entry.pipeline)
        write_table(("step", "parameters"), list(steps))
        return
    required = entry.parameters.get("required", ())
    rows = [
        (
            name,
            range_of(schema),
            "required" if name in required else _text(schema.get("default")),
            schema["description"],
        )
        for name, schema in entry.parameters["properties"].items()
    ]
    if sys.stdout.isatty():
        _write_parameters(rows)
        click.echo(f"  darkroom apply photo.jpg -f {example(entry)}")
    else:
        write_table((), rows)


def _write_parameters(rows: list[tuple[str, str, str, str]]) -> None:
    """Write each parameter with its values and default on a line, and its meaning below."""
    width = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    for name, values, default, meaning in rows:
        head = f"  {name}"
        click.echo((click.style(head, bold=True) if use_colors() else head) + f"  {values}  ({default})")
        click.echo(click.wrap_text(meaning, width, initial_indent=_INDENT, subsequent_indent=_INDENT) + "\n")


def _written(step: dict[str, Any]) -> str:
    return ",".join(f"{name}={_text(value)}" for name, value in step.items() if name != "filter")


def _text(value: object) -> str:
    """Return a value as it is written in a step."""
    return value if isinstance(value, str) and value else json.dumps(value)


def example(entry: "Filter") -> str:
    """Return a step with what is required, or else with its first number or text and the default of that."""
    schemas, required = entry.parameters["properties"], entry.parameters.get("required", ())
    defaults = {name: schema.get("default") for name, schema in schemas.items()}
    shown = [f"{name}={'@logo.png' if schemas[name].get('format') == 'uuid' else '…'}" for name in required]
    numbers = [
        name for name, value in defaults.items() if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    texts = [name for name, value in defaults.items() if isinstance(value, str) and value]
    shown = shown or [f"{name}={_text(defaults[name])}" for name in (*numbers, *texts)[:1]]
    return f"{entry.name}:{','.join(shown)}" if shown else entry.name


def range_of(schema: dict[str, Any]) -> str:
    """Return what a JSON Schema allows, in a few characters: `0.3..250 px`."""
    unit = schema.get("unit", "")
    if "anyOf" in schema:
        first, *others = filter(None, (range_of(each) for each in schema["anyOf"]))
        return " or ".join([f"{first} {unit}".strip(), *others])
    if "enum" in schema:
        return ", ".join(map(_text, schema["enum"]))
    if "minimum" in schema or "maximum" in schema:
        return f"{schema.get('minimum', '')}..{schema.get('maximum', '')} {unit}".strip()
    return unit or _KINDS.get(schema.get("type", ""), "")
