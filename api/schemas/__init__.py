"""Request bodies (…Body) and responses (…View)."""

from api.schemas.accounts import (
    NewPasswordBody,
    NewSessionBody,
    NewSessionView,
    NewUserBody,
    PasswordBody,
    SessionsView,
    SessionView,
    UserView,
)
from api.schemas.api_keys import ApiKeysView, ApiKeyView, NewApiKeyBody, NewApiKeyView
from api.schemas.base import DeletedView, PageView
from api.schemas.catalogue import FiltersView, FilterView, LookView
from api.schemas.delivery import (
    DeliveryKeysView,
    DeliveryKeyView,
    DeliveryUrlView,
    NewDeliveryKeyView,
    NewDeliveryUrlBody,
)
from api.schemas.images import ImageView, LinkedImageView
from api.schemas.labels import REFERENCE_TEXT, TAGS_TEXT, LabelsBody
from api.schemas.presets import PresetBody, PresetView
from api.schemas.previews import PreviewBody
from api.schemas.service import HealthView, ProblemPlaceView, ProblemView
from api.schemas.tasks import (
    Disposition,
    LoggedEventView,
    NewTaskBody,
    OutputView,
    TaskErrorView,
    TaskEventView,
    TaskOptionsBody,
    TaskView,
)

__all__ = [
    "REFERENCE_TEXT",
    "TAGS_TEXT",
    "ApiKeyView",
    "ApiKeysView",
    "DeletedView",
    "DeliveryKeyView",
    "DeliveryKeysView",
    "DeliveryUrlView",
    "Disposition",
    "FilterView",
    "FiltersView",
    "HealthView",
    "ImageView",
    "LabelsBody",
    "LinkedImageView",
    "LoggedEventView",
    "LookView",
    "NewApiKeyBody",
    "NewApiKeyView",
    "NewDeliveryKeyView",
    "NewDeliveryUrlBody",
    "NewPasswordBody",
    "NewSessionBody",
    "NewSessionView",
    "NewTaskBody",
    "NewUserBody",
    "OutputView",
    "PageView",
    "PasswordBody",
    "PresetBody",
    "PresetView",
    "PreviewBody",
    "ProblemPlaceView",
    "ProblemView",
    "SessionView",
    "SessionsView",
    "TaskErrorView",
    "TaskEventView",
    "TaskOptionsBody",
    "TaskView",
    "UserView",
]
