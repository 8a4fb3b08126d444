"""Memory that uploads take in the API's process."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.service.deployments import MeasuredService

UPLOADS_AT_ONCE = 8


def mib_per_upload(service: MeasuredService, picture: bytes) -> float:
    """Return how much memory the API's process gains, in MiB for each of the concurrent uploads."""
    (process,) = next(iter(service.groups.values()))()
    before = _status(process.pid, "VmRSS")
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # the peak counts from here
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as threads:
        uploads = range(3 * UPLOADS_AT_ONCE)
        list(threads.map(lambda _: service.client.http.post("/v1/images", files={"image": picture}), uploads))
    return (_status(process.pid, "VmHWM") - before) / 1024 / UPLOADS_AT_ONCE


def _status(pid: int, name: str) -> int:
    return int(re.findall(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0])
