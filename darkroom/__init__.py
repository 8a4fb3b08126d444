"""The command and the Python client of Darkroom. The wheel also holds the service, in `_server`."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darkroom.client import (
        AsyncClient,
        Busy,
        Client,
        DarkroomError,
        DeliveryUrl,
        Event,
        Image,
        Invalid,
        InvalidUrl,
        NotAllowed,
        NotDarkroom,
        NotFound,
        NotSignedIn,
        Output,
        OutputDamaged,
        Problem,
        Rejected,
        ServerAway,
        Task,
        TaskError,
        TaskFailed,
        TaskUnfinished,
    )

__version__ = "0.1.0"  # a test compares it with pyproject.toml: reading the installed metadata takes 20 ms
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


def __getattr__(name: str) -> object:
    """Import the client when it is named: the command shows its help without httpx."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("darkroom.client"), name)
