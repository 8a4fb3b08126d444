"""Who may see what, and for how long."""

import httpx
import pytest

from tests.harness.client import Json, Person, picture
from tests.harness.deployment import Deployment


def test_a_session_is_over_at_once_after_logging_out(person: Person) -> None:
    """Holds promise 20."""
    assert person.http.get("/v1/tasks").status_code == httpx.codes.OK
    assert person.http.delete("/v1/sessions/current").is_success
    answer = person.http.get("/v1/tasks")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_logging_out_everywhere_ends_every_session(person: Person) -> None:
    """Holds promise 20."""
    tokens = [person.sign_in()["token"] for _ in range(3)]
    assert person.http.delete("/v1/sessions").is_success
    for token in tokens:
        answer = person.http.get("/v1/tasks", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_wrong_password_is_refused(person: Person) -> None:
    answer = person.http.post("/v1/sessions", json={"email": person.email, "password": "not this one"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_an_address_registers_once(person: Person) -> None:
    again = {"email": person.email.upper(), "password": "another password"}
    answer = person.http.post("/v1/users", json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


def test_nobody_gets_in_without_a_session(deployment: Deployment) -> None:
    answer = httpx.post(f"{deployment.url}/v1/tasks", files={"image": picture()}, data={"filter": "invert"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tasks/{task_id}"),
        ("GET", "/v1/tasks/{task_id}/output"),
        ("POST", "/v1/tasks/{task_id}/cancel"),
        ("DELETE", "/v1/tasks/{task_id}"),
        ("GET", "/v1/images/{image_id}"),
        ("DELETE", "/v1/images/{image_id}"),
    ],
)
def test_what_is_somebody_elses_is_not_there(person: Person, stranger: Person, method: str, path: str) -> None:
    """Holds promise 21."""
    task, _ = person.run(picture(), [{"filter": "invert"}])
    missing = {"task_id": "019a0000-0000-7000-8000-000000000000", "image_id": "019a0000-0000-7000-8000-000000000000"}

    theirs = stranger.http.request(method, path.format_map(task))
    nowhere = stranger.http.request(method, path.format_map(missing))

    assert theirs.status_code == nowhere.status_code == httpx.codes.NOT_FOUND
    assert _without_request(theirs.json()) == _without_request(nowhere.json())
    assert person.task(task["task_id"])["status"] == "succeeded"


def test_nobody_works_on_somebody_elses_picture(person: Person, stranger: Person) -> None:
    image = person.http.post("/v1/images", content=picture(), headers={"Content-Type": "image/jpeg"}).json()
    order = {"image_id": image["image_id"], "pipeline": [{"filter": "invert"}]}
    assert stranger.http.post("/v1/tasks", json=order).status_code == httpx.codes.NOT_FOUND
    assert stranger.http.get("/v1/tasks").json()["items"] == []


def test_filters_health_and_metrics(person: Person, deployment: Deployment) -> None:
    names = {item["name"] for item in person.http.get("/v1/filters").json()["items"]}
    assert {"grayscale", "sepia", "blur", "resize", "crop", "pixelate"} <= names
    assert httpx.get(f"{deployment.url}/livez").status_code == httpx.codes.OK
    ready = httpx.get(f"{deployment.url}/readyz")
    assert ready.status_code == httpx.codes.OK
    assert set(ready.json()["dependencies"].values()) == {"ok"}
    assert "darkroom_http_requests_total" in httpx.get(f"{deployment.url}/metrics").text


def _without_request(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "request_id"}
