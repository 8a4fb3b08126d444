"""The Python client: every example of docs/client.md, and what goes wrong."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import darkroom
from darkroom import AsyncClient, Client, Invalid, NotFound, NotSignedIn, ServerAway, TaskFailed, TaskUnfinished
from tests.harness.client import Client as User
from tests.harness.client import sample_image
from tests.harness.deployment import ROOT, Deployment
from tests.harness.ports import free_port

EXAMPLES = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/client.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def token(client: User) -> str:
    return str(client.http.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def python(deployment: Deployment, token: str) -> Iterator[Client]:
    with Client(deployment.url, token) as opened:
        yield opened


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_run(deployment: Deployment, token: str, tmp_path: Path, number: int) -> None:
    (tmp_path / "photo.jpg").write_bytes(sample_image())
    environment = {"PYTHONPATH": str(ROOT), "DARKROOM_URL": deployment.url, "DARKROOM_TOKEN": token}
    done = subprocess.run(  # noqa: S603 - our own document
        [sys.executable, "-c", EXAMPLES[number]],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_tasks_and_images(python: Client, tmp_path: Path) -> None:
    image = python.upload(sample_image())
    task = python.wait(python.submit(image, ["sepia"], output={"format": "png"}, file_name="named"))
    assert task.output is not None
    assert python.save(task, tmp_path / "new" / "a.png").read_bytes() == python.download(task)
    assert task.output.file_name == "named.png"
    assert [each.task_id for each in python.tasks(status="succeeded")] == [task.task_id]
    assert [each.image_id for each in python.images()] == [image.image_id]
    assert python.image(image.image_id).url
    python.delete_task(task.task_id)
    python.delete_image(image.image_id)
    assert [*python.tasks(), *python.images()] == []
    with pytest.raises(NotFound):
        python.task(task.task_id)


def test_labels(python: Client) -> None:
    red, blue = (python.upload(sample_image(), reference=name, tags=["all", name]) for name in ("red", "blue"))
    assert (red.reference, red.tags) == ("red", ["all", "red"])
    assert [each.image_id for each in python.images(tags=["all"])] == [blue.image_id, red.image_id]
    assert [each.image_id for each in python.images(reference="red")] == [red.image_id]
    stored = python.submit(red, "sepia", reference="order 7", tags=["a", "b"], disposition="inline")
    sent = python.submit(sample_image(), "sepia", tags=["b"])
    assert (stored.reference, stored.tags, stored.disposition) == ("order 7", ["a", "b"], "inline")
    assert [each.task_id for each in python.tasks(tags=["b"])] == [sent.task_id, stored.task_id]
    assert [each.task_id for each in python.tasks(reference="order 7", tags=["a", "b"])] == [stored.task_id]
    output = python.wait(stored).output
    assert output is not None
    assert httpx.get(output.url).headers["Content-Disposition"].startswith("inline;")


def test_all_pages_are_listed(python: Client) -> None:
    image = python.upload(sample_image())
    made = [python.submit(image, "invert").task_id for _ in range(103)]
    assert [each.task_id for each in python.tasks()] == made[::-1]


def test_events_end_with_the_task(python: Client) -> None:
    task = python.submit(sample_image(), "sepia")
    events = list(python.follow(task.task_id))
    assert [event.status for event in events] == ["queued", "running", "succeeded"]
    assert events[-1].task is not None
    assert events[-1].task.output is not None


async def test_the_same_with_asyncio(deployment: Deployment, token: str, tmp_path: Path) -> None:
    async with AsyncClient(deployment.url, token) as client:
        task = await client.submit(sample_image(), "sepia")
        assert [event.status async for event in client.follow(task.task_id)][-1] == "succeeded"
        done = await client.wait(task)
        path = await client.save(done, tmp_path / "a.jpg")
        assert path.read_bytes() == await client.download(done)
        assert [each.task_id async for each in client.tasks()] == [task.task_id]
        with pytest.raises(Invalid):
            await client.submit(sample_image(), "sepiaa")


def test_problems_are_exceptions(python: Client, deployment: Deployment) -> None:
    with pytest.raises(Invalid) as raised:
        python.submit(sample_image(), ["invert", {"filter": "blur", "sigma": 1000}])
    assert raised.value.code == "invalid_pipeline"
    assert raised.value.problems[0].place == "pipeline.1.sigma"
    assert raised.value.request_id
    with pytest.raises(TaskFailed) as failed:
        python.apply(sample_image()[:500], "sepia")
    assert failed.value.task.error is not None
    assert failed.value.task.error.code == "invalid_image"
    with Client(deployment.url, "dk_nobody") as nobody, pytest.raises(NotSignedIn):
        next(nobody.tasks())
    with pytest.raises(darkroom.DarkroomError, match="not the URL of a service"):
        Client("images.example.com")


def test_waiting_ends_in_time(python: Client) -> None:
    task = python.submit(sample_image(), "sepia")
    with pytest.raises(TaskUnfinished, match=f"Task {task.task_id} is still queued after 0 s"):
        python.wait(task, seconds=0)
    assert python.wait(task.task_id).status == "succeeded"
    assert python.cancel(task.task_id).status == "succeeded", "a task that has ended does not change"


def test_a_service_that_is_away(token: str) -> None:
    port = free_port()
    with Client(f"http://127.0.0.1:{port}", token, retry_seconds=0.5) as client, pytest.raises(ServerAway) as raised:
        client.filters()
    assert str(raised.value).startswith(f"No answer from http://127.0.0.1:{port}: ")
