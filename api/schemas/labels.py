"""What clients attach to tasks and images: references and tags."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import Body
from core.labels import MAX_TAGS, Labels, Reference, Tag

REFERENCE_TEXT = "A reference of your own, such as the number of an order. Lists can be searched for it."
TAGS_TEXT = "Tags of your own. Lists can be searched for them."


class LabelsBody(Body):
    reference: Annotated[Reference | None, Field(description=REFERENCE_TEXT)] = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS, description=TAGS_TEXT)] = ()

    @property
    def labels(self) -> Labels:
        return Labels(reference=self.reference, tags=tuple(dict.fromkeys(self.tags)))
