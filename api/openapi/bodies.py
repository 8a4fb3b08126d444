"""Bodies that FastAPI cannot see, because routes stream or parse them."""

from typing import Any

from pydantic import BaseModel

from api.schemas import REFERENCE_TEXT, TAGS_TEXT, NewTaskBody
from core.labels import MAX_TAGS
from imaging import list_formats

_IMAGE = {
    "type": "string",
    "format": "binary",
    "description": f"{list_formats()}; detected from its bytes.",
}
# `example` is what Swagger UI fills in, and it sends what is filled in: one of `filter` and `pipeline` has to be empty.
_FILTERS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Filter names, in order; or use `pipeline`.",
    "example": [],
}
_STEPS = {
    "type": "string",
    "description": 'JSON list of `{"filter": name, …parameters}`, see `/v1/filters`; `@name` of a preset; `thumbor:…`.',
    "example": '[{"filter": "blur", "sigma": 2}, {"filter": "grayscale"}]',
}
_OUTPUT = {
    "type": "string",
    "description": "JSON object: `format`, `quality`, `metadata`, `frames`, `analyse`, … See docs/outputs.md.",
    "example": '{"format": "webp", "quality": 80}',
}
_FILE_NAME = {
    "type": "string",
    "description": "Name of the output; the default is that of the image and of the last step.",
    "example": "",
}
_REFERENCE = {"type": "string", "maxLength": 200, "description": REFERENCE_TEXT, "example": ""}
_TAGS = {
    "type": "array",
    "items": {"type": "string", "maxLength": 50},
    "maxItems": MAX_TAGS,
    "description": f"{TAGS_TEXT} Repeat the field for each.",
    "example": [],
}
_LABELS = {"reference": _REFERENCE, "tag": _TAGS}
_DISPOSITION = {
    "type": "string",
    "description": "Whether browsers save the output (`attachment`, the default) or show it (`inline`).",
    "example": "",
}


def _form(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema
    schema = {
        "type": "object",
        "required": ["image"],
        "properties": {"image": _IMAGE, **properties},
        "additionalProperties": False,
    }
    repeated = {name: {"style": "form", "explode": True} for name in ("filter", "tag") if name in properties}
    return {"schema": schema, "encoding": repeated}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


def _content(*bodies: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": dict(bodies)}}


TASK_BODY = _content(
    (
        "multipart/form-data",
        _form(
            filter=_FILTERS,
            pipeline=_STEPS,
            output=_OUTPUT,
            file_name=_FILE_NAME,
            disposition=_DISPOSITION,
            **_LABELS,
        ),
    ),
    ("application/json", {"schema": NewTaskBody.model_json_schema()}),
)
IMAGE_BODY = _content(
    ("multipart/form-data", _form(**_LABELS)),
    ("application/octet-stream", {"schema": _IMAGE}),
)
