"""The one error tree. The class says who can fix it; only the API turns it into a status code.

DarkroomError
├── ConfigurationError            the operator: a setting, a port, a directory
├── ClientError                   the client
│   ├── Unauthenticated           no session token or API key, or one that is invalid, expired or revoked
│   ├── InvalidCredentials        unknown email address or wrong password
│   ├── AccountDisabled           the operator has disabled the account
│   ├── SessionRequired           an API key, where only a session is valid
│   ├── InsufficientScope         an API key without the scope that the request needs
│   ├── RegistrationClosed        only the operator adds accounts
│   ├── EmailTaken                an account with this address exists
│   ├── UnknownHost               a Host header that names another service
│   ├── LinkInvalid               a link to an object without a valid signature
│   │   └── LinkExpired           a link whose time has passed
│   ├── RangeNotSatisfiable       bytes that the object does not have
│   ├── NotFound                  does not exist, or belongs to another user
│   ├── InvalidRequest            a field or parameter that is wrong or missing
│   │   ├── MalformedBody         a body that cannot be read at all
│   │   └── InvalidPipeline       an invalid step, perhaps with an invalid output option
│   │       └── InvalidOutput     an invalid output option
│   ├── BodyTimeout               the body stopped arriving
│   ├── UnsupportedMediaType      a media type that this route does not accept
│   ├── UnsupportedImage          not an image of a supported format
│   ├── UploadTooLarge            more bytes than the service accepts
│   ├── DeliveryKeyMissing        there is no key that could sign a URL
│   ├── QuotaExceeded             one more than a user may have, such as API keys
│   ├── ImageInUse                an unfinished task still needs the image
│   ├── TaskNotSucceeded          there is no output (yet)
│   ├── CrossSiteRequest          a page of another site used the session cookie
│   ├── IdempotencyKeyReused      the key of an earlier request with another body
│   ├── RequestInProgress         another request with the same key is in progress
│   ├── TooManyRequests           a rate limit or quota of a user or address
│   │   └── TooManyConcurrentRequests   of a user or address, in progress at a time
│   └── RejectedByConnection      ambiguous or endless HTTP: the connection is closed
│       ├── MalformedRequest      not valid HTTP
│       ├── HeaderTimeout         the header section was not complete in time
│       ├── TargetTooLong         the target of the request line
│       ├── HeadersTooLarge       bytes or fields of the header section
│       ├── UnsupportedTransferCoding   anything but chunked
│       └── UnsupportedHttpVersion      not HTTP/1.0 or 1.1
├── PermanentError                the image, which cannot be rendered: another attempt ends the same way
│   ├── InvalidImage              cannot be decoded: damaged, or no image
│   │   └── UnsupportedImageFeature   whole, but stored in a way that cannot be read
│   ├── ImageTooLarge             more pixels, frames or scans than the limits
│   ├── InvalidStep               a step that cannot be applied to this image
│   ├── SourceRejected            a named source that is not public, redirects or sends no image
│   ├── ResourceLimit             the render needs more memory or CPU time than it may use
│   └── SourceMissing             the source object no longer exists
└── TransientError                the environment: another attempt may succeed
    ├── DependencyUnavailable     the database, object store, session store, broker or a source is away
    │   ├── DatabaseOverloaded    too many requests wait for the database
    │   └── StorageFull           the database or the object store has no space left
    ├── Overloaded                more than this service takes at a time, whoever asks
    ├── WorkerLost                the render process or its worker died
    └── RenderTimeout             the render took longer than the wall clock allows
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


class DarkroomError(Exception):
    """Carries a stable `code` for machines and a `detail` for people."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ConfigurationError(DarkroomError):
    code = "configuration_error"


class ClientError(DarkroomError):
    code = "invalid_request"


class Unauthenticated(ClientError):
    code = "unauthenticated"


class InvalidCredentials(ClientError):
    code = "invalid_credentials"


class AccountDisabled(ClientError):
    code = "account_disabled"


