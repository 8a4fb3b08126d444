"""What integrators generate their clients from."""

from typing import Any

import jsonschema
import pytest

from api.app import create_app
from core.settings import Settings
from imaging import CATALOGUE
from tools import check_openapi


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = create_app(Settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()
    return found


def test_it_is_valid_and_everything_is_described() -> None:
    assert check_openapi.main() == 0


def test_operations_have_public_names(document: dict[str, Any]) -> None:
    names = {operation["operationId"] for operations in document["paths"].values() for operation in operations.values()}
    assert {"submitTask", "getTask", "getOutput", "uploadImage", "signIn"} <= names


@pytest.mark.parametrize(
    ("pipeline", "is_valid"),
    [
        ([{"filter": "blur", "sigma": 2}, {"filter": "grayscale"}], True),
        ("@thumbnail.v3", True),
        ([{"filter": "blur", "sigma": "much"}], False),
        ([{"filter": "blurr"}], False),
        ([{"filter": "blur", "amount": 2}], False),
        ([{"sigma": 2}], False),
    ],
)
def test_a_pipeline_is_typed(document: dict[str, Any], pipeline: object, *, is_valid: bool) -> None:
    schema = {"$ref": "#/components/schemas/NewTaskBody", "components": document["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    task = {"image_id": "01a22a07-522e-70d8-90dc-5613fa97ce00", "pipeline": pipeline}
    assert validator.is_valid(task) is is_valid


def test_each_filter_has_a_schema(document: dict[str, Any]) -> None:
    steps = document["components"]["schemas"]["Step"]["oneOf"]
    assert len(steps) == len(CATALOGUE) + 1


@pytest.mark.parametrize(
    ("path", "method", "code", "header"),
    [
        ("/v1/tasks", "post", "202", "Location"),
        ("/v1/tasks", "post", "429", "Retry-After"),
        ("/v1/images", "post", "201", "Location"),
        ("/v1/sessions", "post", "429", "Retry-After"),
        ("/livez", "get", "200", "X-Request-ID"),
    ],
)
def test_headers_of_responses(document: dict[str, Any], path: str, method: str, code: str, header: str) -> None:
    assert header in document["paths"][path][method]["responses"][code]["headers"]


def test_what_is_open_says_so(document: dict[str, Any]) -> None:
    assert document["paths"]["/v1/filters"]["get"]["security"] == []
    assert document["paths"]["/v1/tasks"]["get"]["security"] != []
