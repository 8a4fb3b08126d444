"""`python -m worker`: the worker service, for real servers. The embedded parts live in `python -m api`."""

import asyncio
import sys

import broker as brokers
from core.errors import ConfigurationError
from core.runtime import UNAVAILABLE, instrumented, on_stop_signals, run_event_loop, run_service
from core.settings import Settings
from storage import open_storage
from worker.probes import serve_probes
from worker.runner import running


def main() -> int:
    """Return the exit code: 0 after a drain, 1 when it cannot start or broke, 2 for invalid settings."""
    return run_service(
        _run, prog="python -m worker", description="Claims queued tasks and renders them. SIGTERM drains."
    )


def _run(settings: Settings) -> int:
    if settings.embedded_parts:
        raise ConfigurationError(
            f"The worker service needs servers that the API shares: set {', '.join(settings.embedded_parts)}. "
            "Without them, `python -m api` runs a worker of its own."
        )
    return run_event_loop(_serve(settings))


async def _serve(settings: Settings) -> int:
    stopping, broken = asyncio.Event(), asyncio.Event()

    def give_up() -> None:
        broken.set()
        stopping.set()

    on_stop_signals(stopping.set)
    async with (
        instrumented(settings, service="darkroom-worker"),
        serve_probes(settings.worker_metrics_host, settings.worker_metrics_port) as probes,
        open_storage(settings) as storage,
        brokers.connect(settings.broker_url, queue=settings.broker_queue) as broker,
        running(settings, storage=storage, broker=broker, give_up=give_up),
    ):
        probes.is_ready = lambda: broker.is_consuming
        await stopping.wait()
        probes.is_ready = lambda: False
    return UNAVAILABLE if broken.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
