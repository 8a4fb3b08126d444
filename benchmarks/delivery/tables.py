"""The figures as tables of Markdown, each with its bar."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.delivery.cases import Case
from benchmarks.delivery.measure import CLIENTS, Figures

_BEST_PEER_BAR, _HIT_RATE_BAR, _HIT_P50_BAR, _CPU_BAR = 1.0, 5.0, 5.0, 2.0
_OURS = ("on servers", "embedded")
_PARTS = {  # groups of processes, and their columns
    **dict.fromkeys(("API", "worker", "API and worker", "server"), "service"),
    "render processes": "its render processes",
    "SeaweedFS": "SeaweedFS",
    **dict.fromkeys(("PostgreSQL", "RabbitMQ", "Redis"), "other servers"),
}
_ABOUT = f"""
{CLIENTS} clients; JPEG q85, WebP q79. The peers have no sepia and make the image grey, which is less work. All but
"embedded" read the same SeaweedFS, the peers by their HTTP loaders. The peers keep nothing; thumbor has a process for
each core, ipx one with threads. Darkroom has a render process for each core, renders in a sandbox, and stores the
output. "Embedded" reads and stores files; the bar is not its."""


def uncached_table(found: Mapping[Case, Mapping[str, Figures]]) -> Iterator[str]:
    names = list(next(iter(found.values())))
    yield f"## Uncached\n{_ABOUT}\n"
    heads = " | ".join([*names, "on servers, of the best peer", "bar"])
    yield f"| images/s; p50 and p95 of one client, ms | {heads} |\n|---|{'---:|' * (len(names) + 2)}"
    for case, figures in found.items():
        cells = " | ".join(f"{each.rate:.1f}/s; {each.p50:.1f}, {each.p95:.1f}" for each in figures.values())
        peers = [each.rate for name, each in figures.items() if name not in _OURS]
        ratio = figures["on servers"].rate / max(peers) if peers else 0.0
        yield f"| {case.name} | {cells} | {ratio:.2f} | >= {_BEST_PEER_BAR:.1f}{_verdict(ratio >= _BEST_PEER_BAR)} |"
    yield from _cpu_table(found, names)


def _cpu_table(found: Mapping[Case, Mapping[str, Figures]], names: Sequence[str]) -> Iterator[str]:
    parts = list(dict.fromkeys(_PARTS.values()))
    yield "\nCPU of one image, in ms. The clients, which take the rest of the two cores, are not in it:\n"
    yield f"| | {' | '.join([*parts, 'all'])} |\n|---|{'---:|' * (len(parts) + 1)}"
    for case, figures in found.items():
        for name in names:
            spent = figures[name].cpu
            by_part = [sum(spent[each] for each in spent if _PARTS[each] == part) for part in parts]
            cells = " | ".join(f"{each:.1f}" for each in [*by_part, sum(by_part)])
            yield f"| {case.name}, {name} | {cells} |"


def hit_table(hits: Mapping[str, Figures], uncached: Mapping[str, Figures]) -> Iterator[str]:
    yield "\n## Hits\n\nThe same image of 320 x 240 again and again. Key and image are read in SQL once a second.\n"
    yield "| | images/s | x thumbor, uncached | p50, ms | p95, ms | CPU of the API, ms |"
    yield "|---|---:|---:|---:|---:|---:|"
    thumbor = uncached["thumbor"].rate if "thumbor" in uncached else 0
    for name, each in hits.items():
        ratio = f"{each.rate / thumbor:.1f}{_verdict(each.rate / thumbor >= _HIT_RATE_BAR)}" if thumbor else "not run"
        p50 = f"{each.p50:.1f}{_verdict(each.p50 <= _HIT_P50_BAR)}"
        spent = next(iter(each.cpu.values()))
        cpu = f"{spent:.2f}{_verdict(spent <= _CPU_BAR)}"
        yield f"| {name} | {each.rate:.0f} | {ratio} | {p50} | {each.p95:.1f} | {cpu} |"
    yield f"\nBars: {_HIT_RATE_BAR:.0f} x, p50 {_HIT_P50_BAR:.0f} ms, CPU {_CPU_BAR:.0f} ms."


def _verdict(is_met: bool) -> str:  # noqa: FBT001 - the outcome of a comparison
    return "" if is_met else " (missed)"
