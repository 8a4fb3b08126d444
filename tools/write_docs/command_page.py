"""Writes the commands' help into docs/command.md (`make fix`); tests/unit/test_docs.py compares them."""

from collections.abc import Iterator
from typing import Any

import click

from darkroom.command.app import app
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import with_generated_part

PAGE = ROOT / "docs" / "command.md"
_CONTEXT: dict[str, Any] = {"terminal_width": 100, "color": False, "help_option_names": ["-h", "--help"]}


def page() -> str:
    return with_generated_part(PAGE, "commands", "\n\n".join(_sections()))


def _sections() -> Iterator[str]:
    yield from _help_of(app, click.Context(app, info_name="darkroom", **_CONTEXT))


def _help_of(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the help of a command, and of those in it."""
    yield f"### {context.command_path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if inner := command.get_command(context, name):
                yield from _help_of(inner, click.Context(inner, info_name=name, parent=context, **_CONTEXT))
