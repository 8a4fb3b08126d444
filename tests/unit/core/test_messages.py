import json
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages import TaskQueued

TASK_ID = UUID("0192f0c1-2b3c-7def-8abc-0123456789ab")


@given(st.uuids(), st.text())
def test_that_a_message_survives_the_wire(task_id: UUID, source_key: str) -> None:
    message = TaskQueued(task_id=task_id, source_key=source_key)
    assert TaskQueued.decode(message.encode()) == message


def test_that_the_wire_looks_as_it_did() -> None:
    """Messages of the last release are on the queue while the next one starts."""
    body = b'{"version":1,"task_id":"0192f0c1-2b3c-7def-8abc-0123456789ab","source_key":"sources/a"}'
    assert TaskQueued(task_id=TASK_ID, source_key="sources/a").encode() == body
    assert TaskQueued.decode(body).task_id == TASK_ID


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"task_id": "7"}, {"task_id": None}, {"source_key": 5}, {"pixels": "…"}],
)
def test_that_a_future_or_foreign_message_is_refused(change: dict[str, object]) -> None:
    body = {"version": 1, "task_id": str(uuid4()), "source_key": "sources/a"} | change
    with pytest.raises(ValueError, match="validation error"):
        TaskQueued.decode(json.dumps(body).encode())


@given(st.binary(max_size=40))
def test_that_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TaskQueued.decode(body)
