"""CPU time of groups of processes."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import psutil

type Group = Callable[[], list[psutil.Process]]


def cpu_seconds(groups: Mapping[str, Group]) -> dict[str, float]:
    return {name: sum(map(_cpu_seconds, processes())) for name, processes in groups.items()}


def _cpu_seconds(process: psutil.Process) -> float:
    """Its own, and that of the children it has outlived."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def alone(pid: int) -> Group:
    return lambda: [psutil.Process(pid)]


def children(pid: int, *, called: str = "") -> Group:
    """All below it whose program has this in its name."""
    return lambda: [each for each in _below(pid) if called in each.name()]


def listening(url: str) -> Group:
    """Whoever listens there, or its parent if that has forked it, and all that this one has started."""
    port = urlsplit(url).port
    connections = psutil.net_connections("tcp")
    pid = next(each.pid for each in connections if each.status == "LISTEN" and each.laddr[1:] == (port,))
    process = psutil.Process(pid)
    while (parent := process.parent()) and parent.cmdline() == process.cmdline():
        process = parent
    return lambda: [process, *_below(process.pid)]


def _below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)
