"""`python -m worker`: the worker service, for real servers. The embedded parts live in `python -m api`."""

import argparse
import asyncio
import signal
import sys

import structlog
import uvloop

import broker as brokers
from core.collector import settle
from core.errors import ConfigurationError, DependencyUnavailable
from core.logs import configure_logging
from core.runtime import watched_event_loop
from core.settings import Settings, describe_settings, likely_typos, read_settings
from core.tracing import exporting
from storage import open_storage
from worker.probes import observed
from worker.runner import running

_UNAVAILABLE = 1
_WRONG_SETTINGS = 2
_log = structlog.get_logger()


def main() -> int:
    """Returns the exit code: 0 after a drain, 2 for wrong settings, 1 when it cannot start or broke."""
    argparse.ArgumentParser(
        prog="python -m worker",
        description="Claims queued tasks and renders them. SIGTERM drains.",
        epilog="\n".join(["settings, from the environment:", *describe_settings()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    try:
        settings = _read_settings()
        configure_logging(settings.log_format, settings.log_level)
        for name, meant in likely_typos().items():
            _log.warning("unknown_setting", name=name, did_you_mean=meant)
        tracing = exporting(settings.otlp_endpoint, service="darkroom-worker")
        with tracing, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            settle()
            return runner.run(_serve(settings))
    except ConfigurationError as error:
        return _refuse(error.detail, code=_WRONG_SETTINGS)
    except DependencyUnavailable as error:
        return _refuse(f"The {error.dependency.replace('_', ' ')} is away: {error.detail}", code=_UNAVAILABLE)


def _read_settings() -> Settings:
    settings = read_settings()
    if settings.embedded_parts:
        raise ConfigurationError(
            f"The worker service needs servers that the API shares: set {', '.join(settings.embedded_parts)}. "
            "Without them, `python -m api` runs a worker of its own."
        )
    return settings


async def _serve(settings: Settings) -> int:
    stopping, broken = asyncio.Event(), asyncio.Event()

    def give_up() -> None:
        broken.set()
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    async with (
        observed(settings.worker_metrics_host, settings.worker_metrics_port) as observation,
        watched_event_loop(),
        open_storage(settings) as storage,
        brokers.connect(settings.broker_url, queue=settings.broker_queue) as broker,
        running(settings, storage=storage, broker=broker, give_up=give_up),
    ):
        observation.is_ready = lambda: broker.is_consuming
        await stopping.wait()
        observation.is_ready = lambda: False
    return _UNAVAILABLE if broken.is_set() else 0


def _refuse(reason: str, *, code: int) -> int:
    sys.stderr.write(f"{reason}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
