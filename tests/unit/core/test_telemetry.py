import re

import pytest
from prometheus_client import REGISTRY

from core import telemetry
from core.errors import DependencyUnavailable, NotFound
from core.telemetry import SLOTS

UNBOUNDED = {"task_id", "image_id", "owner_id", "user_id", "session_id", "key", "url", "path", "email"}


def test_that_metrics_have_names_of_one_kind_and_bounded_labels() -> None:
    SLOTS.set(1)
    ours = [metric for metric in REGISTRY.collect() if metric.name.startswith("darkroom_")]
    assert len(ours) >= 15
    for metric in ours:
        assert metric.documentation.endswith(".")
        assert re.fullmatch(r"darkroom_[a-z_]+", metric.name)
        assert not any(set(sample.labels) & UNBOUNDED for sample in metric.samples)


def test_that_counters_end_in_total_and_histograms_in_their_unit() -> None:
    for each in vars(telemetry).values():
        kind = type(each).__name__
        if kind == "Histogram":
            assert each._name.endswith("_seconds")  # noqa: SLF001 - it has no public name


def _sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_that_a_call_is_timed_whatever_becomes_of_it() -> None:
    labels = {"dependency": "broker", "call": "test"}
    errors = _sample("darkroom_dependency_errors_total", dependency="broker")
    with telemetry.calling("broker", "test"):
        pass
    with pytest.raises(DependencyUnavailable), telemetry.calling("broker", "test"):
        raise DependencyUnavailable("broker", "Away.")
    assert _sample("darkroom_dependency_call_seconds_count", **labels) == 2
    assert _sample("darkroom_dependency_errors_total", dependency="broker") == errors + 1


def test_that_what_is_not_the_servers_fault_is_no_error_of_it() -> None:
    errors = _sample("darkroom_dependency_errors_total", dependency="database")
    with pytest.raises(NotFound), telemetry.calling("database", "test"):
        raise NotFound("There is no such task.")
    assert _sample("darkroom_dependency_errors_total", dependency="database") == errors


def test_that_known_series_are_there_before_anything_happens() -> None:
    for name, labels in {
        "darkroom_sweep_failures_total": {"repair": "measured"},
        "darkroom_render_children_lost_total": {"code": "timeout"},
        "darkroom_attempts_total": {"outcome": "lost"},
    }.items():
        assert REGISTRY.get_sample_value(name, labels) is not None
