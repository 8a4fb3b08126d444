"""Errors of the environment."""

from core.errors.root import DarkroomError


class TransientError(DarkroomError):
    code = "try_again"


class DependencyUnavailable(TransientError):
    """`dependency` is one of database, object_store, session_store, broker, source.

    `had_no_effect`: the call was never made. Otherwise nobody knows whether it changed something.
    """

    code = "dependency_unavailable"
    retry_after_seconds = 5

    def __init__(self, dependency: str, detail: str, *, had_no_effect: bool = False) -> None:
        super().__init__(detail)
        self.dependency = dependency
        self.had_no_effect = had_no_effect


class DatabaseOverloaded(DependencyUnavailable):
    code = "database_overloaded"

    def __init__(self, detail: str) -> None:
        super().__init__("database", detail, had_no_effect=True)


class StorageFull(DependencyUnavailable):
    """What is stored can still be read."""

    code = "storage_full"
    retry_after_seconds = 60


class Overloaded(TransientError):
    code = "overloaded"
    retry_after_seconds = 5


class WorkerLost(TransientError):
    code = "worker_lost"


class RenderTimeout(TransientError):
    code = "timeout"
