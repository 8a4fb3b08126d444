"""`python -m api`: the HTTP service, and with embedded parts all of Darkroom in one process."""

import argparse
import asyncio
import signal
import sys
from functools import partial

import structlog
import uvloop

from api.app import VERSION, Companion, create_app
from api.server.multiprocess import serve_processes
from api.server.uvicorn_server import listen, serve, url_of
from core.collector import settle
from core.errors import ConfigurationError, DependencyUnavailable
from core.logs import configure_logging
from core.settings import Settings, describe_settings, likely_typos, read_settings
from worker.runner import running

_UNAVAILABLE = 1
_WRONG_SETTINGS = 2
_TRY = """
Darkroom serves at {url} (documentation: {url}/docs). Try:

  curl -sS {url}/v1/users -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "correct horse"}}'
  TOKEN=$(curl -sS {url}/v1/sessions -H 'Content-Type: application/json' \\
    -d '{{"email": "me@example.com", "password": "correct horse"}}' | grep -o '"token":"[^"]*' | cut -d'"' -f4)
  curl -sS {url}/v1/tasks -H "Authorization: Bearer $TOKEN" -F image=@picture.jpg -F filter=sepia -F filter=blur
  curl -sSL -o output.jpg {url}/v1/tasks/TASK_ID/output -H "Authorization: Bearer $TOKEN"

Ctrl+C stops it.

"""
_log = structlog.get_logger("api")


def main() -> int:
    """Returns the exit code: 0 after a stop, 1 when a server is away at the start, 2 for wrong settings."""
    _parser().parse_args()
    try:
        settings = read_settings()
        configure_logging(settings.log_format, settings.log_level)
        for name, meant in likely_typos().items():
            _log.warning("unknown_setting", name=name, did_you_mean=meant)
        _run(settings)
    except ConfigurationError as error:
        return _refuse(error.detail, code=_WRONG_SETTINGS)
    except DependencyUnavailable as error:
        return _refuse(f"The {error.dependency.replace('_', ' ')} cannot be reached: {error.detail}", code=_UNAVAILABLE)
    except (asyncio.CancelledError, KeyboardInterrupt):
        _log.info("stopped_early")
        return 0
    _log.info("stopped")
    return 0


def _run(settings: Settings) -> None:
    with listen(settings.host, settings.port) as listener:
        if settings.api_processes > 1:
            _announce(settings, url_of(listener))
            serve_processes(listener, settings.api_processes)
            return
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            app = create_app(settings, companion=_worker(settings) if settings.embedded_parts else None)
            settle()
            on_ready = partial(_announce, settings, url_of(listener))
            runner.run(serve(app, listener, on_ready=on_ready))


def _worker(settings: Settings) -> Companion:
    """Should it break, everything stops as if asked to: what is left of it would take tasks and never end them."""
    give_up = partial(signal.raise_signal, signal.SIGTERM)
    return lambda storage, broker: running(settings, storage=storage, broker=broker, give_up=give_up)


def _announce(settings: Settings, url: str) -> None:
    if settings.embedded_parts:
        _log.info(
            "embedded",
            parts=settings.embedded_parts,
            good_for="trying out, development and one small machine: one process, no second copy of the data",
        )
    _log.info("serving", url=url, version=VERSION)
    sys.stdout.write(_TRY.format(url=url))
    sys.stdout.flush()


def _refuse(detail: str, *, code: int) -> int:
    for line in detail.splitlines():
        sys.stderr.write(f"darkroom: {line}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m api",
        description="Serve Darkroom's HTTP API. Embedded parts, which are the default, bring the worker along.",
        epilog="\n".join(["settings, from the environment:", *describe_settings()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


if __name__ == "__main__":
    sys.exit(main())