class SessionRequired(ClientError):
    code = "session_required"


class InsufficientScope(ClientError):
    code = "insufficient_scope"


class RegistrationClosed(ClientError):
    code = "registration_closed"


class EmailTaken(ClientError):
    code = "email_taken"


class NotFound(ClientError):
    code = "not_found"


class UnknownHost(ClientError):
    code = "unknown_host"


class LinkInvalid(ClientError):
    code = "link_invalid"


class LinkExpired(LinkInvalid):
    code = "link_expired"


class RangeNotSatisfiable(ClientError):
    code = "range_not_satisfiable"

    def __init__(self, detail: str, *, size: int) -> None:
        super().__init__(detail)
        self.size = size  # of the whole object, in bytes


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


MAX_PROBLEMS = 20  # of one step, of the output options, or of a body: nobody reads thousands of them


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


class BodyTimeout(ClientError):
    code = "body_timeout"


class UnsupportedMediaType(ClientError):
    code = "unsupported_media_type"


class UnsupportedImage(ClientError):
    code = "unsupported_image"


class UploadTooLarge(ClientError):
    code = "upload_too_large"


class DeliveryKeyMissing(ClientError):
    code = "delivery_key_missing"


class QuotaExceeded(ClientError):
    code = "quota_exceeded"


class ImageInUse(ClientError):
    code = "image_in_use"


class TaskNotSucceeded(ClientError):
    code = "task_not_succeeded"


class CrossSiteRequest(ClientError):
    code = "cross_site_request"


class IdempotencyKeyReused(ClientError):
    code = "idempotency_key_reused"


class RequestInProgress(ClientError):
    code = "request_in_progress"
    retry_after_seconds = 1


class TooManyRequests(ClientError):
    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooManyConcurrentRequests(TooManyRequests):
    code = "too_many_concurrent_requests"


class RejectedByConnection(ClientError):
    """Raised before any route sees the request."""


class MalformedRequest(RejectedByConnection):
    code = "malformed_request"


class HeaderTimeout(RejectedByConnection):
    code = "header_timeout"


class TargetTooLong(RejectedByConnection):
    code = "target_too_long"


class HeadersTooLarge(RejectedByConnection):
    code = "headers_too_large"


class UnsupportedTransferCoding(RejectedByConnection):
    code = "unsupported_transfer_coding"


class UnsupportedHttpVersion(RejectedByConnection):
    code = "unsupported_http_version"


class PermanentError(DarkroomError):
    code = "render_failed"


class InvalidImage(PermanentError):
    code = "invalid_image"


class UnsupportedImageFeature(InvalidImage):
    """The detail names it: "This TIFF uses LERC compression, which is not supported."."""

    code = "unsupported_image_feature"


class ImageTooLarge(PermanentError):
    code = "image_too_large"


class InvalidStep(PermanentError):
    code = "invalid_step"


class ResourceLimit(PermanentError):
    code = "resource_limit"


class SourceRejected(PermanentError):
    code = "source_rejected"


class SourceMissing(PermanentError):
    code = "source_missing"


class TransientError(DarkroomError):
    code = "try_again"


class DependencyUnavailable(TransientError):
    """`dependency` is one of database, object_store, session_store, broker, source."""

    code = "dependency_unavailable"
    retry_after_seconds = 5

    def __init__(self, dependency: str, detail: str) -> None:
        super().__init__(detail)
        self.dependency = dependency


class DatabaseOverloaded(DependencyUnavailable):
    code = "database_overloaded"

    def __init__(self, detail: str) -> None:
        super().__init__("database", detail)


class StorageFull(DependencyUnavailable):
    """What is stored can still be read."""

    code = "storage_full"
    retry_after_seconds = 60


class Overloaded(TransientError):
    code = "overloaded"
    retry_after_seconds = 5


class WorkerLost(TransientError):
    code = "worker_lost"


class RenderTimeout(TransientError):
    code = "timeout"
