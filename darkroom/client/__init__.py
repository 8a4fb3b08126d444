"""The Python client: `Client`, and `AsyncClient` with the same methods."""

from darkroom.client.asynchronous import AsyncClient
from darkroom.client.errors import (
    Busy,
    DarkroomError,
    Invalid,
    InvalidUrl,
    NotAllowed,
    NotDarkroom,
    NotFound,
    NotSignedIn,
    OutputDamaged,
    Problem,
    Rejected,
    ServerAway,
    TaskFailed,
    TaskUnfinished,
)
from darkroom.client.models import DeliveryUrl, Event, Image, Output, Task, TaskError
from darkroom.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "Busy",
    "Client",
    "DarkroomError",
    "DeliveryUrl",
    "Event",
    "Image",
    "Invalid",
    "InvalidUrl",
    "NotAllowed",
    "NotDarkroom",
    "NotFound",
    "NotSignedIn",
    "Output",
    "OutputDamaged",
    "Problem",
    "Rejected",
    "ServerAway",
    "Task",
    "TaskError",
    "TaskFailed",
    "TaskUnfinished",
]
