"""Holds promise 26: hostile code in a render child reaches nothing: no socket, shell, secret or file."""

import asyncio
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from core.errors import PermanentError
from rendering import Renderer, RenderSettings, open_renderer
from rendering.sandbox import ACTIVE, enter_sandbox, seccomp
from rendering.sandbox.syscalls import FORBIDDEN, NEW, SPECIAL
from tests.harness.forkservers import forkservers
from tests.unit.worker.bench import SEPIA, hostile_renderer, sample_image

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox requires Linux"),
    pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="no list of its system calls"),
]
ROOT = Path(__file__).parents[3]
UNKNOWN_MACHINE = "tests.unit.rendering.unknown_machine"
SECRET = "hunter2-of-the-service"


@pytest.fixture
async def renderer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Renderer]:
    monkeypatch.setenv("DARKROOM_S3_SECRET_ACCESS_KEY", SECRET)
    async with hostile_renderer() as renderer:
        yield renderer


def names_in(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir()]


async def attempt(renderer: Renderer, attack: str, target: object = "") -> str:
    """What came of it. The child that it happened in renders on."""
    step = {"filter": "hostile", "act": "attempt", "argument": f"{attack} {target}"}
    with pytest.raises(PermanentError) as told:
        await renderer.render(sample_image(), pipeline=[step], output_options={})
    assert (await renderer.render(sample_image(), pipeline=[SEPIA], output_options={})).width == 40
    return told.value.detail.partition(": ")[2]


async def test_every_layer_of_the_sandbox_is_active_and_reported(renderer: Renderer) -> None:
    """Holds promise 26."""
    assert renderer.sandbox == {"no_new_privileges": ACTIVE, "landlock": ACTIVE, "seccomp": ACTIVE}
    (forkserver,) = forkservers()
    status = await asyncio.to_thread(Path(f"/proc/{forkserver.children()[0].pid}/status").read_text)
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status


async def test_no_socket(renderer: Renderer) -> None:
    """Holds promise 26."""
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"):
        assert (await attempt(renderer, "socket", family)).startswith("refused: [Errno 13]"), family


