"""The same work is done once: tasks copy outputs of tasks and of delivery, whoever is killed meanwhile."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Client, Json, download, sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.http import NO_TLS

SEPIA: list[Json] = [{"filter": "sepia"}]
PNG: Json = {"format": "png"}
QUICK = {
    "DARKROOM_SHARED_OUTPUTS": "on",
    "DARKROOM_RETRY_BASE_SECONDS": "0.2",
    "DARKROOM_SWEEP_INTERVAL_SECONDS": "0.5",
    "DARKROOM_ORPHAN_SECONDS": "1",
    "DARKROOM_ORPHAN_TRASH_SECONDS": "1",
}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with deployed({**embedded_settings(tmp_path), **QUICK}, tmp_path) as deployment:
        yield deployment


def failing(at: str) -> dict[str, str]:
    return {"DARKROOM_FAILPOINT": f"{at}=kill", "DARKROOM_TESTING": "1"}


def metric(deployment: Deployment, name: str) -> float:
    text = httpx.get(f"{deployment.url}/metrics", verify=NO_TLS).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_tasks_and_delivery_share_one_render(deployment: Deployment) -> None:
    deployment.start_api()
    with Client(deployment.url) as client:
        image = sample_image()
        first, second = (client.ended(client.submit(image, SEPIA, PNG)) for _ in range(2))
        delivered = client.http.get(delivery_url(client, client.http.post("/v1/images", content=image)))
        assert {download(first), download(second), delivered.content} == {delivered.content}
        assert first["output"]["sha256"] == second["output"]["sha256"]
        assert second["render_report"] == first["render_report"]
    assert metric(deployment, "darkroom_outputs_copied_total") == 1
    assert metric(deployment, 'darkroom_deliveries_total{source="task"}') == 1


def test_a_task_copies_what_was_delivered(deployment: Deployment) -> None:
    deployment.start_api()
    with Client(deployment.url) as client:
        uploaded = client.http.post("/v1/images", content=sample_image())
        delivered = client.http.get(delivery_url(client, uploaded)).raise_for_status().content
        body = {"image_id": uploaded.json()["image_id"], "pipeline": SEPIA, "output": PNG}
        task = client.ended(client.http.post("/v1/tasks", json=body).json())
        assert download(task) == delivered
        assert task["render_report"]["passes"]
    assert metric(deployment, "darkroom_outputs_copied_total") == 1


@pytest.mark.parametrize("point", ["before_copy", "copied", "ended:2"])
def test_a_worker_killed_while_it_copies(deployment: Deployment, point: str) -> None:
    """The next attempt renders. One object is left for each task, with the bytes that its row names."""
    doomed = deployment.start_api(**failing(point))
    with Client(deployment.url) as client:
        image = sample_image()
        first = client.ended(client.submit(image, SEPIA, PNG))
        second = client.submit(image, SEPIA, PNG)
        wait_for(lambda: doomed.process.poll() is not None, what=point)
        deployment.start_api()
        client.sign_in()
        ended = client.ended(second)
        assert ended["status"] == "succeeded"
        assert download(ended) == download(client.task(first["task_id"]))
        wait_for(lambda: len(stored(deployment, "outputs")) == 2, what="the collection of the first attempt")


def test_a_delivery_killed_between_object_and_row(deployment: Deployment) -> None:
    """Nothing is lost: the next request renders, and the object without a row is collected."""
    doomed = deployment.start_api(**failing("delivery_uploaded"))
    with Client(deployment.url) as client:
        url = delivery_url(client, client.http.post("/v1/images", content=sample_image()))
        first = client.http.get(url)
        wait_for(lambda: doomed.process.poll() is not None, what="the kill")
        (lost,) = stored(deployment, "delivered")
        deployment.start_api()
        assert httpx.get(deployment.url + url, timeout=120, verify=NO_TLS).content == first.content
        assert metric(deployment, 'darkroom_deliveries_total{source="rendered"}') == 1
        wait_for(lambda: stored(deployment, "delivered") not in ([], [lost]), what="the second object")
        client.sign_in()
        client.http.post("/v1/images", content=sample_image()).raise_for_status()  # a row newer than the orphan
    wait_for(lambda: lost not in stored(deployment, "delivered"), what="the collection of the orphan")
    assert len(stored(deployment, "delivered")) == 1


def delivery_url(client: Client, uploaded: httpx.Response) -> str:
    """Return the path of a signed URL of the uploaded image."""
    client.http.post("/v1/delivery-keys").raise_for_status()
    body = {"image_id": uploaded.json()["image_id"], "pipeline": SEPIA, "output": PNG}
    answer = client.http.post("/v1/delivery-urls", json=body).raise_for_status()
    return str(httpx.URL(answer.json()["url"]).raw_path, "ascii")


def stored(deployment: Deployment, prefix: str) -> list[str]:
    root = deployment.directory / "data" / "objects" / prefix
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
