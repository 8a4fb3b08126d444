"""Shell completion, from the catalogue that `darkroom filters` and `darkroom apply` have kept."""

import json
import os
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from darkroom.command.shapes import COMPLETION_VARIABLE, Command
from darkroom.command.shell_completion.shells import add_shells
from darkroom.directories import cache_directory

_FORMATS = ("auto", "avif", "bmp", "gif", "ico", "jpeg", "jpeg2000", "jxl", "png", "tiff", "webp")
_EXAMPLES = [
    'eval "$(darkroom completion bash)"      in ~/.bashrc',
    'eval "$(darkroom completion zsh)"       in ~/.zshrc',
    "darkroom completion fish | source       in ~/.config/fish/config.fish",
]


def catalogue_path() -> Path:
    return cache_directory() / "catalogue.json"


def keep_catalogue(catalogue: dict[str, Any]) -> None:
    """Another run may read it at the same time, so it is replaced as a whole."""
    path = catalogue_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(json.dumps(catalogue), encoding="utf-8")
    part.replace(path)


def complete_step(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete names of filters and looks, then their parameters."""
    catalogue = _kept_catalogue()
    name, colon, given = incomplete.partition(":")
    if not colon:
        entries = [*catalogue.get("items", ()), *catalogue.get("looks", ())]
        return [CompletionItem(each["name"], help=each["summary"]) for each in entries if each["name"].startswith(name)]
    before, comma, started = given.rpartition(",")
    start = f"{name}:{before}{comma}"
    return [CompletionItem(f"{start}{each}", help=text) for each, text in _parameters(catalogue, name, started)]


def complete_name(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return complete_step(_context, _parameter, incomplete.partition(":")[0])


def complete_format(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    return [each for each in _FORMATS if each.startswith(incomplete)]


def complete_file(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete paths."""
    return [CompletionItem(incomplete, type="file")]


def _parameters(catalogue: dict[str, Any], name: str, started: str) -> list[tuple[str, str]]:
    """Return `parameter=`, or its values once it is named."""
    named = [each["parameters"]["properties"] for each in catalogue.get("items", ()) if each["name"] == name]
    schemas: dict[str, Any] = named[0] if named else {}
    parameter, equals, value = started.partition("=")
    if not equals:
        return [
            (f"{each}=", schema.get("description", "")) for each, schema in schemas.items() if each.startswith(started)
        ]
    values = schemas.get(parameter, {}).get("enum", ())
    return [(f"{parameter}={each}", "") for each in values if str(each).startswith(value)]


def _kept_catalogue() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(catalogue_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    Filters and their parameters complete after `darkroom filters` or `darkroom apply` ran once.
    """
    from darkroom.command.app import app  # noqa: PLC0415 - which imports this module by name

    add_shells()
    kind = click.shell_completion.get_completion_class(shell)
    if kind is not None:
        click.echo(kind(app, {}, "darkroom", COMPLETION_VARIABLE).source())
