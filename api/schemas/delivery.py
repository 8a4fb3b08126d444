"""Delivery keys and URLs."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.api_keys import check_future
from api.schemas.base import View
from api.schemas.tasks import SpecBody
from storage import DeliveryKey


class DeliveryKeyView(View):
    key_id: Annotated[UUID, Field(description="Id of the key.")]
    key: Annotated[str, Field(description="The id as URLs have it: without hyphens.")]
    created_at: Annotated[datetime, Field(description="When it was created.")]

    @classmethod
    def of(cls, key: DeliveryKey) -> "DeliveryKeyView":
        return cls(key_id=key.key_id, key=key.key_id.hex, created_at=key.created_at)


class NewDeliveryKeyView(DeliveryKeyView):
    secret: Annotated[str, Field(description="Shown once. Its UTF-8 bytes are the key of the HMAC.")]

    @classmethod
    def of_new(cls, key: DeliveryKey) -> "NewDeliveryKeyView":
        return cls(**dict(DeliveryKeyView.of(key)), secret=key.secret)


class DeliveryKeysView(View):
    items: Annotated[list[DeliveryKeyView], Field(description="Every delivery key of the user, the oldest first.")]


class NewDeliveryUrlBody(SpecBody):
    """An image, steps and options as of a task. `auto`, the default of `output.format`, follows the header Accept."""

    image_id: Annotated[UUID | None, Field(description="Id of an uploaded image.")] = None
    source: Annotated[
        str | None, Field(description="In place of image_id: an image of a named source, such as shop:2026/cat.jpg.")
    ] = None
    client_hints: tuple[Literal["dpr", "width"], ...] = Field(
        (), max_length=2, description="Client hints that the size follows: Sec-CH-DPR, Sec-CH-Width."
    )
    expires_at: Annotated[
        Annotated[AwareDatetime, AfterValidator(check_future)] | None,
        Field(description="When the URL ends; null: never."),
    ] = None

    @model_validator(mode="after")
    def _check_image(self) -> Self:
        if (self.image_id is None) == (self.source is None):
            raise PydanticCustomError("no_image", "needs image_id or source, and not both")
        return self


class DeliveryUrlView(View):
    url: Annotated[str, Field(description="The signed URL.")]
    expires_at: Annotated[datetime | None, Field(description="Null: it does not expire.")]
