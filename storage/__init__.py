"""What we remember: objects in S3, tasks, images and users in SQL, sessions in Redis."""

from storage.command_storage import AccountStorage, open_accounts, open_bucket_identity, open_orphan_marks
from storage.identity import BucketIdentity
from storage.objects.disposition import content_disposition
from storage.objects.file_links import LinkTerms
from storage.objects.file_store import FileStore
from storage.objects.interface import ObjectStore, SignedLink, StoredObject, Upload
from storage.origins import FoundImage, Origin, open_origins
from storage.redis.devices import DEVICE_SECONDS, DeviceStore
from storage.redis.locks import Locks
from storage.redis.notifications import Notifications
from storage.redis.rate_limits import Limit, LimitStore
from storage.redis.sessions import NewSession, Session, SessionStore
from storage.service_storage import Storage, open_storage
from storage.sql.accounts.administration import (
    AccessChange,
    AccessChangeKind,
    AccountAdministration,
    AccountUsage,
)
from storage.sql.accounts.api_keys import ApiKey, ApiKeyRepository, NewApiKey, Scope
from storage.sql.accounts.delivery_keys import DeliveryKey, DeliveryKeyRepository
from storage.sql.accounts.presets import Preset, PresetRepository, SavedPreset
from storage.sql.accounts.quotas import UserQuotas
from storage.sql.accounts.users import User, UserRepository, normalize_email
from storage.sql.bucket.deployment import DeploymentRepository, Period
from storage.sql.bucket.orphan_marks import Orphan, OrphanMarks, OrphanReason
from storage.sql.deletion import Removed
from storage.sql.delivered_images import DeliveredImageRepository, DeliveryClaim, StoredDelivery
from storage.sql.images import ImageRepository, NewImage, StoredImage
from storage.sql.shared_renders import SharedRender, SharedRenderRepository
from storage.sql.tasks.events import EVENT_RETENTION_SECONDS, EventPosition, LoggedEvent, TaskEventRepository
from storage.sql.tasks.queries import IdempotencyKey
from storage.sql.tasks.repository import TaskRepository

__all__ = [
    "DEVICE_SECONDS",
    "EVENT_RETENTION_SECONDS",
    "AccessChange",
    "AccessChangeKind",
    "AccountAdministration",
    "AccountStorage",
    "AccountUsage",
    "ApiKey",
    "ApiKeyRepository",
    "BucketIdentity",
    "DeliveredImageRepository",
    "DeliveryClaim",
    "DeliveryKey",
    "DeliveryKeyRepository",
    "DeploymentRepository",
    "DeviceStore",
    "EventPosition",
    "FileStore",
    "FoundImage",
    "IdempotencyKey",
    "ImageRepository",
    "Limit",
    "LimitStore",
    "LinkTerms",
    "Locks",
    "LoggedEvent",
    "NewApiKey",
    "NewImage",
    "NewSession",
    "Notifications",
    "ObjectStore",
    "Origin",
    "Orphan",
    "OrphanMarks",
    "OrphanReason",
    "Period",
    "Preset",
    "PresetRepository",
    "Removed",
    "SavedPreset",
    "Scope",
    "Session",
    "SessionStore",
    "SharedRender",
    "SharedRenderRepository",
    "SignedLink",
    "Storage",
    "StoredDelivery",
    "StoredImage",
    "StoredObject",
    "TaskEventRepository",
    "TaskRepository",
    "Upload",
    "User",
    "UserQuotas",
    "UserRepository",
    "content_disposition",
    "normalize_email",
    "open_accounts",
    "open_bucket_identity",
    "open_origins",
    "open_orphan_marks",
    "open_storage",
]
