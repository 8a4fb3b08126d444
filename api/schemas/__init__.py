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
from api.schemas.base import DeletedView, PageView
from api.schemas.catalogue import FiltersView, FilterView, LookView
from api.schemas.images import ImageView, LinkedImageView
from api.schemas.service import HealthView, ProblemPlaceView, ProblemView
from api.schemas.tasks import NewTaskBody, OutputView, TaskErrorView, TaskEventView, TaskView

__all__ = [
    "DeletedView",
    "FilterView",
    "FiltersView",
    "HealthView",
    "ImageView",
    "LinkedImageView",
    "LookView",
    "NewPasswordBody",
    "NewSessionBody",
    "NewSessionView",
    "NewTaskBody",
    "NewUserBody",
    "OutputView",
    "PageView",
    "PasswordBody",
    "ProblemPlaceView",
    "ProblemView",
    "SessionView",
    "SessionsView",
    "TaskErrorView",
    "TaskEventView",
    "TaskView",
    "UserView",
]
