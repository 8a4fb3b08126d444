"""`darkroom filters`."""

import json
from dataclasses import asdict
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from darkroom.command.completion import complete_name, keep_catalogue
from darkroom.command.exits import USAGE, CommandError
from darkroom.command.options import json_option
from darkroom.command.shapes import Command
from darkroom.command.tables import use_colors, write_table

if TYPE_CHECKING:
    from darkroom.client.models import Catalogue, Filter, Look

_EXAMPLES = ["darkroom filters", "darkroom filters blur", "darkroom filters --json | jq -r .name"]


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("name", required=False, shell_complete=complete_name)
@json_option
def filters(name: str | None, *, as_json: bool) -> int:
    """List filters and looks, or describe one: what it does, its parameters with their ranges and defaults."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        catalogue = client.filters()
    keep_catalogue(asdict(catalogue))
    entries = _entries(catalogue, name)
    if as_json:
        click.echo("\n".join(json.dumps(asdict(each)) for each in entries))
    elif name:
        _describe(entries[0])
    else:
        _list(catalogue)
    return 0


def _entries(catalogue: "Catalogue", name: str | None) -> "list[Filter | Look]":
    entries: list[Filter | Look] = [*catalogue.items, *catalogue.looks]
    known = {each.name: each for each in entries}
    if name is None:
        return entries
    if name not in known:
        near = get_close_matches(name, known, n=3)
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
    if not hasattr(entry, "parameters"):
        steps = ((step["filter"], _written(step)) for step in entry.pipeline)
        write_table(("step", "parameters"), list(steps))
        return
    required = entry.parameters.get("required", ())
    rows = [
        (
            name,
            range_of(schema),
            "required" if name in required else json.dumps(schema.get("default")),
            schema["description"],
        )
        for name, schema in entry.parameters["properties"].items()
    ]
    write_table(("parameter", "values", "default", "meaning"), rows)
    click.echo(f"\n  darkroom apply photo.jpg -f {entry.name}{_example(entry.parameters['properties'])}")


def _written(step: dict[str, Any]) -> str:
    return ",".join(f"{name}={json.dumps(value).strip(chr(34))}" for name, value in step.items() if name != "filter")


def _example(schemas: dict[str, Any]) -> str:
    """Return the first parameter with its default, as it is written in a step."""
    for name, schema in schemas.items():
        default = schema.get("default")
        if isinstance(default, int | float | str) and default != "":
            return f":{name}={json.dumps(default).strip(chr(34))}"
    return ""


def range_of(schema: dict[str, Any]) -> str:
    """Return what a JSON Schema allows, in a few characters: `0.3..250 px`."""
    if "anyOf" in schema:
        shown = " or ".join(filter(None, (range_of(each) for each in schema["anyOf"])))
    elif "enum" in schema:
        shown = ", ".join(json.dumps(each).strip('"') for each in schema["enum"])
    elif "minimum" in schema or "maximum" in schema:
        shown = f"{schema.get('minimum', '')}..{schema.get('maximum', '')}"
    else:
        shown = {"boolean": "true, false", "string": "text", "array": "list", "null": "null"}.get(
            schema.get("type", ""), ""
        )
    return f"{shown} {schema['unit']}" if schema.get("unit") else shown
