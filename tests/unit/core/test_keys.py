from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keys import OUTPUTS, SOURCES, output_key, proxy_key, row_id, source_key, with_proxies


@given(st.uuids(), st.integers(1, 99))
def test_that_a_key_names_its_row(identity: UUID, attempt: int) -> None:
    assert row_id(source_key(identity)) == row_id(proxy_key(identity)) == identity
    assert row_id(output_key(identity, attempt, "png")) == identity
    assert source_key(identity).startswith(SOURCES)
    assert output_key(identity, attempt, "png").startswith(OUTPUTS)


@given(st.uuids())
def test_that_a_source_goes_with_its_proxy(identity: UUID) -> None:
    source, proxy, output = source_key(identity), proxy_key(identity), output_key(identity, 1, "png")
    assert with_proxies([source, output]) == [source, proxy, output]
    assert with_proxies([proxy]) == [proxy]


@given(st.uuids())
def test_that_two_attempts_never_share_a_key(task_id: UUID) -> None:
    assert output_key(task_id, 1, "png") != output_key(task_id, 2, "png")


@pytest.mark.parametrize(
    "key", ["", "sources", "sources/", "sources/cat.png", "else/0192f0c1-2b3c-7def-8abc-0123456789ab"]
)
def test_that_a_foreign_key_belongs_to_no_row(key: str) -> None:
    assert row_id(key) is None
