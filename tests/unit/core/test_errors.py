"""Codes are a contract with whoever calls the API: each stands for one class, and changes never."""

from collections.abc import Iterator

import pytest

from core import errors
from core.errors import DarkroomError, DependencyUnavailable, InvalidRequest, PermanentError, Problem, TransientError

CODES = {
    "ClientError": "invalid_request",
    "ConfigurationError": "configuration_error",
    "DarkroomError": "internal_error",
    "DependencyUnavailable": "dependency_unavailable",
    "EmailTaken": "email_taken",
    "ImageInUse": "image_in_use",
    "ImageTooLarge": "image_too_large",
    "InvalidCredentials": "invalid_credentials",
    "InvalidImage": "invalid_image",
    "InvalidPipeline": "invalid_pipeline",
    "InvalidStep": "invalid_step",
    "NotFound": "not_found",
    "PermanentError": "render_failed",
    "RegistrationClosed": "registration_closed",
    "RenderTimeout": "timeout",
    "ResourceLimit": "resource_limit",
    "SourceMissing": "source_missing",
    "SourceRejected": "source_rejected",
    "StorageFull": "storage_full",
    "TaskNotSucceeded": "task_not_succeeded",
    "TransientError": "try_again",
    "Unauthenticated": "unauthenticated",
    "UnsupportedImage": "unsupported_image",
    "UnsupportedImageFeature": "unsupported_image_feature",
    "UploadTooLarge": "upload_too_large",
    "WorkerLost": "worker_lost",
}


def _tree(root: type[DarkroomError]) -> Iterator[type[DarkroomError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


TREE = [each for each in _tree(DarkroomError) if each.__module__ == errors.__name__]


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_that_a_code_stays_what_it_was(name: str, code: str) -> None:
    assert getattr(errors, name).code == code


def test_that_no_two_errors_share_a_code_of_their_own() -> None:
    own = [each.code for each in TREE if "code" in vars(each)]
    assert len(own) == len(set(own))


def test_that_the_tree_is_drawn_as_it_is() -> None:
    drawing = errors.__doc__ or ""
    assert all(each.__name__ in drawing for each in TREE)


def test_that_another_attempt_is_decided_by_the_class() -> None:
    assert not any(issubclass(each, PermanentError) and issubclass(each, TransientError) for each in TREE)


def test_that_an_error_speaks_to_people_and_machines() -> None:
    error = DependencyUnavailable("database", "No answer in 5 s.")
    assert (str(error), error.detail, error.dependency, error.code) == (
        "No answer in 5 s.",
        "No answer in 5 s.",
        "database",
        "dependency_unavailable",
    )
    problem = Problem("pipeline.2.sigma", "too large")
    assert InvalidRequest("No.", problems=(problem,)).problems == (problem,)
    assert InvalidRequest("No.").problems == ()
