"""Which output options each format supports: one that would do nothing is an error, not silence."""

from collections.abc import Iterator

from core.errors import InvalidOutput, Problem
from imaging.codecs.formats import Format
from imaging.codecs.metadata import SUPPORT as STATEMENT_SUPPORT
from imaging.codecs.output_options import AUTO, DEFAULT_QUALITY, SOURCE_QUALITY, OutputOptions, choose_format

# By option, the formats in which it does something. A GIF loses colours, an icon is scaled.
SUPPORT: dict[str, tuple[str, ...]] = {
    "quality": tuple(DEFAULT_QUALITY),
    "lossless": ("png", "webp", "jxl", "tiff", "bmp", "jpeg2000"),
    "effort": ("jpeg", "png", "webp", "avif", "jxl"),
    "progressive": ("jpeg",),
    "subsampling": ("jpeg", "avif"),
    "target_bytes": tuple(DEFAULT_QUALITY),
    **STATEMENT_SUPPORT,
}
_SOURCE_QUALITY = "source is the quality of a jpeg, for a jpeg, and not for {} to {}; choose 1 to 100, or omit it"
_LOSSY = ("quality", "target_bytes")


def find_unsupported(options: OutputOptions, source_format: str) -> list[Problem]:
    """Options that the output's format does not have, `auto` being the source's. An analysis has no format."""
    if options.analyse:
        return []
    output_format = choose_format(options, source_format=source_format)
    if options.quality == SOURCE_QUALITY and {source_format, output_format} != {"jpeg"}:
        return [Problem("output.quality", _SOURCE_QUALITY.format(source_format, output_format))]
    origin = "the format of the source" if output_format == source_format else f"the format for a {source_format}"
    origin = f", {origin}" if options.format == AUTO else ""
    return [Problem(f"output.{name}", text) for name, text in _describe(options, output_format, origin)]


def check_supported(options: OutputOptions, source_format: str) -> None:
    """Raise InvalidOutput, which names options and format, if there are any."""
    problems = find_unsupported(options, source_format)
    if problems:
        detail = "; ".join(f"{each.place}: {each.message}" for each in problems)
        raise InvalidOutput(detail, problems=tuple(problems))


def _describe(options: OutputOptions, output_format: Format, origin: str) -> Iterator[tuple[str, str]]:
    for name, formats in SUPPORT.items():
        if not getattr(options, name):
            continue
        if output_format not in formats:
            yield name, f"is not available for {output_format}{origin}; omit it, or choose {_list(formats)}"
        elif name in _LOSSY and options.lossless and output_format in SUPPORT["lossless"]:
            yield name, "cannot be combined with lossless, which has no quality to choose; omit one of them"


def _list(names: tuple[str, ...]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
