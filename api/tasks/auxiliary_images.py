"""Checks the images that a task refers to before it is accepted: a task that could only fail is rejected."""

from collections.abc import Mapping
from uuid import UUID

from api.tasks.spec import RenderSpec, rejection
from core.errors import InvalidRequest, Problem
from imaging import MAX_AUXILIARY_BYTES, READABLE, AuxiliaryImageFilter
from storage import ImageRepository, StoredImage


def check_source(image: StoredImage) -> None:
    """Raises InvalidRequest for a stored file that is not an image."""
    if image.format not in READABLE:
        problem = Problem(
            "image_id", f"This file is a {image.format} table, not an image. Use it as `image_id` of the filter `lut`."
        )
        raise InvalidRequest("The request is invalid; see `problems`.", problems=(problem,))


async def check_auxiliary_images(spec: RenderSpec, images: ImageRepository, *, owner_id: UUID) -> None:
    """Raises InvalidPipeline with the path of each image that the owner does not have or that has a wrong format."""
    steps = list(spec.pipeline.auxiliary_images)
    found = {step.image_id: await images.get(step.image_id, owner_id=owner_id) for _, step in steps}
    problems = [
        problem for place, step in steps if (problem := _problem(f"{place}.image_id", step, found[step.image_id]))
    ]
    if problems:
        raise rejection(problems)
    _check_bytes(found, place=f"{steps[-1][0]}.image_id" if steps else "pipeline")


async def auxiliary_keys(spec: RenderSpec, images: ImageRepository, *, owner_id: UUID) -> dict[UUID, str]:
    """Return the object keys of the images that steps refer to, by id, without those deleted meanwhile."""
    ids = {step.image_id for _, step in spec.pipeline.auxiliary_images}
    found = [image for image_id in ids if (image := await images.get(image_id, owner_id=owner_id))]
    return {image.image_id: image.key for image in found}


def _problem(place: str, step: AuxiliaryImageFilter, image: StoredImage | None) -> Problem | None:
    if image is None:
        return Problem(place, "Image not found. Upload it with POST /v1/images first.", "image_missing")
    if image.format not in step.accepted_formats:
        values = {"accepted": ", ".join(sorted(step.accepted_formats)), "format": image.format}
        message = f"The filter {step.name} accepts {values['accepted']}; this image is a {image.format}."
        return Problem(place, message, "image_format", values)
    return None


def _check_bytes(found: Mapping[UUID, StoredImage | None], *, place: str) -> None:
    if sum(image.bytes for image in found.values() if image) > MAX_AUXILIARY_BYTES:
        message = f"The images that steps refer to are larger than {MAX_AUXILIARY_BYTES} bytes in total."
        raise rejection([Problem(place, message, "images_too_large", {"max_bytes": MAX_AUXILIARY_BYTES})])
