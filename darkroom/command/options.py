"""Options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

from darkroom.batch.steps import StepError, parse_parameters, parse_size, parse_step
from darkroom.command.shell_completion.completion import complete_format, complete_step

type _Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
json_option: _Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
quiet_option: _Decorator = click.option("-q", "--quiet", is_flag=True, help="Show no progress and no results.")


def label_options(*, reference: str, tag: str) -> _Decorator:
    """Return what adds --reference and --tag with these texts."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        tagged = click.option("--tag", "tags", metavar="TAG", multiple=True, help=tag)(function)
        return click.option("--reference", metavar="TEXT", help=reference)(tagged)

    return add


class _Parsed(click.ParamType[Any]):
    """A text that one of our parsers reads."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        try:
            return self._parse(value) if isinstance(value, str) else value
        except StepError as error:
            self.fail(str(error), param, ctx)


_filter_option: _Decorator = click.option(
    "-f",
    "--filter",
    "steps",
    metavar="STEP",
    multiple=True,
    type=_Parsed("step", parse_step),
    shell_complete=complete_step,
    help="A filter or look, with parameters as in blur:sigma=4; repeat it for more steps.",
)
_preset_option: _Decorator = click.option("--preset", metavar="NAME", help="A preset in place of filters.")
_format_option: _Decorator = click.option(
    "--format",
    metavar="FORMAT",
    shell_complete=complete_format,
    help="jpeg, png, webp, …; that of the preset, or the source.",
)
_quality_option: _Decorator = click.option("--quality", metavar="N", type=click.IntRange(1, 100), help="1 to 100.")
_max_bytes_option: _Decorator = click.option(
    "--max-bytes", metavar="SIZE", type=_Parsed("size", parse_size), help="Largest size of an output: 100k, 1.5M."
)
_output_option: _Decorator = click.option(
    "--option",
    "others",
    metavar="NAME=VALUE",
    multiple=True,
    type=_Parsed("option", lambda text: parse_parameters(text, of="--option")),
    help="Another output option, as in lossless=true; repeat it for more.",
)


def render_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a pipeline and its output."""
    options = (_filter_option, _preset_option, _format_option, _quality_option, _max_bytes_option, _output_option)
    for option in reversed(options):
        function = option(function)
    return function


def pipeline_of(steps: tuple[dict[str, Any], ...], preset: str | None) -> str | list[dict[str, Any]]:
    if steps and preset:
        raise click.UsageError("Use either --filter or --preset: a preset is a whole pipeline.")
    if preset:
        return preset if preset.startswith("@") else f"@{preset}"
    return list(steps)


def output_of(
    format: str | None,  # noqa: A002 - as in the API
    quality: int | None,
    max_bytes: int | None,
    others: tuple[dict[str, Any], ...],
) -> dict[str, Any]:
    given = {"format": format, "quality": quality, "target_bytes": max_bytes}
    found = {name: value for name, value in given.items() if value is not None}
    for other in others:
        found |= other
    return found
