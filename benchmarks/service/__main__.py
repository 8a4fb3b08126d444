"""Measures the whole service against the bare render loop and its peers, and writes benchmarks/results/service.md.

    make bench-service TASKS=300
    make bench-service ONLY=small    the small and middle images alone, in some minutes

Rounds alternate on the same cores, so that other load of the machine affects all of them alike.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.machine import commit
from benchmarks.pictures import photograph
from benchmarks.service import latency, memory, peers, small
from benchmarks.service.deployments import MeasuredService, Servers, embedded
from benchmarks.service.render_loop import RenderLoop
from tests.harness.client import Json

_RESULT = Path(__file__).parents[1] / "results" / "service.md"
PIPELINE: list[Json] = [{"filter": "sepia"}]
OUTPUT: Json = {"format": "jpeg", "quality": 85}
_ROUNDS = 5
_SENDERS = 8
_RENDER = "render processes"
_CPU_BOUND = """
What the CPU allows: clients, API, object store and servers share the cores with the renders here, so what a task costs
besides its render is missing from the rate, and one slot leaves them a core of their own."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One measurement: tasks per second, and CPU milliseconds of a task by group of processes."""

    rate: float
    cpu: Mapping[str, float]


def multipart(picture: bytes) -> tuple[bytes, str]:
    """Encode a form once, so that sending it costs the client little."""
    fields = {"pipeline": json.dumps(PIPELINE), "output": json.dumps(OUTPUT)}
    request = httpx.Request("POST", "http://x", data=fields, files={"image": ("picture.jpg", picture)})
    return request.read(), request.headers["Content-Type"]


def by_image(service: MeasuredService, picture: bytes) -> tuple[bytes, str]:
    """A submission of an image that is already stored."""
    image_id = service.client.http.post("/v1/images", files={"image": picture}).json()["image_id"]
    return json.dumps({"image_id": image_id, "pipeline": PIPELINE, "output": OUTPUT}).encode(), "application/json"


def _measure_service(service: MeasuredService, body: tuple[bytes, str], count: int) -> Turn:
    """Submit `count` tasks: each client submits the next one when it has the link of the last."""
    before, client, started = service.cpu_seconds(), time.process_time(), time.monotonic()
    with ThreadPoolExecutor(_SENDERS) as threads:
        list(threads.map(lambda _: service.run_task(*body), range(count)))
    seconds = time.monotonic() - started
    spent = {name: cpu - before[name] for name, cpu in service.cpu_seconds().items()}
    spent["the clients"] = time.process_time() - client
    return Turn(count / seconds, {name: 1000 * cpu / count for name, cpu in spent.items()})


def _measure_render_loop(render_loop: RenderLoop, count: int) -> Turn:
    before, started = render_loop.cpu_seconds(), time.monotonic()
    render_loop.render(count)
    seconds = time.monotonic() - started
    spent = render_loop.cpu_seconds()
    return Turn(count / seconds, {name: 1000 * (spent[name] - before[name]) / count for name in spent})


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
        turns: dict[str, Callable[[], Turn]] = {"bare loop": partial(_measure_render_loop, render_loop, count)}
        for service in services:
            _measure_service(service, body, 4)
            turns[f"{service.name}, slots: {service.slots}"] = partial(_measure_service, service, body, count)
        rounds = [{name: turn() for name, turn in turns.items()} for _ in range(_ROUNDS)]
        yield f"A 12 MP JPEG of {len(picture) / 1e6:.1f} MB, sepia, JPEG q85; {_ROUNDS} rounds of {count} tasks each."
        yield f"{_SENDERS} clients, each of which uploads the next image when it has the link of the last one.\n"
        yield from _throughput(rounds, cores)
        yield from _costs(rounds)
        whole = [service for service in services if service.slots == cores]
        yield from _latency(whole, picture)
        uploads = memory.UPLOADS_AT_ONCE
        yield f"\n## Memory\n\nThe process grows by {grown:.1f} MiB for each of {uploads} uploads at once"
        yield f"(bar: <= 16{_verdict(grown <= 16)})."  # noqa: PLR2004 - the bar
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


def _throughput(rounds: Sequence[Mapping[str, Turn]], cores: int) -> Iterator[str]:
    yield "## Throughput\n\n| | tasks/s, median | of each round |\n|---|---:|---|"
    for name in rounds[0]:
        rates = [each[name].rate for each in rounds]
        yield f"| {name} | {statistics.median(rates):.1f} | {', '.join(f'{rate:.1f}' for rate in rates)} |"
    yield "\n| medians of the rounds' ratios | | bar | what the CPU allows |\n|---|---:|---|---:|"
    for kind in ("embedded", "on servers"):
        all_cores, one = f"{kind}, slots: {cores}", f"{kind}, slots: 1"
        allowed = _cpu_bounds(rounds, all_cores, cores)
        for other, bar, most in (("bare loop", 0.85, allowed[0]), (one, 1.8, allowed[1])):
            ratio = statistics.median(each[all_cores].rate / each[other].rate for each in rounds)
            yield f"| {all_cores} / {other} | {ratio:.2f} | >= {bar}{_verdict(ratio >= bar)} | {most:.2f} |"
    yield _CPU_BOUND


def _cpu_bounds(rounds: Sequence[Mapping[str, Turn]], name: str, cores: int) -> tuple[float, float]:
    """Return the best ratios to the bare loop and to one slot that the CPU of all processes allows."""
    cpu = _cpu(rounds, name)
    total = sum(cpu.values())
    return sum(_cpu(rounds, "bare loop").values()) / total, max(1.0, cores * cpu[_RENDER] / total)


def _cpu(rounds: Sequence[Mapping[str, Turn]], name: str) -> dict[str, float]:
    return {group: statistics.median(each[name].cpu[group] for each in rounds) for group in rounds[0][name].cpu}


def _costs(rounds: Sequence[Mapping[str, Turn]]) -> Iterator[str]:
    yield "\n## Where the CPU goes\n\nMilliseconds of one task, medians of the rounds.\n"
    yield "| | all | of it in the render processes | the others |\n|---|---:|---:|---|"
    for name in rounds[0]:
        cpu = _cpu(rounds, name)
        total, render = sum(cpu.values()), cpu.pop(_RENDER)
        others = ", ".join(f"{group} {each:.1f}" for group, each in cpu.items())
        yield f"| {name} | {total:.1f} | {render:.1f} ({render / total:.0%}) | {others} |"


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
        yield f"\n{name}: {beyond:.1f} ms beyond the render, bar: <= {bar:.0f} ms{_verdict(beyond <= bar)}."


def _verdict(is_met: bool) -> str:  # noqa: FBT001 - the question itself
    return ", met" if is_met else ", **missed**"


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
