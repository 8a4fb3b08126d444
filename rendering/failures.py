"""Raises what a reply of a render process reports."""

import structlog

from core.errors import (
    ImageTooLarge,
    InvalidImage,
    InvalidOutput,
    InvalidPipeline,
    InvalidStep,
    PermanentError,
    ResourceLimit,
    UnsupportedImageFeature,
    WorkerLost,
)
from rendering.protocol import RenderReply

_log = structlog.get_logger()
_PERMANENT = {
    error.code: error for error in (InvalidImage, UnsupportedImageFeature, ImageTooLarge, InvalidStep, ResourceLimit)
}
_INVALID = {error.code: error for error in (InvalidPipeline, InvalidOutput)}


def raise_failure(reply: RenderReply) -> None:
    """Raise the error of a reply, if it is one."""
    match reply.outcome:
        case "permanent" if reply.code in _INVALID:
            raise _INVALID[reply.code](reply.detail, problems=reply.problems)
        case "permanent":
            raise _PERMANENT.get(reply.code, PermanentError)(reply.detail)
        case "resource_limit":
            raise ResourceLimit(reply.detail)
        case "crashed":
            _log.error("render_crashed", traceback=reply.detail)
            raise WorkerLost("The render ended in an unexpected error.")
