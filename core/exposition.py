"""The response of `/metrics`: the metrics of this process, or the sum over all processes of one service.

With PROMETHEUS_MULTIPROC_DIR in the environment before Python starts, prometheus_client keeps every value in files of
that directory, one set for each process. Counters outlive the process that counted; gauges go with it.
"""

import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

__all__ = ["CONTENT_TYPE_LATEST", "DIRECTORY_VARIABLE", "exposition"]

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def exposition() -> bytes:
    """Return the metrics in Prometheus' text format."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if not directory:
        return generate_latest(REGISTRY)
    _remove_dead_processes(Path(directory))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


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
