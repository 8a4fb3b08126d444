"""How the tests look at answers."""

from typing import Any

import httpx


def problem_of(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and places of a rejection that has the form which all rejections have."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body.keys() == {"type", "title", "status", "code", "detail", "request_id", "problems"}
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["type"] == f"urn:darkroom:problem:{body['code']}"
    return answer.status_code, body["code"], [each["place"] for each in body["problems"]]


def without_request(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    return {name: body[name] for name in body if name != "request_id"}
