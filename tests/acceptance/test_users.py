"""Who may see what, and for how long."""

import httpx
import pytest

from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import Deployment


def test_a_session_is_invalid_at_once_after_signing_out(client: Client) -> None:
    """Holds promise 20."""
    assert client.http.get("/v1/tasks").status_code == httpx.codes.OK
    assert client.http.delete("/v1/sessions/current").is_success
    answer = client.http.get("/v1/tasks")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_logging_out_everywhere_ends_every_session(client: Client) -> None:
    """Holds promise 20."""
    tokens = [client.sign_in()["token"] for _ in range(3)]
    assert client.http.delete("/v1/sessions").is_success
    for token in tokens:
        answer = client.http.get("/v1/tasks", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_wrong_password_is_rejected(client: Client) -> None:
    answer = client.http.post("/v1/sessions", json={"email": client.email, "password": "not this one"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_an_address_registers_once(client: Client) -> None:
    again = {"email": client.email.upper(), "password": "another password"}
    answer = client.http.post("/v1/users", json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


def test_nobody_gets_in_without_a_session(deployment: Deployment) -> None:
    answer = httpx.post(f"{deployment.url}/v1/tasks", files={"image": sample_image()}, data={"filter": "invert"})
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
def test_what_is_another_users_is_not_there(client: Client, other_user: Client, method: str, path: str) -> None:
    """Holds promise 21."""
    task, _ = client.run(sample_image(), [{"filter": "invert"}])
    missing = {"task_id": "019a0000-0000-7000-8000-000000000000", "image_id": "019a0000-0000-7000-8000-000000000000"}

    theirs = other_user.http.request(method, path.format_map(task))
    nowhere = other_user.http.request(method, path.format_map(missing))

    assert theirs.status_code == nowhere.status_code == httpx.codes.NOT_FOUND
    assert _without_request(theirs.json()) == _without_request(nowhere.json())
    assert client.task(task["task_id"])["status"] == "succeeded"


def test_nobody_works_on_another_users_image(client: Client, other_user: Client) -> None:
    image = client.http.post("/v1/images", content=sample_image(), headers={"Content-Type": "image/jpeg"}).json()
    order = {"image_id": image["image_id"], "pipeline": [{"filter": "invert"}]}
    assert other_user.http.post("/v1/tasks", json=order).status_code == httpx.codes.NOT_FOUND
    assert other_user.http.get("/v1/tasks").json()["items"] == []


def test_filters_and_health(client: Client, deployment: Deployment) -> None:
    names = {item["name"] for item in client.http.get("/v1/filters").json()["items"]}
    assert {"grayscale", "sepia", "blur", "resize", "crop", "pixelate"} <= names
    assert httpx.get(f"{deployment.url}/livez").status_code == httpx.codes.OK
    ready = httpx.get(f"{deployment.url}/readyz")
    assert ready.status_code == httpx.codes.OK
    assert set(ready.json()["dependencies"].values()) == {"ok"}


def _without_request(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != "request_id"}
