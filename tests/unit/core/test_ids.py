import time
from uuid import RFC_4122

from core.ids import uuid7


def test_that_ids_are_version_7_and_hold_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_that_ids_differ_and_sort_by_time() -> None:
    made = []
    for _ in range(200):
        made.append(uuid7())
        time.sleep(0.000_01)  # longer than the clock's 244 ns
    assert made == sorted(made)
    assert len(set(made)) == len(made)
