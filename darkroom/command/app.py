"""The group of all commands."""

from collections.abc import Sequence

import click

from darkroom import __version__
from darkroom.command.exits import INTERRUPTED, CommandError
from darkroom.command.shapes import LazyGroup

_MODULES = {
    "up": ("darkroom.command.up", "Run the whole service on this machine."),
    "admin": ("darkroom.command.admin", "Add users and migrate, beside the service."),
}
_EXAMPLES = ["darkroom up                   start a service on this machine"]


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
    try:
        return app.main(arguments, prog_name="darkroom", standalone_mode=False) or 0
    except CommandError as error:
        click.echo(f"darkroom: {error.message}", err=True)
        return error.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
