"""Cursor pagination. A cursor is the last id of a page, in base64url."""

import base64
import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator

PageLimit = Annotated[int, Query(ge=1, le=100, description="Maximum number of items.")]
_SHAPE = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 bytes


def _check_shape(cursor: str | None) -> str | None:
    if cursor is not None and not _SHAPE.fullmatch(cursor):
        raise ValueError("must be the `next_cursor` of the previous page")
    return cursor


Cursor = Annotated[
    str | None,
    AfterValidator(_check_shape),
    Query(description="`next_cursor` of the previous page.", json_schema_extra={"pattern": f"^{_SHAPE.pattern}$"}),
]
DEFAULT_LIMIT = 20


def position_of(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))


def cursor_of(ids: Sequence[UUID], *, limit: int) -> str | None:
    """Return the cursor of a page whose query asked for `limit` + 1 items; None if there is no next page."""
    return base64.urlsafe_b64encode(ids[limit - 1].bytes).rstrip(b"=").decode() if len(ids) > limit else None