async def test_no_connection(renderer: Renderer) -> None:
    """Holds promise 26."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = await attempt(renderer, "connect", f"127.0.0.1:{server.getsockname()[1]}")
    assert found.startswith("refused: [Errno 13]")
    assert (await attempt(renderer, "socketpair")).startswith("refused: [Errno 13]")


async def test_no_shell_and_no_other_process(renderer: Renderer) -> None:
    """Holds promise 26."""
    for attack in ("shell", "exec", "spawn", "subprocess", "fork", "clone"):
        assert (await attempt(renderer, attack, "/bin/true")).startswith("refused"), attack


async def test_no_look_at_other_processes(renderer: Renderer) -> None:
    """Holds promise 26: the environment and the memory of the service hold the secrets."""
    (forkserver,) = forkservers()
    for pid in (os.getpid(), forkserver.pid, "self", 1):
        for what in ("environ", "mem", "maps", "cmdline"):
            assert (await attempt(renderer, "read", f"/proc/{pid}/{what}")).startswith("refused: [Errno 13]"), what
        assert (await attempt(renderer, "list", f"/proc/{pid}/fd")).startswith("refused: [Errno 13]")


async def test_no_secret_in_its_own_environment(renderer: Renderer) -> None:
    """Holds promise 26."""
    found = await attempt(renderer, "environment")
    assert "PILLOW_BLOCKS_MAX" in found
    assert "DARKROOM_S3" not in found
    assert SECRET not in found


async def test_no_file_but_code_and_fonts(renderer: Renderer, tmp_path: Path) -> None:
    """Holds promise 26."""
    (secret := tmp_path / "darkroom.sqlite").write_text("secret")
    for path in (secret, "/etc/passwd", "/etc/hostname", ROOT / "pyproject.toml", ROOT / "uv.lock", sys.executable):
        assert (await attempt(renderer, "read", path)).startswith("refused: [Errno 13]"), path
    for path in (tmp_path, "/", "/tmp", Path.home(), "/proc"):  # noqa: S108
        assert (await attempt(renderer, "list", path)).startswith("refused: [Errno 13]"), path
    for path in (ROOT / "imaging" / "fonts").glob("*.ttf"):
        assert (await attempt(renderer, "read", path)).startswith("succeeded"), path


async def test_no_file_is_written_changed_or_removed(renderer: Renderer, tmp_path: Path) -> None:
    """Holds promise 26."""
    (there := tmp_path / "there").write_text("as it was")
    before = there.stat()
    for attack in ("write", "append", "unlink", "rename", "chmod", "link", "truncate"):
        assert (await attempt(renderer, attack, there)).startswith("refused: [Errno 13]"), attack
    own = [tmp_path, Path.home(), Path("/tmp"), Path("/"), ROOT, ROOT / "core", Path("/dev/shm")]  # noqa: S108
    for directory in own:
        for attack in ("write", "make"):
            new = directory / "made-by-a-picture"
            assert (await attempt(renderer, attack, new)).startswith("refused: [Errno 13]"), new
            assert not new.exists()
    assert there.read_text() == "as it was"
    assert (there.stat().st_mode, there.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert names_in(tmp_path) == [there.name]


async def test_no_signal_to_others(renderer: Renderer) -> None:
    """Holds promise 26."""
    (forkserver,) = forkservers()
    for pid in (os.getpid(), forkserver.pid, 1, 0, -1):
        assert (await attempt(renderer, "kill", pid)).startswith("refused: [Errno 13]"), pid
    assert forkserver.is_running()


async def test_every_system_call_on_the_list_is_rejected(renderer: Renderer) -> None:
    """Holds promise 26; and what Linux has had since 5.0, or calls by the numbers of x32, is not there."""
    column = ("x86_64", "aarch64").index(platform.machine())
    listed = [number for numbers in FORBIDDEN.values() if (number := numbers[column]) is not None]
    new = [NEW, 425, 434, 435, 437, 447, 900, 0x40000029]  # io_uring, pidfd, clone3, openat2, memfd_secret ...
    found = await attempt(renderer, "calls", " ".join(map(str, listed + new)))
    assert found == f"succeeded: { {errno.EACCES: listed, errno.ENOSYS: new} }"


async def test_threads_of_codecs_work_in_the_same_sandbox(renderer: Renderer) -> None:
    """Holds promise 26."""
    assert await attempt(renderer, "thread") == "succeeded: ['walled in']"


async def test_where_a_layer_is_missing_images_are_rendered_and_it_is_reported() -> None:
    """Holds promise 26."""
    settings = RenderSettings(
        max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=20, preload=(UNKNOWN_MACHINE,)
    )
    with capture_logs() as log:
        async with open_renderer(settings, slots=1, timeout_seconds=20) as renderer:
            assert (await renderer.render(sample_image(), pipeline=[SEPIA], output_options={})).width == 40
    missing = {"seccomp": "No system call table for riscv64"}
    assert renderer.sandbox == {"no_new_privileges": ACTIVE, "landlock": ACTIVE} | missing
    assert log == [{"event": "sandbox_incomplete", "log_level": "warning"} | missing]
    assert REGISTRY.get_sample_value("darkroom_render_isolation", {"layer": "seccomp"}) == 0
    assert REGISTRY.get_sample_value("darkroom_render_isolation", {"layer": "landlock"}) == 1


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert set(enter_sandbox().values()) == {"Requires Linux"}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("name", "arguments", "verdict"),
    [
        ("openat", (0, 0, os.O_RDONLY | os.O_CLOEXEC), "allow"),
        ("openat", (0, 0, os.O_WRONLY), "refuse"),
        ("openat", (0, 0, os.O_RDWR | os.O_CLOEXEC), "refuse"),
        ("openat", (0, 0, os.O_CREAT), "refuse"),
        ("kill", (42, 9), "allow"),
        ("kill", (41, 9), "refuse"),
        ("tgkill", (42, 43, 9), "allow"),
        ("tgkill", (1, 1, 9), "refuse"),
        ("prlimit64", (0, 0), "allow"),
        ("prlimit64", (42, 0), "refuse"),
        ("clone", (0x3D0F00,), "allow"),
        ("clone", (0x1200011,), "refuse"),
        ("socket", (2, 1), "refuse"),
        ("execve", (), "refuse"),
        ("unlinkat", (), "refuse"),
    ],
)
def test_what_the_filter_does_on_each_machine(
    machine: str, name: str, arguments: tuple[int, ...], verdict: str
) -> None:
    """Holds promise 26, on machines that these tests do not run on too."""
    column, architecture = seccomp._MACHINES[machine]  # noqa: SLF001 - its kernel is not at hand
    program = seccomp._filter(machine, pid=42)  # noqa: SLF001
    number = (SPECIAL | FORBIDDEN)[name][column]
    assert number is not None
    assert _run(program, number, architecture, *arguments) == verdict
    assert _run(program, number, architecture ^ 1, *arguments) == "kill"


def _run(program: bytes, number: int, architecture: int, *arguments: int) -> str:
    """As the kernel does: see linux/filter.h."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    at, loaded = 0, 0
    while True:
        code, then, otherwise, value = struct.unpack_from("=HBBI", program, 8 * at)
        if code == 0x06:
            return {0x7FFF0000: "allow", 0x80000000: "kill", 0x00050000: "refuse"}[value & 0xFFFF0000]
        holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}.get(code)
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
        at += 1 + (0 if holds is None else then if holds else otherwise)


async def test_nothing_of_the_image_before(renderer: Renderer) -> None:
    """The shared memory is the same for the renders of a process, and they are of different users."""
    marker = "BYTES-OF-ANOTHER-USER"
    padding = bytes(500_000)  # beyond what the next source overwrites
    await renderer.render(sample_image() + padding + marker.encode(), pipeline=[SEPIA], output_options={})
    assert await attempt(renderer, "leftover", marker) == "succeeded: 'nothing'"
