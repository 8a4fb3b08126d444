"""Tables. Each invariant is a named CHECK as well, so that no faulty code can store an impossible state."""

from storage.sql.schema.accounts import (
    access_changes,
    api_keys,
    delivery_keys,
    preset_versions,
    presets,
    user_quotas,
    users,
)
from storage.sql.schema.bucket import deployment, generations, orphans, unwatched_periods
from storage.sql.schema.images import delivered_images, image_tags, images
from storage.sql.schema.metadata import metadata
from storage.sql.schema.tasks import auxiliary_images, task_events, task_tags, tasks

__all__ = [
    "access_changes",
    "api_keys",
    "auxiliary_images",
    "delivered_images",
    "delivery_keys",
    "deployment",
    "generations",
    "image_tags",
    "images",
    "metadata",
    "orphans",
    "preset_versions",
    "presets",
    "task_events",
    "task_tags",
    "tasks",
    "unwatched_periods",
    "user_quotas",
    "users",
]
