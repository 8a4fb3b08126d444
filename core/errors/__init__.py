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
│   │   └── LinkExpired           a link that has expired
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
├── PermanentError                an image that cannot be rendered with these steps; another attempt ends the same way
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
    ├── Overloaded                more work than the service accepts at a time, whoever asks
    ├── WorkerLost                the render process or its worker died
    └── RenderTimeout             the render took longer than its time limit
"""

from core.errors.client import (
    AccountDisabled,
    BodyTimeout,
    ClientError,
    CrossSiteRequest,
    DeliveryKeyMissing,
    EmailTaken,
    IdempotencyKeyReused,
    ImageInUse,
    InsufficientScope,
    InvalidCredentials,
    LinkExpired,
    LinkInvalid,
    NotFound,
    QuotaExceeded,
    RangeNotSatisfiable,
    RegistrationClosed,
    RequestInProgress,
    SessionRequired,
    TaskNotSucceeded,
    TooManyConcurrentRequests,
    TooManyRequests,
    Unauthenticated,
    UnknownHost,
    UnsupportedImage,
    UnsupportedMediaType,
    UploadTooLarge,
)
from core.errors.connection import (
    HeadersTooLarge,
    HeaderTimeout,
    MalformedRequest,
    RejectedByConnection,
    TargetTooLong,
    UnsupportedHttpVersion,
    UnsupportedTransferCoding,
)
from core.errors.invalid import (
    MAX_PROBLEMS,
    InvalidOutput,
    InvalidPipeline,
    InvalidRequest,
    MalformedBody,
    Problem,
)
from core.errors.permanent import (
    ImageTooLarge,
    InvalidImage,
    InvalidStep,
    PermanentError,
    ResourceLimit,
    SourceMissing,
    SourceRejected,
    UnsupportedImageFeature,
)
from core.errors.root import (
    ConfigurationError,
    DarkroomError,
)
from core.errors.transient import (
    DatabaseOverloaded,
    DependencyUnavailable,
    Overloaded,
    RenderTimeout,
    StorageFull,
    TransientError,
    WorkerLost,
)

__all__ = [
    "MAX_PROBLEMS",
    "AccountDisabled",
    "BodyTimeout",
    "ClientError",
    "ConfigurationError",
    "CrossSiteRequest",
    "DarkroomError",
    "DatabaseOverloaded",
    "DeliveryKeyMissing",
    "DependencyUnavailable",
    "EmailTaken",
    "HeaderTimeout",
    "HeadersTooLarge",
    "IdempotencyKeyReused",
    "ImageInUse",
    "ImageTooLarge",
    "InsufficientScope",
    "InvalidCredentials",
    "InvalidImage",
    "InvalidOutput",
    "InvalidPipeline",
    "InvalidRequest",
    "InvalidStep",
    "LinkExpired",
    "LinkInvalid",
    "MalformedBody",
    "MalformedRequest",
    "NotFound",
    "Overloaded",
    "PermanentError",
    "Problem",
    "QuotaExceeded",
    "RangeNotSatisfiable",
    "RegistrationClosed",
    "RejectedByConnection",
    "RenderTimeout",
    "RequestInProgress",
    "ResourceLimit",
    "SessionRequired",
    "SourceMissing",
    "SourceRejected",
    "StorageFull",
    "TargetTooLong",
    "TaskNotSucceeded",
    "TooManyConcurrentRequests",
    "TooManyRequests",
    "TransientError",
    "Unauthenticated",
    "UnknownHost",
    "UnsupportedHttpVersion",
    "UnsupportedImage",
    "UnsupportedImageFeature",
    "UnsupportedMediaType",
    "UnsupportedTransferCoding",
    "UploadTooLarge",
    "WorkerLost",
]
