"""Requests with fields or parameters that are wrong or missing, and what is wrong with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors.client import ClientError

MAX_PROBLEMS = 20  # of one step, of the output options, or of a body: nobody reads thousands of them


@dataclass(frozen=True, slots=True)
class Problem:
    """One error and its path, such as `pipeline.2.sigma`; steps count from 0 as in JSON.

    `code` and `values` say the same as `message` to programs, such as `less_than_equal` and {"le": 250}. If only the
    message explains the error, there is no code.
    """

    place: str
    message: str
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict, hash=False)


class InvalidRequest(ClientError):
    """`problems` names each error with its path in the request."""

    def __init__(self, detail: str, *, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(detail)
        self.problems = problems


class MalformedBody(InvalidRequest):
    code = "malformed_body"


class InvalidPipeline(InvalidRequest):
    code = "invalid_pipeline"


class InvalidOutput(InvalidPipeline):
    code = "invalid_output"
