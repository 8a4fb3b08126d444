"""Measures the whole service against the bare render loop and its peers, and writes benchmarks/results/service.md.

    make bench-service TASKS=300
    make bench-service ONLY=small    the small and middle images alone, in some minutes

Rounds alternate on the same cores, so that other load of the machine affects all of them alike.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import commit
from benchmarks.pictures import photograph
from benchmarks.service import latency, memory, peers, small
from benchmarks.service.deployments import MeasuredService, Servers, embedded
from benchmarks.service.render_loop import RenderLoop
from benchmarks.service.tables import costs, throughput, verdict
from benchmarks.service.turns import (
    OUTPUT,
    PIPELINE,
    SENDERS,
    Turn,
    by_image,
    measure_render_loop,
    measure_service,
    multipart,
)

_RESULT = Path(__file__).parents[1] / "results" / "service.md"
_ROUNDS = 5


def measure(tasks: int) -> Iterator[str]:
    cores = os.cpu_count() or 1
    picture, count = photograph("phone", width=4000, height=3000).data, max(cores, tasks // _ROUNDS // cores * cores)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        source = directory / "source.jpg"
        source.write_bytes(picture)
        render_loop = RenderLoop(source, PIPELINE, OUTPUT, processes=cores, stack=stack)
        services = _start_services(directory, cores, stack)
        grown = memory.mib_per_upload(services[0], picture)  # before anything else has made it large
        body = multipart(picture)
        turns: dict[str, Callable[[], Turn]] = {"bare loop": partial(measure_render_loop, render_loop, count)}
        for service in services:
            measure_service(service, body, 4)
            turns[f"{service.name}, slots: {service.slots}"] = partial(measure_service, service, body, count)
        rounds = [{name: turn() for name, turn in turns.items()} for _ in range(_ROUNDS)]
        yield f"A 12 MP JPEG of {len(picture) / 1e6:.1f} MB, sepia, JPEG q85; {_ROUNDS} rounds of {count} tasks each."
        yield f"{SENDERS} clients, each of which uploads the next image when it has the link of the last one.\n"
        yield from throughput(rounds, cores)
        yield from costs(rounds)
        whole = [service for service in services if service.slots == cores]
        yield from _latency(whole, picture)
        uploads = memory.UPLOADS_AT_ONCE
        yield f"\n## Memory\n\nThe process grows by {grown:.1f} MiB for each of {uploads} uploads at once"
        yield f"(bar: <= 16{verdict(grown <= 16)})."  # noqa: PLR2004 - the bar
        yield from peers.compare(whole[0], source)
        yield from small.measure(whole, directory)


def measure_small() -> Iterator[str]:
    with ExitStack() as stack:
        directory, cores = Path(stack.enter_context(TemporaryDirectory())), os.cpu_count() or 1
        services = [embedded(directory / "embedded", slots=cores, stack=stack)]
        services.append(Servers(stack).start(directory / "servers", slots=cores))
        yield from small.measure(services, directory)


def _start_services(directory: Path, cores: int, stack: ExitStack) -> list[MeasuredService]:
    slots = (cores, 1)
    here = [embedded(directory / f"embedded-{n}", slots=n, stack=stack) for n in slots]
    servers = Servers(stack)
    return here + [servers.start(directory / f"servers-{n}", slots=n) for n in slots]


def _latency(services: Sequence[MeasuredService], picture: bytes) -> Iterator[str]:
    columns = []
    for service in services:
        for what, body in (("a stored picture", by_image(service, picture)), ("an upload", multipart(picture))):
            columns.append((f"{service.name}, {what}", latency.measure(service, partial(service.run_task, *body))))
    yield "\n## Latency at idle\n"
    yield from latency.table(columns)
    bars = {"embedded": 25.0, "on servers": 50.0}
    for name, parts in columns:
        beyond, bar = parts["**beyond the render**"], bars[name.partition(",")[0]]
        yield f"\n{name}: {beyond:.1f} ms beyond the render, bar: <= {bar:.0f} ms{verdict(beyond <= bar)}."


def _origin(tasks: int) -> str:
    load = f"load {os.getloadavg()[0]:.1f} before"
    return f"`make bench-service TASKS={tasks}`, commit {commit()}, {os.cpu_count()} cores, {load}.\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--only", choices=["small"], help="update this section of the results alone")
    arguments = parser.parse_args()
    if arguments.only:
        before = _RESULT.read_text().partition(f"\n{small.HEADING}")[0]
        lines = [before, *measure_small(), "", f"This section: commit {commit()}, load {os.getloadavg()[0]:.1f} after."]
    else:
        lines = ["# The whole service against the bare loop\n", _origin(arguments.tasks), *measure(arguments.tasks)]
    text = "\n".join(lines) + "\n"
    _RESULT.write_text(text)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
