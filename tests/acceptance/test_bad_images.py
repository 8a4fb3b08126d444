"""Holds promise 16: the worst files there are, sent to a running service, end with a reason; it goes on as before."""

import httpx
from PIL import Image

from tests.harness.client import Client, sample_image
from tests.harness.deployment import Deployment
from tests.unit.imaging import corpus, files
from tests.unit.imaging.codecs.test_bad_images import gif_of_frames

ALL_FRAMES = {"format": "gif", "frames": "all"}
SEPIA = {"filter": "sepia"}
CODES = {"invalid_image", "unsupported_image_feature", "image_too_large"}


def worst_files() -> dict[str, bytes]:
    photograph = files.file(Image.effect_noise((300, 200), 90).convert("RGB"), "JPEG")
    return {
        "a PNG that is one pixel wide": files.png_of_size(1, 49_000_000),
        "a PNG of too many pixels": files.png_of_size(16_000, 16_000),
        "a PNG of the most pixels that may be, without them": files.png_of_size(7000, 7000),
        "a JPEG of 2,000 scans": files.jpeg_of_scans(2000),
        "a GIF of 500 frames": gif_of_frames(500, side=7000),
        "half a photograph": photograph[: len(photograph) // 2],
        "a GIF that is a PNG": b"GIF89a" + files.file(files.quarters(), "PNG"),
    }


def test_the_worst_files_end_with_a_reason_and_the_service_goes_on(client: Client, deployment: Deployment) -> None:
    """Holds promise 16."""
    tasks = {name: client.submit(data, [SEPIA], ALL_FRAMES) for name, data in worst_files().items()}
    for name, task in tasks.items():
        ended = client.ended(task)
        assert ended["status"] == "failed", name
        assert ended["error"]["code"] in CODES, name
        assert ended["attempt"] == 1, name
    assert client.ended(client.submit(sample_image(), [SEPIA]))["status"] == "succeeded"
    assert httpx.get(f"{deployment.url}/livez").status_code == httpx.codes.OK


def test_texts_and_profiles_that_inflate_are_skipped(client: Client) -> None:
    """Holds promise 16: the image itself is fine."""
    for data in (corpus.text_bomb(b"zTXt", 100), corpus.text_bomb(b"iCCP", 100)):
        ended = client.ended(client.submit(data, [SEPIA], ALL_FRAMES))
        assert (ended["status"], ended["attempt"]) == ("succeeded", 1)


def test_no_upload_of_a_mutant_is_the_services_fault(client: Client) -> None:
    """Holds promise 16: it is accepted, and ends, or rejected."""
    taken = []
    for name, data in corpus.mutants(42, seed=16):
        answer = client.http.post("/v1/tasks", data={"pipeline": "[]"}, files={"image": ("image", data)})
        assert answer.status_code == httpx.codes.ACCEPTED or answer.is_client_error, name
        taken += [answer.json()] if answer.status_code == httpx.codes.ACCEPTED else []
    assert taken
    for task in taken:
        ended = client.ended(task)
        assert ended["status"] == "succeeded" or ended["error"]["code"] in CODES, ended


def test_readyz_reports_the_sandbox_of_its_own_render_processes(deployment: Deployment) -> None:
    """Holds promise 26: a worker elsewhere reports it in its log and metrics."""
    ready = httpx.get(f"{deployment.url}/readyz").json()
    assert ("isolation" in ready) is deployment.embedded
    assert set(ready.get("isolation", {})) <= {"no_new_privileges", "landlock", "seccomp"}
