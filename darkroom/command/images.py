"""`darkroom images` and `url`."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from darkroom.command.exits import USAGE, CommandError
from darkroom.command.options import json_option, label_options, output_of, pipeline_of, render_options
from darkroom.command.shapes import Command
from darkroom.command.shell_completion.completion import complete_file
from darkroom.command.tasks import limit_option, write_json
from darkroom.command.terminal.tables import local_time, size_of, write_table

if TYPE_CHECKING:
    from darkroom import Client

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORMATS = {".jpg": "jpeg", ".tif": "tiff", ".heic": "jpeg", ".heif": "jpeg", ".svg": "png"}
_URL_EXAMPLES = [
    "darkroom url photo.jpg -f resize:width=320 --format webp",
    "darkroom url 01a229f2-07aa-78f1-85b6-de4cce16daa7 --preset card --format avif --expires 7d",
]


@click.command(cls=Command, examples=["darkroom images", "darkroom images --json | jq -r .image_id"])
@label_options(reference="Only those with this reference.", tag="Only those with this tag; repeat it for more.")
@limit_option
@json_option
def images(reference: str | None, tags: tuple[str, ...], limit: int, *, as_json: bool) -> int:
    """List uploaded images, the newest first."""
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    with connected() as client:
        found = list(islice(client.images(reference=reference, tags=tags), limit))
    if as_json:
        write_json(found)
    else:
        rows = [
            (each.image_id, each.format, size_of(each.bytes), local_time(each.created_at), each.file_name or "-")
            for each in found
        ]
        write_table(("image", "format", "size", "created", "name"), rows)
    return 0


@click.command(cls=Command, examples=_URL_EXAMPLES)
@click.argument("image", metavar="FILE|ID", shell_complete=complete_file)
@render_options
@click.option("--expires", metavar="TIME", help="How long it is valid: 30m, 12h, 7d. Unless given, it does not expire.")
def url(
    image: str,
    expires: str | None,
    *,
    steps: tuple[dict[str, Any], ...],
    preset: str | None,
    **formats: Any,  # noqa: ANN401 - those of the output
) -> int:
    """Print a URL that shows an image with filters applied, without an account.

    A FILE is uploaded first, each time anew: for several URLs of an image, name its ID, which `darkroom images` lists.
    """
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    _check_exists(image)
    expires_at = _time_after(expires) if expires else None
    output = output_of(**formats)
    if not preset and output.setdefault("format", _format_of(image)) is None:
        raise CommandError("Name the format of the image, as in --format webp.", code=USAGE)
    with connected() as client:
        signed = client.delivery_url(
            _image_id(client, image), pipeline_of(steps, preset), output=output, expires_at=expires_at
        )
    click.echo(signed.url)
    return 0


def _check_exists(image: str) -> None:
    try:
        UUID(image)
    except ValueError as error:
        if not Path(image).is_file():
            raise CommandError(f"{image}: there is no such file, and it is no image id.", code=USAGE) from error


def _image_id(client: "Client", image: str) -> str:
    return client.upload(image).image_id if Path(image).is_file() else image


def _format_of(image: str) -> str | None:
    suffix = Path(image).suffix.lower()
    return _FORMATS.get(suffix, suffix[1:]) or None


def _time_after(text: str) -> datetime:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None:
        raise CommandError(f"--expires {text}: write it as 30m, 12h or 7d.", code=USAGE)
    return datetime.now(UTC) + timedelta(**{_UNITS[match[2]]: int(match[1])})
