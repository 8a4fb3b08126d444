from core.tasks import FINAL, OPEN, TaskStatus


def test_that_a_status_is_open_or_final() -> None:
    assert set(TaskStatus) == OPEN | FINAL
    assert not OPEN & FINAL
    assert {status for status in TaskStatus if status.is_final} == FINAL == {"succeeded", "failed", "cancelled"}
