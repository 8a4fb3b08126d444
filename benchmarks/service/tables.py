"""What the rounds of measurements amount to, as tables of Markdown, with the bar of each figure."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.service.turns import Turn

_RENDER = "render processes"
_CPU_BOUND = """
What the CPU allows: clients, API, object store and servers share the cores with the renders here, so what a task costs
besides its render is missing from the rate, and one slot leaves them a core of their own."""


def throughput(rounds: Sequence[Mapping[str, Turn]], cores: int) -> Iterator[str]:
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
            yield f"| {all_cores} / {other} | {ratio:.2f} | >= {bar}{verdict(ratio >= bar)} | {most:.2f} |"
    yield _CPU_BOUND


def _cpu_bounds(rounds: Sequence[Mapping[str, Turn]], name: str, cores: int) -> tuple[float, float]:
    """Return the best ratios to the bare loop and to one slot that the CPU of all processes allows."""
    cpu = _cpu(rounds, name)
    total = sum(cpu.values())
    return sum(_cpu(rounds, "bare loop").values()) / total, max(1.0, cores * cpu[_RENDER] / total)


def _cpu(rounds: Sequence[Mapping[str, Turn]], name: str) -> dict[str, float]:
    return {group: statistics.median(each[name].cpu[group] for each in rounds) for group in rounds[0][name].cpu}


def costs(rounds: Sequence[Mapping[str, Turn]]) -> Iterator[str]:
    yield "\n## Where the CPU goes\n\nMilliseconds of one task, medians of the rounds.\n"
    yield "| | all | of it in the render processes | the others |\n|---|---:|---:|---|"
    for name in rounds[0]:
        cpu = _cpu(rounds, name)
        total, render = sum(cpu.values()), cpu.pop(_RENDER)
        others = ", ".join(f"{group} {each:.1f}" for group, each in cpu.items())
        yield f"| {name} | {total:.1f} | {render:.1f} ({render / total:.0%}) | {others} |"


def verdict(is_met: bool) -> str:  # noqa: FBT001 - the question itself
    return ", met" if is_met else ", **missed**"
