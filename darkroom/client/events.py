"""Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import json
from http import HTTPMethod
from urllib.parse import quote

from darkroom.client.calls import Call
from darkroom.client.models import Event, read

RECONNECT_SECONDS = 1.0  # after a stream that the service closed before the task has ended
_SILENT_SECONDS = 60.0  # the service sends a comment every 15 s


class EventReader:
    """Reads the events of a task, also over several connections."""

    def __init__(self, task_id: str) -> None:
        self.has_ended = False
        self._path = f"/v1/tasks/{quote(task_id, safe='')}/events"
        self._last_id = ""
        self._id = ""
        self._data: list[str] = []

    def read_line(self, line: str) -> Event | None:
        """Return the event that an empty line ends."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            self._id = value
        elif name == "data":
            self._data.append(value)
        elif not line and self._data:
            data, self._data = "\n".join(self._data), []
            return self._event(data)
        return None

    def call(self) -> Call:
        """Return the request for the events that are not read yet."""
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        return Call(method=HTTPMethod.GET, url=self._path, headers=headers, seconds=_SILENT_SECONDS)

    def _event(self, data: str) -> Event:
        self._last_id = self._id
        event = read(Event, json.loads(data))
        self.has_ended = event.task is not None
        return event
