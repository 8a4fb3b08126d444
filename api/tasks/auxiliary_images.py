"""Pictures that steps name are looked up before a task is accepted: a task that could only fail is refused."""

from collections.abc import Mapping
from uuid import UUID

from api.tasks.spec import Order, refusal
from core.errors import InvalidRequest, Problem
from imaging.codecs.formats import READABLE
from imaging.filters.auxiliary import MAX_SECOND_BYTES, SecondPicture
from storage import ImageRepository, StoredImage


def check_source(image: StoredImage) -> None:
    """Raises InvalidRequest for what is no picture."""
    if image.format not in READABLE:
        mistake = Problem("image_id", f"This is a {image.format}, which no step can change. The filter lut takes it.")
        raise InvalidRequest("The request has mistakes.", problems=(mistake,))


async def check_second_pictures(order: Order, images: ImageRepository, *, owner_id: UUID) -> None:
    """Raises InvalidPipeline with the place of each picture that is not the owner's or of no use there."""
    steps = list(order.pipeline.second_pictures)
    found = {step.image_id: await images.get(step.image_id, owner_id=owner_id) for _, step in steps}
    mistakes = [
        Problem(f"{place}.image_id", problem)
        for place, step in steps
        if (problem := _problem(step, found[step.image_id]))
    ]
    if mistakes:
        raise refusal(mistakes)
    _check_bytes(found, place=f"{steps[-1][0]}.image_id" if steps else "pipeline")


def _problem(step: SecondPicture, image: StoredImage | None) -> str | None:
    if image is None:
        return "There is no such picture of yours. Upload it to /v1/images first."
    if image.format not in step.takes:
        return f"This is a {image.format}; {step.name} takes {', '.join(sorted(step.takes))}."
    return None


def _check_bytes(found: Mapping[UUID, StoredImage | None], *, place: str) -> None:
    if sum(image.bytes for image in found.values() if image) > MAX_SECOND_BYTES:
        raise refusal([Problem(place, f"The pictures named by steps hold more than {MAX_SECOND_BYTES} bytes.")])
