"""`darkroom apply`."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from darkroom.batch.steps import StepError
from darkroom.command.exits import SOME_FAILED, USAGE, CommandError
from darkroom.command.options import json_option, label_options, output_of, pipeline_of, quiet_option, render_options
from darkroom.command.shapes import Command
from darkroom.command.shell_completion.completion import complete_file

if TYPE_CHECKING:
    from darkroom.batch.session import Options

_EXAMPLES = [
    "darkroom apply photo.jpg -f sepia                      writes photo-sepia.jpg",
    "darkroom apply photos/ -f resize:width=800 --format webp -o small/",
    "darkroom apply 'photos/**/*.png' --preset card -o cards/ --jobs 16",
    "darkroom apply photos/ -f auto_contrast --max-bytes 100k -o web/ --dry-run",
    "darkroom apply photos/ -f watermark:image_id=@logo.png,opacity=60 -o marked/",
    "darkroom apply --watch inbox/ -f sepia -o done/",
    "curl -s https://example.com/a.jpg | darkroom apply - -f grayscale > grey.jpg",
]


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("files", nargs=-1, metavar="FILES…", shell_complete=complete_file)
@render_options
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Where to write.")
@click.option("-j", "--jobs", metavar="N", type=click.IntRange(1, 64), default=8, help="Files at a time; 8.")
@click.option("-n", "--dry-run", is_flag=True, help="Show which files would become which, and do nothing.")
@click.option(
    "--watch", metavar="DIR", type=click.Path(path_type=Path), help="Render what appears in DIR, until Ctrl+C."
)
@click.option("--again", is_flag=True, help="Render also what is done already, or has failed.")
@label_options(
    reference="A reference of your own for the tasks, such as the number of an order.",
    tag="A tag of your own for the tasks; repeat it for more.",
)
@json_option
@quiet_option
def apply(files: tuple[str, ...], watch: Path | None, **options: Any) -> int:  # noqa: ANN401 - click's
    """Apply filters to files, folders, patterns, or - for standard input.

    Without -o an output goes beside its source, with the last filter in its name; with -o it keeps the name and the
    path below the folder or pattern. Paths of outputs are printed. A run that was interrupted continues where it was:
    the service knows each file and pipeline, and renders nothing twice.
    """
    if not files and watch is None:
        raise click.UsageError("Name files or folders, - for standard input, or --watch DIR.")
    from darkroom.batch.plan import PlanError  # noqa: PLC0415 - 100 ms with the client
    from darkroom.batch.session import Session  # noqa: PLC0415 - as above
    from darkroom.command.connect import connected  # noqa: PLC0415 - as above

    try:
        with connected() as client:
            return 0 if Session(_options(files, watch, **options), client).run() else SOME_FAILED
    except (PlanError, StepError) as error:
        raise CommandError(str(error), code=USAGE) from error


def _options(  # noqa: PLR0913 - those of the command
    files: tuple[str, ...],
    watch: Path | None,
    *,
    steps: tuple[dict[str, Any], ...],
    preset: str | None,
    again: bool,
    reference: str | None,
    tags: tuple[str, ...],
    output: Path | None,
    jobs: int,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **formats: Any,  # noqa: ANN401 - those of the output
) -> "Options":
    from darkroom.batch.runner import Request  # noqa: PLC0415 - 100 ms
    from darkroom.batch.session import Options  # noqa: PLC0415 - as above

    request = Request(
        pipeline=pipeline_of(steps, preset),
        output=output_of(**formats),
        again=secrets.token_hex(8) if again else "",
        reference=reference,
        tags=tags,
    )
    return Options(
        files=files,
        watch=watch,
        output=output,
        request=request,
        jobs=jobs,
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
