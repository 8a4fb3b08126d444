"""Runs the command `darkroom` as a user does: a directory and a home of their own, nothing else in the environment."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.harness.deployment import ROOT


@dataclass(frozen=True, kw_only=True)
class Shell:
    home: Path
    url: str

    def run(self, *arguments: str, stdin: bytes = b"", stdout: IO[bytes] | None = None, **environment: str) -> "Done":
        """Return what it printed, unless `stdout` is a file that gets it."""
        process = self.start(*arguments, stdout=stdout, **environment)
        printed, stderr = process.communicate(stdin)
        return Done(code=process.returncode, stdout=printed or b"", stderr=stderr.decode())

    def start(self, *arguments: str, stdout: IO[bytes] | None = None, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "darkroom", *arguments],
            cwd=self.home,
            env=self.environment() | environment,
            stdin=subprocess.PIPE,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ok(self, *arguments: str, stdin: bytes = b"") -> str:
        """Return what it prints."""
        done = self.run(*arguments, stdin=stdin)
        assert done.code == 0, done
        return done.stdout.decode()

    def sign_up(self) -> None:
        done = self.run(
            "login", self.url, "--new", "--email", f"{os.urandom(6).hex()}@example.com", stdin=b"correct horse\n"
        )
        assert done.code == 0, done

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        own = {"HOME": str(self.home), "PATH": os.defpath, "PYTHONPATH": str(ROOT), "DARKROOM_URL": self.url}
        return (
            kept | own | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        )  # not that of who runs the tests


@dataclass(frozen=True, kw_only=True)
class Done:
    code: int
    stdout: bytes
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stdout.decode().splitlines()


def interrupt(process: subprocess.Popen[bytes]) -> int:
    """Press Ctrl+C. Return the exit code."""
    process.send_signal(signal.SIGINT)
    process.communicate()
    return process.returncode
