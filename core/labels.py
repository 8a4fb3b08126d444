"""What clients attach to their tasks and images, to find them again: a reference and tags."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

MAX_TAGS = 20


def _check_characters(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must consist of printable characters, without spaces at its ends")
    return text


Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_characters)]
Tag = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_check_characters)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The service gives them no meaning. `reference` need not be unique; `tags` are distinct."""

    reference: str | None = None
    tags: tuple[str, ...] = ()


NO_LABELS = Labels()
