"""The commands, from an empty home directory: `darkroom login` to `darkroom rm`."""

import io
import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from darkroom import Client
from tests.harness.client import Client as ApiClient
from tests.harness.client import sample_image
from tests.harness.deployment import Deployment, deployed, embedded_settings, wait_for
from tests.harness.shell import Shell, interrupt

pytestmark = pytest.mark.usefixtures("photos")
FILES = 200


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def test_an_account_from_sign_in_to_sign_out(deployment: Deployment, tmp_path: Path) -> None:
    shell = Shell(home=tmp_path, url=deployment.url)
    anybody = shell.run("whoami")
    assert anybody.code == 3
    assert "Sign in with `darkroom login`" in anybody.stderr

    shell.sign_up()
    kept = tmp_path / ".config/darkroom/logins.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert re.fullmatch(rf"\w+@example.com at {deployment.url}\n", shell.ok("whoami"))

    assert shell.run("logout", stdin=b"wrong\n").code == 3
    key = json.loads(kept.read_text())["logins"][deployment.url]["key"]
    assert shell.run("logout", stdin=b"correct horse\n").code == 0
    assert shell.run("whoami").code == 3
    assert shell.run("whoami", DARKROOM_TOKEN=key).code == 3, "the key is revoked"


def test_folders_keep_their_paths(shell: Shell, tmp_path: Path) -> None:
    printed = shell.ok("apply", "photos", "-f", "resize:width=20", "--format", "webp", "-o", "small")
    assert sorted(printed.splitlines()) == ["small/a.webp", "small/deep/b.webp"]
    for name in ("a", "deep/b"):
        assert (opened(tmp_path / f"small/{name}.webp").format, opened(tmp_path / f"small/{name}.webp").width) == (
            "WEBP",
            20,
        )


def test_a_second_run_sends_nothing(shell: Shell, photos: Path) -> None:
    shell.ok("apply", "photos", "-f", "sepia")
    assert (photos / "a-sepia.jpg").exists()
    again = [json.loads(line) for line in shell.ok("apply", "photos", "-f", "sepia", "--json").splitlines()]
    assert [each["status"] for each in again] == ["skipped"] * 2, "outputs in the same folder are no sources"
    assert len(shell.ok("tasks", "--json").splitlines()) == 2
    assert len(shell.ok("images", "--json").splitlines()) == 2

    (photos / "a-sepia.jpg").unlink()
    changed = [json.loads(line) for line in shell.ok("apply", "photos", "-f", "sepia", "--json").splitlines()]
    assert sorted(each["status"] for each in changed) == ["skipped", "succeeded"]
    assert len(shell.ok("tasks", "--json").splitlines()) == 2, "downloaded again, not rendered again"

    shell.ok("apply", "photos", "-f", "sepia", "--again")
    assert len(shell.ok("tasks", "--json").splitlines()) == 4


def test_outputs_beside_their_sources_are_no_sources(shell: Shell) -> None:
    """Those in a folder of their own are."""
    shell.ok("apply", "photos", "-f", "sepia")
    assert len(shell.ok("apply", "photos", "-f", "blur", "-o", "blurred").splitlines()) == 2
    assert len(shell.ok("apply", "blurred", "-f", "invert", "-o", "inverted").splitlines()) == 2


def test_an_unknown_id_does_not_stop_a_deletion(shell: Shell) -> None:
    shell.ok("apply", "photos/a.jpg", "-f", "sepia")
    task_id = json.loads(shell.ok("tasks", "--json"))["task_id"]
    done = shell.run("rm", "nope", task_id)
    assert (done.code, "has the id nope. Deleted: 1." in done.stderr) == (1, True), done.stderr
    assert shell.ok("tasks", "--json") == ""


def test_standard_input_to_standard_output(shell: Shell) -> None:
    done = shell.run("apply", "-", "-f", "resize:width=10", "--format", "png", stdin=sample_image())
    image = Image.open(io.BytesIO(done.stdout))
    assert (done.code, image.format, image.width) == (0, "PNG", 10)


def test_a_dry_run_does_nothing(shell: Shell, tmp_path: Path) -> None:
    printed = shell.ok("apply", "photos/**/*", "-f", "sepia", "--format", "webp", "-o", "out", "--dry-run")
    assert printed.splitlines() == ["photos/a.jpg -> out/a.webp", "photos/deep/b.png -> out/deep/b.webp"]
    assert not (tmp_path / "out").exists()
    assert shell.ok("tasks") == ""


def test_options_of_outputs(shell: Shell) -> None:
    line = shell.ok(
        "apply", "photos/a.jpg", "--max-bytes", "1k", "--option", "metadata=keep,progressive=true", "--json"
    )
    assert json.loads(line)["bytes"] <= 1000


def test_images_that_steps_refer_to(shell: Shell, photos: Path) -> None:
    (photos / "logo.png").write_bytes(sample_image((8, 8), format="PNG"))
    step = "watermark:image_id=@photos/logo.png,opacity=60"
    first = json.loads(shell.ok("apply", "photos/a.jpg", "-f", step, "-o", "out", "--json"))
    second = json.loads(shell.ok("apply", "photos/a.jpg", "-f", step, "-o", "out", "--json"))
    assert (first["status"], second["status"]) == ("succeeded", "skipped")


