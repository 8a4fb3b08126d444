"""The wheel: one import name, the client alone, and the whole service with the extra `server`."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.harness.client import sample_image
from tests.harness.deployment import ROOT, Service
from tests.harness.ports import free_port
from tests.harness.uv import run_uv


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    run_uv("build", "--quiet", "--out-dir", str(directory))
    (built,) = directory.glob("*.whl")
    return built


def install(wheel: Path, environment: Path, *, extra: str = "") -> Path:
    """Install the wheel with the versions of uv.lock into a new environment. Return its command."""
    locked = environment.with_suffix(".txt")
    exported = run_uv("export", "--quiet", "--frozen", "--all-extras", "--no-emit-project", "--no-hashes")
    locked.write_text(exported)
    run_uv("venv", "--quiet", "--python", sys.executable, str(environment))
    run_uv(
        *("pip", "install", "--quiet", "--python", str(environment / "bin/python"), "--constraint", str(locked)),
        f"darkroom-images{extra} @ {wheel.as_uri()}",
    )
    return environment / "bin/darkroom"


def run(command: Path, *arguments: str, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run it in a new home directory, with an empty environment."""
    return subprocess.run(  # noqa: S603 - the command under test
        [command, *arguments],
        cwd=home,
        env={"HOME": str(home), "PATH": os.defpath},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_only_import_name_is_darkroom(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"darkroom"}


def test_the_client_is_a_download_of_less_than_10_mb(wheel: Path) -> None:
    """The sizes of its libraries are in uv.lock."""
    packages = {each["name"]: each for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    locked = run_uv("export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-project", "--no-hashes")
    names = {line.partition("==")[0] for line in locked.splitlines() if "==" in line and "sys_platform" not in line}
    assert {"httpx", "rich", "click"} <= names
    sizes = [max(each["size"] for each in packages[name]["wheels"]) for name in names]
    assert wheel.stat().st_size + sum(sizes) < 10_000_000


def test_without_extras_the_command_says_how_to_get_the_service(wheel: Path, tmp_path: Path) -> None:
    command = install(wheel, tmp_path / "env")
    installed = {path.name for path in (tmp_path / "env").glob("lib/python*/site-packages/*")}
    assert installed.isdisjoint({"fastapi", "sqlalchemy", "PIL", "cv2", "numpy", "pydantic"})
    done = run(command, "up", home=tmp_path)
    assert done.returncode == 2
    assert "uv tool install '.[server]'" in done.stderr


def test_an_installed_service_renders(wheel: Path, tmp_path: Path) -> None:
    command = install(wheel, tmp_path / "env", extra="[server]")
    assert run(command, "--version", home=tmp_path).stdout == "darkroom 0.1.0\n"
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the command under test
            [command, "up", "--port", str(port)],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.defpath},
            stdout=output,
            stderr=output,
        )
    service = Service(process=process, url=f"http://127.0.0.1:{port}", log=log)
    try:
        service.wait_until_ready()
        _render(command, service.url, home=tmp_path)
        service.stop()
    finally:
        process.kill()
        process.wait()
    assert (tmp_path / ".local/share/darkroom/darkroom.db").exists()
    assert f"Darkroom serves at {service.url}" in log.read_text()


def _render(command: Path, url: str, *, home: Path) -> None:
    """Sign up and apply a filter, with what is installed."""
    (home / "photo.jpg").write_bytes(sample_image())
    login = ("login", url, "--new", "--email", "me@example.com")
    assert run(command, *login, home=home, stdin="correct horse\n").returncode == 0
    applied = run(command, "apply", "photo.jpg", "-f", "resize:width=10", "--format", "webp", home=home)
    assert (applied.returncode, applied.stdout) == (0, "photo-resize.webp\n"), applied.stderr
    with Image.open(home / "photo-resize.webp") as image:
        assert (image.format, image.size) == ("WEBP", (10, 8))
