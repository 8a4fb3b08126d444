"""`python -m tools.check_openapi`: checks the OpenAPI document against the specification and our own rules."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate

from api.app import create_app
from core.settings import Settings


def main() -> int:
    """Return the exit code: 1 if something is missing, with a line for each. Raises for an invalid document."""
    with tempfile.TemporaryDirectory() as directory:
        document = create_app(Settings(data_dir=Path(directory))).openapi()
    validate(document)
    found = [
        *_operations_without_text(document),
        *_properties_without_description(document),
        *_content_without_example(document),
    ]
    sys.stderr.writelines(f"openapi: {line}\n" for line in found)
    return 1 if found else 0


def _operations_without_text(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            missing = {"summary", "operationId", "security", "responses"} - operation.keys()
            yield from (f"{method} {path} has no {name}" for name in sorted(missing))


def _properties_without_description(document: dict[str, Any]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        for key, value in schema.get("properties", {}).items():
            if "description" not in value and "const" not in value:
                yield f"{name}.{key} has no description"


def _content_without_example(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type, content in holder.get("content", {}).items():
                    if media_type.endswith("json") and not content.keys() & {"example", "examples"}:
                        yield f"{method} {path} has {media_type} without an example"


if __name__ == "__main__":
    sys.exit(main())
