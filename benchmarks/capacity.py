"""Computes the first bottleneck and its rate from the measured costs. Prints the tables of docs/scaling.md.

make capacity
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from statistics import fmean as mean
from typing import Any

from benchmarks.queueing import longest_wait_in_burst, simulate, slots_needed
from benchmarks.report import figure

RATES = (10, 1_000, 100_000)
DOCUMENT = Path(__file__).parent.parent / "docs" / "scaling.md"
_COSTS = Path(__file__).parent / "results" / "costs.json"
_BEGIN, _END = "<!-- capacity: written by `make capacity` -->", "<!-- /capacity -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What was not measured. The first four are how the service is used, the others what it runs on."""

    polls: float = 2  # of each task by its owner, until it has ended
    p95_wait_seconds: float = 1.0
    retention_days: int = 30
    busy: float = 0.6  # nothing that somebody waits for is busier
    database_cores: int = 64
    broker_cores: int = 24  # three nodes
    node_cores: int = 16
    network_bytes_per_second: float = 25e9 / 8  # of one S3 node
    connections_per_process: int = 20  # storage/sql/database.py


@dataclass(frozen=True)
class Capacity:
    """All figures are of a task that is a phone's picture as often as a web picture, with its polls."""

    costs: Mapping[str, Any]
    given: Assumptions = Assumptions()

    def per_task(self, name: str) -> float:
        pictures = [each["per_task"].get(name, 0.0) for each in self.costs["pictures"].values()]
        return mean(pictures) + self.given.polls * float(self.costs["per_poll"].get(name, 0.0))

    def cpu(self, group: str) -> float:
        return max(0.0, self.per_task(f"cpu_seconds.{group}"))

    @cached_property
    def redis_cpu(self) -> float:
        """By the command, from the polls: those of the tasks drown in the noise."""
        poll = self.costs["per_poll"]
        return float(poll["cpu_seconds.redis_server"] / poll["redis.command"]) * self.per_task("redis.command")

    @cached_property
    def render_seconds(self) -> list[float]:
        return [each["per_task"]["cpu_seconds.render"] for each in self.costs["pictures"].values()]

    @cached_property
    def slots_per_worker(self) -> int:
        """As many as one event loop can feed."""
        return max(1, int(self.given.busy / self.cpu("worker") * self.cpu("render")))

    @cached_property
    def stored_bytes(self) -> float:
        sizes = [each["source_bytes"] + each["output_bytes"] for each in self.costs["pictures"].values()]
        return mean(sizes)

    @cached_property
    def s3_bytes(self) -> float:
        """In, to the worker, back, and out to whoever fetches the output once."""
        outputs = [each["output_bytes"] for each in self.costs["pictures"].values()]
        ours = self.per_task("s3.bytes_sent") + self.per_task("s3.bytes_received")
        return ours + mean(outputs)


def limits(model: Capacity) -> list[tuple[str, float]]:
    """Of one of each: the rate in tasks a second at which it is as busy as it should be; the lowest first."""
    given, busy = model.given, model.given.busy
    found = {
        "one slot": 1 / model.cpu("render"),
        "one API process (one core)": busy / model.cpu("api"),
        f"one worker (its event loop, enough for {model.slots_per_worker} slots)": busy / model.cpu("worker"),
        "one Redis (one core)": busy / model.redis_cpu,
        f"one S3 node's network ({given.network_bytes_per_second * 8 / 1e9:.0f} Gbit/s)": busy
        * given.network_bytes_per_second
        / model.s3_bytes,
        f"one RabbitMQ (three nodes, {given.broker_cores} cores)": busy
        * given.broker_cores
        / model.cpu("rabbitmq_server"),
        f"one PostgreSQL primary ({given.database_cores} cores)": busy
        * given.database_cores
        / model.cpu("postgres_server"),
    }
    return sorted(found.items(), key=lambda each: each[1])


def fleet(model: Capacity, rate: float) -> dict[str, str]:
    """What it takes to serve `rate` tasks a second; labels and figures in the order of the table."""
    given = model.given
    slots = slots_needed(rate, model.render_seconds, p95_seconds=given.p95_wait_seconds)
    waits = simulate(rate, slots, model.render_seconds)
    busy = rate * model.cpu("render") / slots
    workers = max(2, ceil(slots / model.slots_per_worker))
    apis = max(2, ceil(rate * model.cpu("api") / given.busy))
    cores = slots + apis + workers
    sweeps = workers * model.costs["per_idle_second"]["postgres.statement"]
    wanted = {
        "API processes": apis,
        "render slots": slots,
        "slots busy, %": 100 * busy,
        f"workers of {model.slots_per_worker} slots": workers,
        f"machines of {given.node_cores} cores for both": ceil(cores / given.node_cores),
        "wait for a slot, p95, ms": 1000 * waits.p95_seconds,
        "longest wait when the rate doubles, s": longest_wait_in_burst(busy=busy),
        "SQL statements/s": rate * model.per_task("postgres.statement"),
        "SQL statements/s by sweeps": sweeps,
        "transactions/s": rate * model.per_task("postgres.transaction_control") / 2,
        "PostgreSQL, cores": rate * model.cpu("postgres_server") / given.busy,
        "database connections, at most": (apis + workers) * given.connections_per_process,
        "Redis commands/s": rate * model.per_task("redis.command"),
        "Redis, cores": rate * model.redis_cpu / given.busy,
        "messages/s": rate * model.per_task("rabbitmq.publish"),
        "RabbitMQ, cores": rate * model.cpu("rabbitmq_server") / given.busy,
        "S3 requests/s": rate * (1 + model.per_task("s3.PUT") + model.per_task("s3.GET")),
        "S3, GB/s": rate * model.s3_bytes / 1e9,
        f"stored in {given.retention_days} days, TB": rate * model.stored_bytes * 86_400 * given.retention_days / 1e12,
    }
    return {label: figure(value, least=0.001) for label, value in wanted.items()}


def tables(costs: Mapping[str, Any]) -> str:
    model = Capacity(costs)
    fleets = [fleet(model, rate) for rate in RATES]
    rows = [f"| {label} | {' | '.join(each[label] for each in fleets)} |" for label in fleets[0]]
    limiting = [f"| {name} | {figure(rate)} |" for name, rate in limits(model)]
    return "\n".join(
        [
            "| component | capacity, images/s |",
            "|---|---:|",
            *limiting,
            "",
            f"| images/s | {' | '.join(f'{rate:,}' for rate in RATES)} |",
            f"|---|{'---:|' * len(RATES)}",
            *rows,
        ]
    )


def with_tables(text: str, costs: Mapping[str, Any]) -> str:
    before, _, rest = text.partition(_BEGIN)
    return f"{before}{_BEGIN}\n\n{tables(costs)}\n\n{_END}{rest.partition(_END)[2]}"


def measured_costs() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_COSTS.read_text())
    return found


def main() -> int:
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(), measured_costs()))
    sys.stdout.write(tables(measured_costs()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
