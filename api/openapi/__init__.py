"""The OpenAPI document: what FastAPI derives from the routes, and what it cannot see."""

from api.openapi.bodies import IMAGE_BODY, TASK_BODY, json_body
from api.openapi.document import document, operation_id
from api.openapi.texts import DESCRIPTION, TAGS

__all__ = ["DESCRIPTION", "IMAGE_BODY", "TAGS", "TASK_BODY", "document", "json_body", "operation_id"]
