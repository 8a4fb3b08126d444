"""Formats what `make bench-render` measured as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

_PEERS = ("sharp", "vips", "naive")
_Row = Mapping[str, Mapping[str, float]]


def line(name: str, row: _Row) -> str:
    """One row as it is measured."""
    ratios = "  ".join(f"{_ratio(row, peer):5.2f} ({_cpu_ratio(row, peer):.2f}) x {peer}" for peer in _PEERS)
    own = row["darkroom"]
    return f"{name:28} {own['per_second']:6.1f}/s  {ratios}  {own['cpu_ms']:6.1f} ms  {own['psnr']:.1f} dB"


def as_markdown(result: Mapping[str, Any]) -> str:
    return "\n".join(_page(result)) + "\n"


def _page(result: Mapping[str, Any]) -> Iterator[str]:
    machine, rows = result["machine"], result["rows"]
    yield "# Darkroom against other engines\n"
    yield (
        f"`make bench-render ROUNDS={result['rounds']} SECONDS={result['seconds']:g}`, commit {result['commit']}, "
        f"{machine['cores']} cores of {machine['cpu']}, load {machine['load_at_end']} at the end.\n"
    )
    yield "## Pictures a second on all cores\n"
    yield from _rates(rows)
    yield (
        "\nThe first ratios are of pictures a second, those in brackets of pictures a CPU second: these hold where "
        "something else is at work on the machine.\n"
    )
    yield "## What a picture costs\n"
    yield from _costs(rows)
    yield "\n## What bounds Darkroom\n"
    yield (
        "Medians of the milliseconds of one render. The last column is how much faster it would be if filters took no "
        "time at all: what is left is the codecs of Pillow (libjpeg-turbo, libwebp, libavif) and libdeflate.\n"
    )
    yield from _bounds(rows)


def _rates(rows: Mapping[str, _Row]) -> Iterator[str]:
    yield f"| | Darkroom | {' | '.join(_PEERS)} | {' | '.join(f'/ {peer}' for peer in _PEERS)} |"
    yield f"|---|{'---:|' * (1 + 2 * len(_PEERS))}"
    for name, row in rows.items():
        rates = " | ".join(f"{row[engine]['per_second']:.1f}" for engine in ("darkroom", *_PEERS))
        yield f"| {name} | {rates} | {' | '.join(_both(row, peer) for peer in _PEERS)} |"


def _costs(rows: Mapping[str, _Row]) -> Iterator[str]:
    engines = ("darkroom", *_PEERS)
    yield "Of each engine in the order Darkroom, sharp, vips, naive; PSNR is against naive.\n"
    yield "| | CPU ms | peak MiB of a process | output kB | PSNR dB |"
    yield "|---|---:|---:|---:|---:|"
    for name, row in rows.items():
        cpu, peak = (_all(row, engines, key) for key in ("cpu_ms", "peak_mib"))
        kilobytes = " / ".join(f"{row[engine]['output_bytes'] / 1000:.0f}" for engine in engines)
        decibels = " / ".join(f"{row[engine]['psnr']:.1f}" for engine in engines[:-1])
        yield f"| {name} | {cpu} | {peak} | {kilobytes} | {decibels} |"


def _bounds(rows: Mapping[str, _Row]) -> Iterator[str]:
    yield "| | decode | passes | encode | most of it | without filters |"
    yield "|---|---:|---:|---:|---|---:|"
    for name, row in rows.items():
        parts = {part: row["darkroom"][f"{part}_ms"] for part in ("decode", "passes", "encode")}
        milliseconds = " | ".join(f"{value:.1f}" for value in parts.values())
        most = max(parts, key=lambda part: parts[part])
        without = sum(parts.values()) / (parts["decode"] + parts["encode"])
        yield f"| {name} | {milliseconds} | {most} | {without:.2f} x |"


def _all(row: _Row, engines: tuple[str, ...], key: str) -> str:
    return " / ".join(f"{row[engine][key]:.0f}" for engine in engines)


def _ratio(row: _Row, peer: str) -> float:
    return row["darkroom"]["per_second"] / row[peer]["per_second"]


def _cpu_ratio(row: _Row, peer: str) -> float:
    return row[peer]["cpu_ms"] / row["darkroom"]["cpu_ms"]


def _both(row: _Row, peer: str) -> str:
    return f"{_ratio(row, peer):.2f} ({_cpu_ratio(row, peer):.2f})"
