"""Delivery keys and URLs."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from api.schemas.api_keys import check_future
from api.schemas.base import View
from api.schemas.tasks import NewTaskBody
from storage import DeliveryKey


class DeliveryKeyView(View):
    key_id: UUID
    key: Annotated[str, Field(description="The id as URLs have it: without hyphens.")]
    created_at: datetime

    @classmethod
    def of(cls, key: DeliveryKey) -> "DeliveryKeyView":
        return cls(key_id=key.key_id, key=key.key_id.hex, created_at=key.created_at)


class NewDeliveryKeyView(DeliveryKeyView):
    secret: Annotated[str, Field(description="Shown once. Its UTF-8 bytes are the key of the HMAC.")]

    @classmethod
    def of_new(cls, key: DeliveryKey) -> "NewDeliveryKeyView":
        return cls(**dict(DeliveryKeyView.of(key)), secret=key.secret)


class DeliveryKeysView(View):
    items: list[DeliveryKeyView]


class NewDeliveryUrlBody(NewTaskBody):
    """An image, steps and options as of a task. `auto`, the default of `output.format`, follows the header Accept."""

    client_hints: tuple[Literal["dpr", "width"], ...] = Field(
        (), max_length=2, description="Client hints that the size follows: Sec-CH-DPR, Sec-CH-Width."
    )
    expires_at: Annotated[AwareDatetime, AfterValidator(check_future)] | None = None


class DeliveryUrlView(View):
    url: str
    expires_at: Annotated[datetime | None, Field(description="Null: it does not expire.")]
