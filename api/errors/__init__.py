"""Maps error classes to status codes, and errors to RFC 9457 problem details."""

from api.errors.handlers import install
from api.errors.headers import headers_of
from api.errors.problems import PROBLEM_MEDIA_TYPE, problem, unexpected
from api.errors.statuses import STATUS, error_responses, status_of

__all__ = [
    "PROBLEM_MEDIA_TYPE",
    "STATUS",
    "error_responses",
    "headers_of",
    "install",
    "problem",
    "status_of",
    "unexpected",
]
