"""Source images."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.base import View, members_of
from imaging import extension
from storage import StoredImage


class ImageView(View):
    image_id: Annotated[UUID, Field(description="Id of the image.")]
    format: Annotated[str, Field(description="Format, detected from its bytes.")]
    bytes: Annotated[int, Field(description="Size in bytes.")]
    sha256: Annotated[str, Field(description="SHA-256 of its bytes, in hexadecimal digits.")]
    file_name: Annotated[
        str | None, Field(description="Name of the uploaded file with the extension of its format, if it had one.")
    ]
    reference: Annotated[str | None, Field(description="The reference that was sent with it.")]
    tags: Annotated[list[str], Field(description="The tags that were sent with it.")]
    created_at: Annotated[datetime, Field(description="When it was uploaded.")]
    expires_at: Annotated[
        datetime | None,
        Field(
            description="When it is deleted with the task that it came with, unless another task uses it until then."
        ),
    ]

    @classmethod
    def of(cls, image: StoredImage, *, expires_at: datetime | None) -> "ImageView":
        name = f"{image.file_name}.{extension(image.format)}" if image.file_name else None
        return cls.model_validate(members_of(image, cls, file_name=name, tags=list(image.tags), expires_at=expires_at))


class LinkedImageView(ImageView):
    url: Annotated[str, Field(description="Presigned; valid until `url_expires_at`.")]
    url_expires_at: Annotated[datetime, Field(description="When the link ends.")]
