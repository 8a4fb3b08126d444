"""Writes docs/errors.md from the error tree (`make fix`); tests/unit/test_docs.py compares them."""

import re
from collections.abc import Iterator

from api.errors import STATUS, status_of
from core import errors
from core.errors import DarkroomError
from imaging import WARNING_MEANINGS
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import replace_generated_part, table

PAGE = ROOT / "docs" / "errors.md"
_BRANCH = re.compile(r"── (\w+) +(\S.*)")
_ENDING_A_TASK = (
    *(errors.InvalidImage, errors.UnsupportedImageFeature, errors.ImageTooLarge, errors.InvalidStep),
    *(
        errors.InvalidPipeline,
        errors.InvalidOutput,
        errors.SourceMissing,
        errors.PermanentError,
        errors.ResourceLimit,
        errors.RenderTimeout,
        errors.WorkerLost,
    ),
    errors.DependencyUnavailable,
    errors.StorageFull,
)
_ABSTRACT = {errors.RejectedByConnection}


def page() -> str:
    text = replace_generated_part(PAGE.read_text(), "errors of tasks", table(("code", "meaning", "attempts"), _tasks()))
    warnings = ((f"`{code}`", meaning) for code, meaning in WARNING_MEANINGS.items())
    text = replace_generated_part(text, "warnings", table(("code", "meaning"), warnings))
    return replace_generated_part(text, "errors of requests", table(("status", "code", "meaning"), _requests()))


def _tasks() -> Iterator[tuple[str, str, str]]:
    meanings = _meanings()
    for error in _ENDING_A_TASK:
        attempts = (
            "one" if issubclass(error, errors.PermanentError | errors.InvalidPipeline) else "`DARKROOM_MAX_ATTEMPTS`"
        )
        yield f"`{error.code}`", meanings[error.__name__], attempts
    yield (
        f"`{DarkroomError.code}`",
        "an error of the service, which its operator finds in the log",
        "`DARKROOM_MAX_ATTEMPTS`",
    )


def _requests() -> Iterator[tuple[str, str, str]]:
    """Yield each code once, by status. Classes without a code of their own are those of their parents."""
    meanings, seen = _meanings(), set[str]()
    answered = [
        each for each in _subclasses(DarkroomError) if issubclass(each, tuple(STATUS)) and each not in _ABSTRACT
    ]
    rows = [("405", "`method_not_allowed`", "the path exists, but not with this method; `Allow` lists those it has")]
    for error in sorted(answered, key=lambda each: each.code):
        if error.code not in seen and error.__name__ in meanings:
            seen.add(error.code)
            rows.append((f"{status_of(error):d}", f"`{error.code}`", meanings[error.__name__]))
    yield from sorted(rows)


def _subclasses(error: type[DarkroomError]) -> Iterator[type[DarkroomError]]:
    for each in error.__subclasses__():
        yield each
        yield from _subclasses(each)


def _meanings() -> dict[str, str]:
    """Return the remarks of the tree at the top of core/errors, by class."""
    return dict(_BRANCH.findall(errors.__doc__ or ""))
