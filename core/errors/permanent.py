"""Errors of an image that cannot be rendered."""

from core.errors.root import DarkroomError


class PermanentError(DarkroomError):
    code = "render_failed"


class InvalidImage(PermanentError):
    code = "invalid_image"


class UnsupportedImageFeature(InvalidImage):
    """The detail names it: "This TIFF uses LERC compression, which is not supported."."""

    code = "unsupported_image_feature"


class ImageTooLarge(PermanentError):
    code = "image_too_large"


class InvalidStep(PermanentError):
    code = "invalid_step"


class ResourceLimit(PermanentError):
    code = "resource_limit"


class SourceRejected(PermanentError):
    code = "source_rejected"


class SourceMissing(PermanentError):
    code = "source_missing"
