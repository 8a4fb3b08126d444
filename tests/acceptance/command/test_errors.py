"""Errors of the commands, in words, with exit codes: files, logins and services that are not as expected."""

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.harness.client import sample_image
from tests.harness.ports import free_port
from tests.harness.shell import Shell

pytestmark = pytest.mark.usefixtures("photos")


def test_some_fail(any_shell: Shell, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(sample_image()[:500])
    (photos / "text.png").write_text("no image")
    done = any_shell.run("apply", "photos", "-f", "sepia", "-o", "out", "--json")
    failed = {each["file"]: each["error"]["code"] for line in done.lines if (each := json.loads(line))["error"]}
    assert (done.code, failed) == (1, {"photos/broken.jpg": "invalid_image", "photos/text.png": "unsupported_image"})
    assert "darkroom: photos/text.png: " in done.stderr
    assert len(done.lines) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["apply", "photos", "-f", "sepiaa"], 2, "Did you mean 'sepia'?"),
        (["apply", "photos", "-f", "blur:4"], 2, "write it as name=value"),
        (["apply", "none.jpg", "-f", "sepia"], 2, "none.jpg: there is no such file"),
        (["apply", "photos", "-f", "sepia", "-o", "photos"], 1, "would replace the source"),
        (["apply", "-f", "sepia"], 2, "Name files or folders"),
        (["apply", "photos", "-f", "sepia", "--preset", "card"], 2, "either --filter or --preset"),
        (["filters", "blurr"], 2, "Did you mean blur"),
        (["apply", "photos", "-f", "watermark:image_id=@none.png"], 2, "there is no file none.png"),
        (["apply", "empty", "-f", "sepia"], 2, "There is no image in empty"),
        (["apply", "pipe.png", "-f", "sepia"], 2, "read with - from standard input"),
        (["apply", "photos/a.jpg", "-f", "sepia", "-o", "photos/a.jpg/x"], 1, "photos/a.jpg/x: Not a directory."),
        (["apply", "-", "-f", "sepia"], 2, "darkroom: The image is missing or empty.\n"),
        (["apply", "-", "-f", "sepia", "--json"], 2, "--json needs -o"),
        (["apply", "photos/a.jpg", "--watch", "photos", "-f", "sepia"], 2, "--watch needs -o"),
        (["aply"], 2, "Did you mean 'apply'?"),
        (["login", "--new", "--email", "nobody"], 2, "There is no password on standard input"),
        (["login", "http://[::1"], 2, "Write it with its scheme, such as http://127.0.0.1:8000."),
        (["url", "none.jpg", "-f", "sepia"], 2, "none.jpg: there is no such file"),
        (["show", "01a229f2-07aa-78f1-85b6-de4cce16daa7"], 1, "There is no task 01a229f2-07aa-78f1-85b6-de4cce16daa7"),
        (["rm", "../images"], 1, "None of your tasks and images has the id ../images. Deleted: 0."),
        (["url", "01a229f2-07aa-78f1-85b6-de4cce16daa7"], 2, "--format webp"),
    ],
)
def test_errors_in_words(any_shell: Shell, arguments: list[str], code: int, message: str) -> None:
    (any_shell.home / "empty").mkdir()
    os.mkfifo(any_shell.home / "pipe.png")
    done = any_shell.run(*arguments)
    assert (done.code, message in done.stderr) == (code, True), done
    assert "Traceback" not in done.stderr


def test_names_that_are_no_text_and_files_that_are_none(any_shell: Shell, photos: Path) -> None:
    """A pipe would be read forever. A link that leads nowhere fails, and nothing else with it."""
    (photos / os.fsdecode(b"\xe9t\xe9 1:2?.jpg")).write_bytes(sample_image())
    os.mkfifo(photos / "pipe.jpg")
    (photos / "away.jpg").symlink_to("nowhere")
    (photos / "loop").symlink_to("..")
    done = any_shell.run("apply", "photos", "-f", "sepia", "-o", "out")
    assert (done.code, done.stderr) == (1, "darkroom: photos/away.jpg: No such file or directory.\n")
    assert sorted(done.stdout.splitlines()) == [b"out/a.jpg", b"out/deep/b.png", b"out/\xe9t\xe9 1:2?.jpg"]


def test_no_room_for_the_output(any_shell: Shell) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("/dev/full is a device of Linux")
    with full.open("wb") as file:
        done = any_shell.run("apply", "-", "-f", "sepia", stdin=sample_image(), stdout=file)
        listed = any_shell.run("filters", stdout=file)
    for each in (done, listed):
        assert (each.code, each.stderr) == (
            1,
            "darkroom: No space left on device. Free some space, or choose another folder.\n",
        )


@pytest.mark.parametrize("content", ["{", "[]"])
def test_logins_that_are_damaged(any_shell: Shell, content: str) -> None:
    (any_shell.home / ".config/darkroom/logins.json").write_text(content)
    done = any_shell.run("whoami")
    assert (done.code, "logins.json is damaged. Sign in again with `darkroom login`" in done.stderr) == (3, True), done
    any_shell.sign_up()
    any_shell.ok("whoami")


def test_keys_that_are_invalid(any_shell: Shell) -> None:
    done = any_shell.run("tasks", DARKROOM_TOKEN="nonsense")
    assert (done.code, "The token in DARKROOM_TOKEN is invalid" in done.stderr) == (3, True), done
    done = any_shell.run("login", "--email", "me@example.com", stdin=b"wrong password\n")
    assert (done.code, done.stderr) == (3, "darkroom: Invalid email or password.\n")


@pytest.fixture
def other_server() -> Iterator[str]:
    """Yield the URL of a server that is none of Darkroom."""
    with HTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Other(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v1/filters" else 404)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_is_another(tmp_path: Path, other_server: str) -> None:
    shell = Shell(home=tmp_path, url=other_server)
    done = shell.run("filters")
    assert (done.code, f"at {other_server}/v1/filters is no Darkroom service" in done.stderr) == (4, True), done
    done = shell.run("tasks")
    assert (done.code, "answered 404. Is it the URL of a Darkroom service?" in done.stderr) == (1, True), done
    done = Shell(home=tmp_path, url=other_server.replace("http:", "https:")).run("filters")
    assert (done.code, "the URL may begin with http://" in done.stderr) == (4, True), done


def test_a_service_that_is_away(tmp_path: Path) -> None:
    done = Shell(home=tmp_path, url=f"http://127.0.0.1:{free_port()}").run("filters")
    assert done.code == 4
    assert "Start a service with `darkroom up`, or set DARKROOM_URL" in done.stderr
