"""Previews."""

from typing import Annotated

from pydantic import Field

from api.schemas.tasks import ImageSpecBody
from imaging import MAX_PREVIEW_SIDE


class PreviewBody(ImageSpecBody):
    """An image, steps and options as of a task."""

    max_side: Annotated[int, Field(ge=1, le=MAX_PREVIEW_SIDE, description="Longest side of the preview in pixels.")] = (
        MAX_PREVIEW_SIDE
    )
