"""API keys."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema

from api.schemas.base import Body, View, members_of
from storage import ApiKey, NewApiKey, Scope

_SCOPES = {"type": "array", "items": {"enum": list(Scope)}, "minItems": 1, "uniqueItems": True}  # no reference
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


def check_future(at: datetime) -> datetime:
    if at <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return at


def _in_order(scopes: frozenset[Scope]) -> list[Scope]:
    return [scope for scope in Scope if scope in scopes]


class NewApiKeyBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE, description="What it is used for.")]
    scopes: Annotated[
        frozenset[Scope],
        WithJsonSchema(_SCOPES),
        Field(
            min_length=1,
            description="`read`: GET requests; `write`: all other requests; `deliver`: signing delivery URLs.",
        ),
    ]
    expires_at: Annotated[
        Annotated[AwareDatetime, AfterValidator(check_future)] | None, Field(description="When it ends; null: never.")
    ] = None


class ApiKeyView(View):
    key_id: Annotated[UUID, Field(description="Id of the key, which is not the key itself.")]
    name: Annotated[str, Field(description="What it is used for.")]
    prefix: Annotated[str, Field(description="The first characters of the key, to recognise it.")]
    scopes: Annotated[list[Scope], Field(description="What it allows.")]
    created_at: Annotated[datetime, Field(description="When it was created.")]
    expires_at: Annotated[datetime | None, Field(description="Null: it does not expire.")]
    last_used_at: Annotated[datetime | None, Field(description="To the minute; null: never.")]

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyView":
        return cls.model_validate(members_of(key, cls) | {"scopes": _in_order(key.scopes)})


class NewApiKeyView(ApiKeyView):
    key: Annotated[str, Field(description="Shown once. Send it as `Authorization: Bearer <key>`.")]

    @classmethod
    def of_new(cls, new: NewApiKey) -> "NewApiKeyView":
        return cls(**dict(ApiKeyView.of(new.key)), key=new.token)


class ApiKeysView(View):
    items: Annotated[list[ApiKeyView], Field(description="Every key of the user, the oldest first.")]