def test_tasks_one_by_one(shell: Shell, tmp_path: Path) -> None:
    shell.ok("apply", "photos/a.jpg", "-f", "sepia", "--quiet")
    task_id, status, *_ = shell.ok("tasks").split("\t")
    assert status == "succeeded"
    watched = shell.run("show", task_id, "--watch", "--json")
    assert json.loads(watched.stdout)["task_id"] == task_id
    assert [line.split()[-1] for line in watched.stderr.splitlines()] == ["queued", "running", "succeeded"]
    assert shell.ok("get", task_id, "-o", "got") == "got/a-sepia.jpeg\n"
    assert opened(tmp_path / "got/a-sepia.jpeg").size == (64, 48)
    shell.ok("rm", task_id)
    assert shell.ok("tasks") == ""


def test_labels(shell: Shell) -> None:
    shell.ok("apply", "photos/a.jpg", "-f", "sepia", "--reference", "order 7", "--tag", "red", "--tag", "shoes", "-q")
    shell.ok("apply", "photos/a.jpg", "-f", "invert", "--tag", "red", "-q")
    newer, older = (json.loads(line) for line in shell.ok("tasks", "--tag", "red", "--json").splitlines())
    assert (older["reference"], older["tags"], newer["tags"]) == ("order 7", ["red", "shoes"], ["red"])
    assert shell.ok("tasks", "--tag", "red", "--tag", "shoes").startswith(older["task_id"])
    assert shell.ok("tasks", "--reference", "order 8") == ""
    assert "reference order 7\ntags      red, shoes\n" in shell.ok("show", older["task_id"])


def test_warnings_go_to_stderr(shell: Shell) -> None:
    done = shell.run("apply", "photos/a.jpg", "-f", "contrast:amount=0", "--json")
    assert done.code == 0
    assert "darkroom: photos/a.jpg: warning: contrast changes nothing" in done.stderr
    found = json.loads(done.stdout)
    assert [each["code"] for each in found["warnings"]] == ["step_without_effect"]
    assert "warning   contrast changes nothing" in shell.ok("show", found["task_id"])
    stdin = shell.run("apply", "-", "-f", "contrast:amount=0", stdin=sample_image())
    assert "darkroom: -: warning: contrast changes nothing" in stdin.stderr


def test_filters_are_described(shell: Shell) -> None:
    assert "sigma\t0.3..250 px\t2\t" in shell.ok("filters", "blur")
    assert "temperature\tamount=45" in shell.ok("filters", "warm")
    names = {json.loads(line)["name"] for line in shell.ok("filters", "--json").splitlines()}
    assert {"blur", "warm"} <= names


def test_a_delivery_url(shell: Shell) -> None:
    url = shell.ok("url", "photos/a.jpg", "-f", "resize:width=10", "--format", "webp", "--expires", "1h").strip()
    answer = httpx.get(url, timeout=60)
    assert Image.open(io.BytesIO(answer.content)).size == (10, 8)


def test_a_delivery_url_has_the_format_of_its_preset(shell: Shell) -> None:
    with ApiClient(shell.url) as client:
        preset = {"pipeline": [{"filter": "resize", "width": 10}], "output": {"format": "webp"}}
        assert client.http.put("/v1/presets/small", json=preset).is_success
        key = client.http.post("/v1/api-keys", json={"name": "a test", "scopes": ["read", "write", "deliver"]}).json()
        assert client.http.post("/v1/delivery-keys").is_success
        done = shell.run("url", "photos/a.jpg", "--preset", "small", DARKROOM_TOKEN=key["key"])
    assert done.code == 0, done.stderr
    assert httpx.get(done.lines[0], timeout=60).headers["content-type"] == "image/webp"


def test_a_watched_folder(shell: Shell, photos: Path, tmp_path: Path) -> None:
    running = shell.start("apply", "--watch", "photos", "-f", "sepia", "-o", "done")
    try:
        wait_for(lambda: (tmp_path / "done/a.jpg").exists() and (tmp_path / "done/deep/b.png").exists())
        (photos / "new.jpg").write_bytes(sample_image())
        wait_for((tmp_path / "done/new.jpg").exists)
        assert interrupt(running) == 130
    finally:
        running.kill()
        running.communicate()


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Deployment]:
    with deployed(embedded_settings(tmp_path), tmp_path) as deployment:
        yield deployment


def test_nothing_is_lost_or_done_twice(own_service: Deployment, tmp_path: Path) -> None:
    """The service is killed twice, and the command interrupted once, while it renders many files."""
    service = own_service.start_api()
    shell = Shell(home=tmp_path, url=own_service.url)
    shell.sign_up()
    (tmp_path / "many").mkdir()
    for number in range(FILES):
        Image.new("RGB", (32, 24), (number, 255 - number, 99)).save(tmp_path / f"many/{number}.png")

    arguments = ("apply", "many", "-f", "invert", "-o", "out")
    running = shell.start(*arguments)
    wait_for(lambda: _count(tmp_path) > FILES // 5)
    service.kill()
    service = own_service.start_api()
    wait_for(lambda: _count(tmp_path) > FILES // 2)
    assert interrupt(running) == 130
    service.kill()
    own_service.start_api()
    shell.ok(*arguments)

    assert _count(tmp_path) == FILES
    for number in range(FILES):
        assert opened(tmp_path / f"out/{number}.png").convert("RGB").getpixel((0, 0)) == (255 - number, number, 156)
    key = json.loads((tmp_path / ".config/darkroom/logins.json").read_text())["logins"][own_service.url]["key"]
    with Client(own_service.url, key) as client:
        assert [task.status for task in client.tasks()] == ["succeeded"] * FILES


def _count(directory: Path) -> int:
    return len(list((directory / "out").glob("*.png")))
