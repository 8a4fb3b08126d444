"""Which formats can hold what is stated: one that cannot is an error, not silence."""

from core.errors import InvalidPipeline, Problem
from imaging.codecs.formats import Format
from imaging.codecs.metadata.fields import Statement

_TEXTS: tuple[Format, ...] = ("jpeg", "png", "webp", "avif", "tiff", "gif", "jpeg2000")
# By output option. GIF and JPEG 2000 hold XMP only.
SUPPORT: dict[str, tuple[Format, ...]] = {
    "dpi": ("jpeg", "png", "webp", "avif", "tiff", "bmp"),
    "copyright": _TEXTS,
    "creator": _TEXTS,
    "description": _TEXTS,
}


def check_statement(statement: Statement, output_format: str) -> None:
    """Raise InvalidPipeline if the format cannot hold what is stated."""
    problems = [
        Problem(f"output.{name}", f"is not available for {output_format}; omit it, or choose {_list(formats)}")
        for name, formats in SUPPORT.items()
        if name in statement.names and output_format not in formats
    ]
    if problems:
        detail = "; ".join(f"{each.place}: {each.message}" for each in problems)
        raise InvalidPipeline(detail, problems=tuple(problems))


def _list(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
