"""The group of all commands."""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from darkroom import __version__
from darkroom.command.exits import INTERRUPTED, NOT_SIGNED_IN, SOME_FAILED, CommandError
from darkroom.command.shapes import COMPLETION_VARIABLE, LazyGroup
from darkroom.credentials import LoginsDamaged
from darkroom.os_errors import describe

_MODULES = {
    "up": ("darkroom.command.up", "Run the whole service on this machine."),
    "login": ("darkroom.command.login", "Sign in, and keep an API key."),
    "logout": ("darkroom.command.login", "Revoke the API key and forget it."),
    "whoami": ("darkroom.command.login", "Show the service and the account in use."),
    "filters": ("darkroom.command.filters", "List filters and looks, or describe one."),
    "apply": ("darkroom.command.apply", "Apply filters to files, folders or standard input."),
    "tasks": ("darkroom.command.tasks", "List tasks."),
    "show": ("darkroom.command.tasks", "Show a task, also while it runs."),
    "get": ("darkroom.command.tasks", "Download the outputs of tasks."),
    "rm": ("darkroom.command.tasks", "Delete tasks or images."),
    "images": ("darkroom.command.images", "List uploaded images."),
    "url": ("darkroom.command.images", "Make a URL that shows an image with filters applied."),
    "mcp": ("darkroom.command.mcp", "Serve tools for agents and editors."),
    "completion": ("darkroom.command.shell_completion.completion", "Print the completion script of a shell."),
    "admin": ("darkroom.command.admin", "Manage accounts, the schema and backups, beside the service."),
}
_EXAMPLES = [
    "darkroom up                                        start a service on this machine",
    "darkroom login --new                               create an account there and sign in",
    "darkroom filters blur                              what a filter does, with ranges",
    "darkroom apply photo.jpg -f sepia -f blur:sigma=4",
    "darkroom apply photos/ -f resize:width=800 --format webp -o small/",
]


@click.group(
    cls=LazyGroup,
    modules=_MODULES,
    examples=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="darkroom", message="%(prog)s %(version)s")
def app() -> None:
    """Apply filters to images with a Darkroom service, on this machine or another."""


def run(arguments: Sequence[str]) -> int:
    """Run a command. Return the exit code."""
    _write_any_file_name()
    if COMPLETION_VARIABLE in os.environ:
        import_module("darkroom.command.shell_completion.shells").add_shells()
    try:
        code: int = app.main(arguments, prog_name="darkroom", standalone_mode=False) or 0
        sys.stdout.flush()
    except CommandError as error:
        return _fail(error.message, code=error.code)
    except LoginsDamaged as error:
        return _fail(str(error), code=NOT_SIGNED_IN)
    except OSError as error:
        return _fail(describe(error), code=SOME_FAILED)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    return code


def _write_any_file_name() -> None:
    """Names that are not UTF-8 are written as the bytes that they are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def _fail(message: str, *, code: int) -> int:
    click.echo(f"darkroom: {message}", err=True)
    _discard_output()
    return code


def _discard_output() -> None:
    """What cannot be written would be tried again at the exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
