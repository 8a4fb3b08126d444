"""Tests that start a service or configure logging leave the process's loggers as they found them."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    yield
    root.handlers[:] = before[1]
    root.setLevel(before[0])
    structlog.reset_defaults()
