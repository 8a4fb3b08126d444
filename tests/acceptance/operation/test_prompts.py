"""What an operator is asked for at a terminal."""

import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.harness.deployment import ROOT, embedded_settings, environment_of_a_user


def at_a_terminal(settings: dict[str, str], *arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run `python -m api.users`, type each answer after its question, and return the exit code and what was shown."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execve(  # noqa: S606 - our own module
            sys.executable, [sys.executable, "-m", "api.users", *arguments], environment_of_a_user(settings)
        )
    shown, left = "", list(answers)
    with suppress(OSError):  # the end, on Linux
        while data := os.read(terminal, 4096):
            shown += data.decode()
            if left and left[0][0] in shown:
                os.write(terminal, f"{left.pop(0)[1]}\n".encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


@pytest.mark.parametrize(
    ("again", "code", "message"),
    [
        ("correct horse", 0, "Added me@example.com. They can sign in now."),
        ("correct hoarse", 2, "darkroom: The two passwords differ; nothing was changed."),
    ],
)
def test_a_password_is_asked_for_twice_and_not_shown(tmp_path: Path, again: str, code: int, message: str) -> None:
    settings = embedded_settings(tmp_path)
    answers = [("Password (at least 8 characters): ", "correct horse"), ("The same again: ", again)]
    ended, shown = at_a_terminal(settings, "add", "me@example.com", answers=answers)
    assert (ended, "correct h" in shown) == (code, False), shown
    assert message in shown


def test_a_deletion_is_confirmed_by_the_address(tmp_path: Path) -> None:
    settings = embedded_settings(tmp_path)
    answers = [("Password (at least 8 characters): ", "correct horse"), ("The same again: ", "correct horse")]
    at_a_terminal(settings, "add", "me@example.com", answers=answers)
    question = "Type me@example.com to delete the account with its images: "
    for typed, code, message in (
        ("me@example.org", 2, "The address differs; nothing was deleted."),
        ("me@example.com", 0, "Deleted me@example.com"),
    ):
        ended, shown = at_a_terminal(settings, "delete", "me@example.com", answers=[(question, typed)])
        assert (ended, message in shown) == (code, True), shown
