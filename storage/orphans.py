"""`python -m storage.orphans`: lists objects that no row names, and allows the deletion of those held back."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from core.errors import ConfigurationError, DarkroomError
from core.settings import Settings, read_settings
from storage import OrphanMarks, OrphanReason, open_orphan_marks

_MAX_LISTED = 1000
_REASONS = {
    OrphanReason.NO_ROW: "no image, task or delivered image has this id",
    OrphanReason.OTHER_OUTPUT: "its task names another output, or none",
}


def main(given: Sequence[str] | None = None, *, prog: str = "python -m storage.orphans") -> int:
    """Return the exit code: 0, or 1 if the database cannot be used."""
    allowed: int | None = _parser(prog).parse_args(given).allow
    try:
        asyncio.run(_run(read_settings(), allowed, prog=prog))
    except DarkroomError as error:
        sys.stderr.write(f"darkroom: {error.detail}\n")
        return 1
    return 0


async def _run(settings: Settings, allowed: int | None, *, prog: str) -> None:
    async with open_orphan_marks(settings) as marks:
        if allowed is None:
            await _list(marks, trash_seconds=settings.orphan_trash_seconds, prog=prog)
        elif await marks.allow(allowed):
            sys.stdout.write(f"The next collection may delete {allowed} orphans, once.\n")
        else:
            raise ConfigurationError("No service has used this database yet, so it has no orphans.")


async def _list(marks: OrphanMarks, *, trash_seconds: float, prog: str) -> None:
    state, due = await marks.state(), await marks.count_due(trash_seconds=trash_seconds)
    for orphan in await marks.list(limit=_MAX_LISTED):
        sys.stdout.write(f"{orphan.found_at:%Y-%m-%d %H:%M}Z  {orphan.key}  {_REASONS[orphan.reason]}\n")
    sys.stdout.write(f"{state.marked} orphans, the oldest {min(state.marked, _MAX_LISTED)} listed. {due} are due")
    sys.stdout.write(f" after {trash_seconds:g} s.\n")
    if state.held:
        sys.stdout.write(
            f"{state.held} are held back: one collection deletes at most 1 % of the objects, or 25. If this is the "
            f"right database, allow them: {prog} --allow {state.held}\n"
        )
    if state.allowed:
        sys.stdout.write(f"The next collection may delete {state.allowed}.\n")


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="List objects that no row names, with time and reason. Can run while the service runs.",
    )
    parser.add_argument("--allow", type=_count, metavar="N", help="Let the next collection delete N of them, once.")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of orphans.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
