"""A client of the service, and sample images to send."""

import io
import json
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import httpx
from PIL import Image

from tests.harness.deployment import wait_for
from tests.harness.http import NO_TLS

FINAL = {"succeeded", "failed", "cancelled"}
Json = dict[str, Any]


def sample_image(size: tuple[int, int] = (64, 48), *, format: str = "JPEG", mode: str = "RGB") -> bytes:  # noqa: A002 - Pillow's word
    """A gradient with every channel different, so that a filter shows."""
    gradient = Image.linear_gradient("L").resize(size)
    bands = [gradient, gradient.rotate(180), gradient.point(lambda value: value // 2)]
    image = Image.merge("RGB", bands).convert(mode)
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


class Client(AbstractContextManager["Client"]):
    """Registered and signed in from the start."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, verify=NO_TLS)
        self.email = f"{secrets.token_hex(8)}@example.com"
        self.password = secrets.token_urlsafe(12)
        self._post_ok("/v1/users", {"email": self.email, "password": self.password})
        self.sign_in()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def sign_in(self) -> Json:
        session = self._post_ok("/v1/sessions", {"email": self.email, "password": self.password})
        self.http.headers["Authorization"] = f"Bearer {session['token']}"
        return session

    def _post_ok(self, path: str, body: Json) -> Json:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    def submit(self, image: bytes, pipeline: Iterable[Json], output: Json | None = None) -> Json:
        fields = {"pipeline": json.dumps(list(pipeline))} | ({"output": json.dumps(output)} if output else {})
        answer = self.http.post("/v1/tasks", data=fields, files={"image": ("picture", image)})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        task: Json = answer.json()
        return task

    def task(self, task_id: str) -> Json:
        answer = self.http.get(f"/v1/tasks/{task_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        task: Json = answer.json()
        return task

    def ended(self, task: Json, *, seconds: float = 300) -> Json:
        """The task once it has ended."""
        return wait_for(lambda: self._if_final(task), seconds=seconds, what=f"the end of task {task['task_id']}")

    def _if_final(self, task: Json) -> Json | None:
        try:
            now = self.task(task["task_id"])
        except httpx.TransportError:  # the service may be down for a moment: that is what the fault tests do
            return None
        return now if now["status"] in FINAL else None

    def run(self, image: bytes, pipeline: Iterable[Json], output: Json | None = None) -> tuple[Json, Image.Image]:
        """Submit, wait, download by the presigned link."""
        task = self.ended(self.submit(image, pipeline, output))
        assert task["status"] == "succeeded", task
        return task, Image.open(io.BytesIO(download(task)))


def download(task: Json) -> bytes:
    """By the presigned link alone: no session, no other header."""
    answer = httpx.get(task["output"]["url"], timeout=120, verify=NO_TLS)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.content
