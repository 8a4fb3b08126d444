"""A blocked event loop shows."""

import asyncio
import time

import pytest
from prometheus_client import REGISTRY

from core.runtime import instrumented, run_service
from core.settings import Settings


def _lag(suffix: str) -> float:
    return REGISTRY.get_sample_value(f"darkroom_event_loop_lag_seconds_{suffix}") or 0


async def test_that_a_blocked_loop_is_late() -> None:
    seconds, count = _lag("sum"), _lag("count")
    async with instrumented(Settings(otlp_endpoint=""), service="test"):
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251 - what must not be done
        await asyncio.sleep(0.1)
    assert _lag("count") == count + 1
    assert _lag("sum") - seconds > 0.2


async def test_that_nothing_goes_on_afterwards() -> None:
    before = asyncio.all_tasks()
    async with instrumented(Settings(otlp_endpoint=""), service="test"):
        assert len(asyncio.all_tasks()) == len(before) + 1
    assert asyncio.all_tasks() == before


def test_that_an_option_sets_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_REGISTRATION", "open")  # what the option sets ends with the test
    seen: list[str] = []

    def serve(settings: Settings) -> int:
        seen.append(settings.registration)
        return 0

    options = {"--registration": "registration"}
    assert run_service(serve, ["--registration", "closed"], prog="python -m api", description="", options=options) == 0
    assert seen == ["closed"]
