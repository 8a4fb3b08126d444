"""The capacity model against what queueing theory knows, and docs/scaling.md against the model."""

from collections import Counter

import pytest

from benchmarks import traffic_proxy
from benchmarks.capacity import DOCUMENT, Capacity, limits, measured_costs, with_tables
from benchmarks.queueing import longest_wait_in_burst, simulate, slots_needed
from benchmarks.report import as_markdown
from benchmarks.traffic_proxy import Parser
from tests.harness.deployment import ROOT


def test_the_tables_in_the_document_are_the_models() -> None:
    text = DOCUMENT.read_text()
    assert with_tables(text, measured_costs()) == text, "run `make capacity`"


def test_the_costs_for_people_are_those_of_the_model() -> None:
    assert (ROOT / "benchmarks/results/costs.md").read_text() == as_markdown(measured_costs())


def test_the_walk_of_a_task_is_what_the_document_says() -> None:
    for picture in measured_costs()["pictures"].values():
        counts = {name: round(n, 1) for name, n in picture["per_task"].items()}
        assert counts["postgres.statement"] == pytest.approx(4.2, abs=0.1)
        assert counts["redis.command"] == pytest.approx(3, abs=0.2)
        assert (counts["rabbitmq.publish"], counts["rabbitmq.deliver"]) == (1, 1)
        assert (counts["s3.PUT"], counts["s3.GET"]) == (2, 1)


def test_random_arrivals_wait_as_theory_says() -> None:
    """One slot, half loaded: half of them wait for nobody, and a fixed service waits less than M/M/1's 2 ln 10."""
    waits = simulate(0.5, 1, [1.0], spread=0.0)
    assert waits.median_seconds < 0.1
    assert 2.0 < waits.p95_seconds < 4.6


def test_more_slots_wait_less() -> None:
    few, many = (simulate(100, slots, [0.1]).p99_seconds for slots in (11, 15))
    assert many < few


def test_a_large_fleet_can_be_busier_than_a_small_one() -> None:
    small = 10 * 0.1 / slots_needed(10, [0.1], p95_seconds=0.1)
    large = 1000 * 0.1 / slots_needed(1000, [0.1], p95_seconds=0.1)
    assert small < large <= 0.95


def test_who_is_half_idle_feels_no_burst() -> None:
    assert longest_wait_in_burst(busy=0.5) == 0
    assert longest_wait_in_burst(busy=0.7) < longest_wait_in_burst(busy=0.95)


def test_limits_are_in_order() -> None:
    rates = [rate for _, rate in limits(Capacity(measured_costs()))]
    assert rates == sorted(rates)


@pytest.mark.parametrize("piece_bytes", [1, 7, 1000])
@pytest.mark.parametrize(
    ("parser", "data", "wanted"),
    [
        (traffic_proxy.redis, b"*2\r\n$3\r\nGET\r\n$2\r\n*1\r\n*1\r\n$4\r\nPING\r\n", {"command": 2}),
        (
            traffic_proxy.http,
            b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nGETGET /b HTTP/1.1\r\n\r\n",
            {"PUT": 1, "GET": 1},
        ),
        (
            traffic_proxy.postgres,
            b"\0\0\0\x08\x04\xd2\x16/Q\0\0\0\x08BEGIP\0\0\0\x04E\0\0\0\x04E\0\0\0\x05E",
            {"startup": 1, "transaction_control": 1, "statement": 2},
        ),
        (
            traffic_proxy.amqp,
            b"AMQP\0\0\x09\x01\x08\0\0\0\0\0\0\xce\x01\0\1\0\0\0\4\0\x3c\0\x28\xce\x03\0\1\0\0\0\x01x\xce",
            {"publish": 1},
        ),
    ],
)
def test_frames_are_counted_however_they_are_cut(
    parser: Parser, data: bytes, wanted: dict[str, int], piece_bytes: int
) -> None:
    counts: Counter[str] = Counter()
    stream = traffic_proxy.Stream(counts, parser)
    for start in range(0, len(data), piece_bytes):
        stream.feed(data[start : start + piece_bytes])
    assert {kind: n for kind, n in counts.items() if n} == wanted
