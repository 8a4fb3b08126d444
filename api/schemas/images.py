"""Source images."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.base import View, members_of
from storage import StoredImage


class ImageView(View):
    image_id: UUID
    format: str
    bytes: int
    sha256: str
    created_at: datetime

    @classmethod
    def of(cls, image: StoredImage) -> "ImageView":
        return cls.model_validate(members_of(image, cls))


class LinkedImageView(ImageView):
    url: Annotated[str, Field(description="Presigned; valid until `url_expires_at`.")]
    url_expires_at: datetime
