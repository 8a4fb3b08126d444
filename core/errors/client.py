"""Errors that the client can fix."""

from core.errors.root import DarkroomError


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
