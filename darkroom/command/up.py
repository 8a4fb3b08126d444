"""`darkroom up`: the embedded service."""

import os
from pathlib import Path

import click

from darkroom.command.server import prepare_server
from darkroom.command.shapes import Command

_ANNOUNCEMENT = """
Darkroom serves at {url}

  page           {url}/
  API reference  {url}/docs
  data           {data}

In another terminal:

  darkroom login {url} --new
  darkroom apply photo.jpg -f sepia

Ctrl+C stops it.

"""
_EXAMPLES = [
    "darkroom up",
    "darkroom up --port 9000 --data-dir ./pictures",
    "DARKROOM_REGISTRATION=closed darkroom up",
]


@click.command(cls=Command, examples=_EXAMPLES)
@click.option("--host", metavar="ADDRESS", help="Address to listen on; 127.0.0.1 unless given.")
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), help="Port; 8000 unless given, 0: a free one.")
@click.option("--data-dir", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Where all data is.")
@click.option("--settings", is_flag=True, help="List all settings, which are environment variables, and exit.")
def up(host: str | None, port: int | None, data_dir: Path | None, *, settings: bool) -> int:
    """Run the whole service on this machine, until Ctrl+C.

    Database, queue and files are in one directory: no server and no Docker is needed.
    """
    prepare_server()
    options = {"DARKROOM_HOST": host, "DARKROOM_PORT": port, "DARKROOM_DATA_DIR": data_dir}
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    return _list_settings() if settings else _serve()


def _list_settings() -> int:
    from core.settings import describe_settings  # noqa: PLC0415 - the service is imported by those who run it

    click.echo("\n".join(describe_settings()))
    return 0


def _serve() -> int:
    from api.__main__ import main  # noqa: PLC0415 - as above

    return main([], announcement=_ANNOUNCEMENT)
