"""The commands that docs/runbook.md tells an operator to run."""

import re
import shlex
from dataclasses import dataclass

from tests.harness.deployment import ROOT

RUNBOOK = ROOT / "docs/runbook.md"
_NUMBER = "1"  # in place of the N that the reader fills in
_WITH_CONTAINERS = {"ps", "exec", "run", "up", "restart", "stats"}


@dataclass(frozen=True)
class Command:
    """A code span, as it is written."""

    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(re.sub(r"\bN\b", _NUMBER, self.text))

    @property
    def compose(self) -> list[str]:
        """Return the arguments of `make compose`, or an empty list."""
        _, target, *assignments = self.words
        if target != "compose":
            return []
        (arguments,) = (each.removeprefix("ARGS=") for each in assignments)
        return shlex.split(arguments)

    @property
    def service(self) -> str:
        """Return the service of `make compose`, or an empty string if it is about all."""
        arguments = self.compose
        if "--profile" in arguments[:1]:
            arguments = arguments[2:]
        command, *arguments = arguments
        assert command in _WITH_CONTAINERS, self.text
        named = [each for each in arguments if not each.startswith("-")]
        return named[0] if named else ""

    @property
    def module(self) -> list[str]:
        """Return the arguments of `python -m` in a container of Darkroom, or an empty list."""
        arguments = self.compose
        return arguments[arguments.index("python") + 1 :] if "python" in arguments else []


def commands() -> list[Command]:
    spans = re.findall(r"`([^`\n]+)`", RUNBOOK.read_text())
    return [Command(text) for text in dict.fromkeys(spans) if text.startswith(("make ", "docker ", "python ", "sh "))]
