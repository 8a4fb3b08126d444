"""The response of `/metrics`: the metrics of this process, or the sum over all processes of one service.

With PROMETHEUS_MULTIPROC_DIR in the environment before Python starts, prometheus_client keeps every value in files of
that directory, one set for each process. Counters outlive the process that counted; gauges go with it.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest, multiprocess
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE_LATEST", "DIRECTORY_VARIABLE", "exposition", "metrics_registry"]

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def exposition() -> bytes:
    """Return the metrics in Prometheus' text format."""
    return generate_latest(metrics_registry())


def metrics_registry() -> CollectorRegistry:
    """Return the registry of this process, or one that reads the files of all processes at each collection."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if not directory:
        return REGISTRY
    registry = CollectorRegistry(support_collectors_without_names=True)
    registry.register(_AllProcesses(directory))
    return registry


class _AllProcesses(Collector):
    def __init__(self, directory: str) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        _remove_dead_processes(Path(self._directory))
        files = multiprocess.MultiProcessCollector(None, path=self._directory)  # type: ignore[no-untyped-call]
        found: Iterable[Metric] = files.collect()  # type: ignore[no-untyped-call]
        return found


def _remove_dead_processes(directory: Path) -> None:
    """Remove the gauges of killed processes, which could not reset them."""
    for pid in {int(path.stem.rpartition("_")[2]) for path in directory.glob("gauge_live*_*.db")}:
        if not _is_running(pid):
            with suppress(FileNotFoundError):  # another process was faster
                multiprocess.mark_process_dead(pid, path=str(directory))  # type: ignore[no-untyped-call]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
