"""What a caller may say about a task besides what it renders."""

from collections.abc import Sequence
from typing import Literal, TypedDict


class TaskOptions(TypedDict, total=False):
    """`reference` and `tags` are the caller's own, and `tasks()` finds tasks by them."""

    file_name: str | None  # of the output, without extension
    disposition: Literal["attachment", "inline"] | None  # whether browsers save the output or show it
    reference: str | None
    tags: Sequence[str]
