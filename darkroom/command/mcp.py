"""`darkroom mcp`: tools for agents and editors, by the Model Context Protocol."""

from importlib.util import find_spec

import click

from darkroom.command.exits import USAGE, CommandError
from darkroom.command.shapes import Command

_EXAMPLES = ['{"mcpServers": {"darkroom": {"command": "darkroom", "args": ["mcp"]}}}     in the settings of an editor']
_MISSING = (
    "The extra `mcp` is not installed. In a clone: uv tool install '.[server,mcp]', or pipx install '.[server,mcp]'."
)


@click.command(cls=Command, examples=_EXAMPLES)
def mcp() -> int:
    """Serve tools for agents and editors on standard input and output: list_filters, apply, get_task, make_url.

    They use the service and the key of `darkroom login`. They read the files that they are given, and replace none.
    """
    if find_spec("mcp") is None:
        raise CommandError(_MISSING, code=USAGE)
    from darkroom.command.connect import translated  # noqa: PLC0415 - 100 ms
    from darkroom.tools import serve_tools  # noqa: PLC0415 - an extra

    with translated():
        serve_tools()
    return 0
