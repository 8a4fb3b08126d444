"""The start of both services: settings, logs, event loop, signals, traces. They differ in what they run."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, get_args

import structlog
import uvloop

from core.errors import ConfigurationError, DependencyUnavailable
from core.logs import configure_logging
from core.settings import Settings, describe_settings, likely_typos, read_settings, variable_of
from core.telemetry import LOOP_LAG_SECONDS
from core.tracing.export import export_traces

UNAVAILABLE = 1  # exit code: a server is unavailable, or the service broke
INVALID_SETTINGS = 2
_LAG_PERIOD_SECONDS = 0.25
# SQLite, files and digests are threads' work. While the loop is busy, each hop into a thread takes this long, and a
# task takes tens of them. Python's own value is 5 ms.
_THREAD_SWITCH_SECONDS = 0.0005
_log = structlog.get_logger()


def run_service(
    serve: Callable[[Settings], int],
    arguments: Sequence[str] | None = None,
    *,
    prog: str,
    description: str,
    options: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Run `serve` with the settings of the environment. Return the exit code: its own, or why it could not start.

    `arguments` are those of the command line; None: of this process. `options` may be among them: each sets a setting,
    also for processes that this one starts.
    """
    parser = argparse.ArgumentParser(
        prog=prog,
        description=description,
        epilog="\n".join(["settings, from the environment:", *describe_settings()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, name in options.items():
        field = Settings.model_fields[name]
        parser.add_argument(option, dest=name, choices=get_args(field.annotation), help=field.description)
    given = vars(parser.parse_args(arguments))
    os.environ.update({variable_of(name): value for name, value in given.items() if value is not None})
    try:
        return serve(_prepare())
    except ConfigurationError as error:
        return _report(error.detail, exit_code=INVALID_SETTINGS)
    except DependencyUnavailable as error:
        name = error.dependency.replace("_", " ")
        return _report(f"The {name} is unavailable: {error.detail}", exit_code=UNAVAILABLE)
    except (asyncio.CancelledError, KeyboardInterrupt):
        _log.info("stopped_early")
        return 0


def _prepare() -> Settings:
    settings = read_settings()
    configure_logging(settings.log_format, settings.log_level)
    for name, suggestion in likely_typos().items():
        _log.warning("unknown_setting", name=name, did_you_mean=suggestion)
    return settings


def _report(detail: str, *, exit_code: int) -> int:
    for line in detail.splitlines():
        sys.stderr.write(f"darkroom: {line}\n")
    return exit_code


def run_event_loop[T](main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on uvloop. What exists by now, such as the application, is excluded from garbage collection."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        freeze_gc()
        return runner.run(main)


def freeze_gc() -> None:
    """Exclude what exists from garbage collection: traversing it again and again took a tenth of the CPU."""
    gc.collect()
    gc.freeze()


def on_stop_signals(react: Callable[[], object]) -> None:
    """Call `react` at SIGINT and SIGTERM from now on, instead of what was set before."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, react)


@asynccontextmanager
async def instrumented(settings: Settings, *, service: str) -> AsyncIterator[None]:
    """Export traces and measure the event loop's lag while the body runs."""
    sys.setswitchinterval(_THREAD_SWITCH_SECONDS)
    measuring = asyncio.create_task(_measure_lag())
    try:
        with export_traces(settings.otlp_endpoint, service=service):
            yield
    finally:
        measuring.cancel()
        await asyncio.wait({measuring})


async def _measure_lag() -> None:
    """Whatever blocks the event loop makes every request and every lease wait."""
    loop = asyncio.get_running_loop()
    while True:
        due_at = loop.time() + _LAG_PERIOD_SECONDS
        await asyncio.sleep(_LAG_PERIOD_SECONDS)
        LOOP_LAG_SECONDS.observe(max(0.0, loop.time() - due_at))
