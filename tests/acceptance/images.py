"""Images, and steps for them."""

import httpx

from tests.harness.client import Client, Json

GRAYSCALE: Json = {"filter": "grayscale"}


def upload(client: Client, data: bytes) -> str:
    answer = client.http.post("/v1/images", content=data)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["image_id"])
