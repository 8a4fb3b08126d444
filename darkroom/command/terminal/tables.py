"""Columns of text: at a terminal with a heading, in a pipe with tabs."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import click

_GAP = "  "


def write_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    lines = [tuple(heading), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading))]
    for number, line in enumerate(lines):
        cells = [f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)]
        text = _GAP.join(cells).rstrip()
        click.secho(text, bold=number == 0) if use_colors() else click.echo(text)


def use_colors() -> bool:
    import os  # noqa: PLC0415 - imported already

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def local_time(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M") if at else "-"


def size_of(count: int) -> str:
    """Return a size in the units that `--max-bytes` reads."""
    if count < 1000:  # noqa: PLR2004 - bytes in a kilobyte
        return f"{count} B"
    value, unit = (count / 1000, "kB") if count < 999_950 else (count / 1_000_000, "MB")  # noqa: PLR2004 - rounds to 1 MB
    return f"{value:.1f} {unit}"
