"""Formats costs.json as Markdown tables."""

from collections.abc import Iterable, Mapping
from typing import Any

_CPU = {
    "api": "API",
    "worker": "worker, its event loop",
    "render": "worker, its render processes",
    "postgres_server": "PostgreSQL",
    "rabbitmq_server": "RabbitMQ",
    "redis_server": "Redis",
    "s3_server": "SeaweedFS",
}
_COUNTS = {
    "postgres.statement": "SQL statements",
    "postgres.transaction_control": "BEGIN, COMMIT",
    "redis.command": "Redis commands",
    "rabbitmq.publish": "messages published",
    "rabbitmq.deliver": "messages delivered",
    "rabbitmq.ack": "acks and confirms",
    "s3.PUT": "S3 PUT",
    "s3.GET": "S3 GET",
    "s3.POST": "S3 POST",
    "s3.DELETE": "S3 DELETE",
}
_SERVERS = ("postgres", "rabbitmq", "redis", "s3")


def as_markdown(costs: Mapping[str, Any]) -> str:
    columns = {
        **{f"task, {name}": each["per_task"] for name, each in costs["pictures"].items()},
        "poll": costs["per_poll"],
        "list of 1": costs["per_list"],
        "sign-in": costs["per_sign_in"],
        "idle second": costs["per_idle_second"],
    }
    cpu = {f"cpu_seconds.{key}": label for key, label in _CPU.items()}
    sent = {f"{name}.bytes_sent": f"to {name}" for name in _SERVERS}
    received = {f"{name}.bytes_received": f"from {name}" for name in _SERVERS}
    parts = [
        "# What a task costs",
        _machine(costs["machine"]),
        _pictures(costs["pictures"]) + f" Pipeline: {', '.join(step['filter'] for step in costs['pipeline'])}.",
        "## CPU milliseconds",
        _table(columns, cpu, scale=1000),
        f"Smallest and largest of the rounds: {'; '.join(_spreads(costs['pictures']))}.",
        "## Calls",
        _table(columns, _COUNTS),
        "## Kilobytes that our processes send and receive",
        _table(columns, sent | received, scale=1e-3),
        _s3_client(costs["s3_client"]),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(machine: Mapping[str, Any]) -> str:
    return (
        f"Written by `make bench-costs` on {machine['cores']} cores of {machine['cpu']}, Python {machine['python']}; "
        f"load {machine['load_at_end']} at the end. Medians of the rounds. An idle second is what one API process and "
        "one worker do anyway; it is taken off the others."
    )


def _pictures(pictures: Mapping[str, Any]) -> str:
    sizes = (
        f"{name}, {each['source_pixels'] / 1e6:.1f} MP, {each['source_bytes'] / 1e6:.2f} MB in, "
        f"{each['output_bytes'] / 1e6:.2f} MB out"
        for name, each in pictures.items()
    )
    return f"Pictures: {'; '.join(sizes)}."


def _s3_client(client: Mapping[str, float]) -> str:
    return (
        f"Our S3 client takes {client['put_and_get_cpu_seconds'] * 1000:.1f} ms of CPU for a PUT and a GET "
        f"of 64 KiB, and {client['per_mib_cpu_seconds'] * 1000:.1f} ms for each MiB more."
    )


def _table(columns: Mapping[str, Mapping[str, float]], rows: Mapping[str, str], *, scale: float = 1) -> str:
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    for key, label in rows.items():
        if any(each.get(key) for each in columns.values()):
            lines.append(f"| {label} | {' | '.join(figure(each.get(key, 0) * scale) for each in columns.values())} |")
    return "\n".join(lines)


def _spreads(pictures: Mapping[str, Any]) -> Iterable[str]:
    for name, each in pictures.items():
        low, high = each["cpu_spread"]["cpu_seconds.render"]
        yield f"render, {name}: {low * 1000:.0f}-{high * 1000:.0f} ms"


def figure(value: float, *, least: float = 0.05) -> str:
    """Two digits below ten and three above: more than the measurement supports. Below `least` there is nothing."""
    digits = 2 if abs(value) < 10 else 3  # noqa: PLR2004 - see above
    return "0" if abs(value) < least else f"{float(f'{value:.{digits}g}'):,.15g}"
