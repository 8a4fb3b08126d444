import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retries import backoff_seconds


@given(st.integers(1, 50), st.floats(0.01, 10))
def test_that_backoff_stays_below_its_ceiling(attempt: int, base_seconds: float) -> None:
    ceiling = min(60, base_seconds * 2 ** (attempt - 1))
    assert 0 <= backoff_seconds(attempt, base_seconds=base_seconds) <= ceiling


@pytest.mark.parametrize(("attempt", "ceiling"), [(1, 1), (2, 2), (3, 4), (20, 60)])
def test_that_jitter_uses_all_of_it(attempt: int, ceiling: float) -> None:
    waits = [backoff_seconds(attempt, base_seconds=1) for _ in range(2000)]
    assert min(waits) < ceiling * 0.05
    assert max(waits) > ceiling * 0.95
    assert sum(waits) / len(waits) == pytest.approx(ceiling / 2, rel=0.1)
