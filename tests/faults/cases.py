"""Cases: what breaks, how, and when. The whole matrix, and the smoke test that runs with every change."""

from collections.abc import Iterator
from dataclasses import dataclass

UNDER_LOAD = "under load"
API_POINTS = (
    "mid_stream",
    "object_complete",
    "before_insert",
    "after_insert",
    "committed",
    "published",
    "before_answer",
)
WORKER_POINTS = (
    *(
        "taking",
        "delivered",
        "claimed",
        "mid_download",
        "child",
        "rendered",
        "mid_upload",
        "uploaded",
        "ended",
        "acked",
    ),
)
SWEEP_POINTS = ("reclaimed", "taken", "purged", "orphans_found")
# Not in the matrix, whose tasks do not share outputs: tests/acceptance/test_shared_outputs.py kills here.
SHARING_POINTS = ("before_copy", "copied", "delivery_uploaded")
SERVERS = ("postgres", "redis", "rabbitmq", "s3")
# Where a fault of a server matters: the process that waits there calls it before the next point, or holds something of
# it that it may lose. At any other point a fault is the same as at the next one listed here.
FAULT_POINTS: dict[str, tuple[str, ...]] = {
    "postgres": (
        *("before_insert", "after_insert", "published"),
        *("delivered", "claimed", "child", "uploaded"),  # the lease is renewed throughout
        *("reclaimed", "taken"),
    ),
    "redis": ("mid_stream", "before_answer"),  # the place of an idempotency key; workers do not know Redis
    "rabbitmq": (
        *("committed", "published"),
        *("taking", "delivered", "claimed", "child", "uploaded", "ended", "acked"),  # what is not acked comes again
        *("reclaimed", "taken"),
    ),
    "s3": (
        *("mid_stream", "object_complete"),
        *("claimed", "mid_download", "rendered", "mid_upload", "uploaded"),
        *("purged", "orphans_found"),
    ),
}
_OUTAGE_POINTS = {  # where a server is not only killed
    "postgres": ("before_insert", "uploaded"),
    "redis": ("before_answer",),
    "rabbitmq": ("committed", "ended"),
    "s3": ("mid_stream", "mid_download", "mid_upload"),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """`at`: the process that comes to the fail-point `moment`; empty when the moment is just some time under load."""

    component: str  # api, worker, child, or a server
    fault: str  # kill, freeze; of servers also cut, black_hole and wipe
    moment: str = UNDER_LOAD
    at: str = ""

    def __str__(self) -> str:
        return "-".join(f"{self.component} {self.fault} {self.at} {self.moment}".replace("_", " ").split())

    @property
    def failpoint(self) -> dict[str, str]:
        """The process stops there until the server's fault is injected, unless it is itself to be killed."""
        kills = self.fault == "kill" and self.component not in SERVERS
        return {"DARKROOM_TESTING": "1", "DARKROOM_FAILPOINT": f"{self.moment}={'kill' if kills else 'stop'}"}

    @property
    def leaves_metrics(self) -> bool:
        """Whether counts are exact: no process of ours dies or stops, no response of the database is lost."""
        return self.component in {"redis", "rabbitmq", "s3"} and not self.at

    @property
    def is_outage(self) -> bool:
        """Whether the component is down for a while; a killed worker or second API is replaced by another."""
        is_replaced = self.component in {"worker", "child"} or (self.component == "api" and bool(self.at))
        return self.fault != "kill" or not is_replaced


def own_points() -> Iterator[tuple[str, str, str]]:
    """Yield component, process and fail-point of our own processes."""
    yield from (("api", "api", point) for point in API_POINTS)
    yield from (("child" if point == "child" else "worker", "worker", point) for point in WORKER_POINTS)
    yield from (("worker", "worker", point) for point in SWEEP_POINTS)


def matrix() -> list[Case]:
    """Return the matrix: our processes killed and frozen at each fail-point, servers killed at theirs.

    Servers are also frozen, cut off, black-holed and (RabbitMQ) wiped, under load and at some points of a task. Cases
    with a new fault or moment of a component come first.
    """
    cases = [*_own_cases(), *(case for server in SERVERS for case in _server_cases(server))]
    seen = set[tuple[str, ...]]()
    new = [case for case in cases if _adds_coverage(case, seen)]
    return new + [case for case in cases if case not in new]


def _own_cases() -> Iterator[Case]:
    for fault in ("kill", "freeze"):
        yield from (Case(component=each, fault=fault, moment=point, at=at) for each, at, point in own_points())
        yield from (Case(component=each, fault=fault) for each in ("api", "worker"))


def _server_cases(server: str) -> Iterator[Case]:
    processes = {point: at for _, at, point in own_points()}
    for fault in ("kill", "freeze", "cut", "black_hole", *(["wipe"] if server == "rabbitmq" else [])):
        yield Case(component=server, fault=fault)
        for point in FAULT_POINTS[server] if fault == "kill" else _OUTAGE_POINTS[server]:
            yield Case(component=server, fault=fault, moment=point, at=processes[point])


def _adds_coverage(case: Case, seen: set[tuple[str, ...]]) -> bool:
    brings = {(case.component, "fault", case.fault), (case.component, "moment", case.at, case.moment)}
    is_new = not brings <= seen
    seen |= brings
    return is_new


# In test_repeated.py, which also submits again; in test_dependencies.py.
_POINTS_TESTED_ELSEWHERE = ("object_complete", "published", "before_answer")
_FAULTS_TESTED_ELSEWHERE = (("redis", "freeze"), ("s3", "freeze"))


def smoke() -> list[Case]:
    """Return the smoke test: a kill at each fail-point, a kill and a freeze of each server.

    Without what other fault tests do anyway.
    """
    ours = [
        Case(component=component, fault="kill", moment=point, at=at)
        for component, at, point in own_points()
        if point not in _POINTS_TESTED_ELSEWHERE
    ]
    servers = [(server, fault) for server in SERVERS for fault in ("kill", "freeze")]
    return ours + [
        Case(component=server, fault=fault)
        for server, fault in servers
        if (server, fault) not in _FAULTS_TESTED_ELSEWHERE
    ]
