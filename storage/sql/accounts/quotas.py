"""Quotas of single users, which replace those of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import Select, select

from storage.sql.schema import user_quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQuotas:
    """None: as the settings say."""

    submissions_per_minute: int | None = None
    previews_per_minute: int | None = None
    open_tasks: int | None = None
    uploads: int | None = None

    @property
    def given(self) -> Mapping[str, int]:
        """Return those that differ from the settings, by name."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in values if value is not None}


QUOTA_COLUMNS = tuple(user_quotas.c[each.name] for each in fields(UserQuotas))


def all_quotas() -> Select[tuple[UUID, int | None]]:
    return select(user_quotas.c.user_id, *QUOTA_COLUMNS)
