"""`python -m api`: the HTTP service, and with embedded parts all of Darkroom in one process."""

import signal
import sys
from collections.abc import Sequence
from functools import partial

import structlog

from api.app import VERSION, Companion, create_app
from api.server.metrics_port import serve_metrics
from api.server.multiprocess import serve_processes
from api.server.uvicorn_server import listen, serve, url_of
from core.runtime import run_event_loop, run_service
from core.settings import Settings
from worker.runner import running

TRY = r"""
Darkroom serves at {url} (documentation: {url}/docs). Try it in another terminal:

  URL={url}
  curl -sS -w '\n' $URL/v1/users -H 'Content-Type: application/json' \
    -d '{{"email": "me@example.com", "password": "correct horse"}}'
  TOKEN=$(curl -sS $URL/v1/sessions -H 'Content-Type: application/json' \
    -d '{{"email": "me@example.com", "password": "correct horse"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  TASK=$(curl -sS $URL/v1/tasks -H "Authorization: Bearer $TOKEN" -F image=@examples/pictures/coffee.jpg \
    -F 'pipeline=[{{"filter": "resize", "width": 300}}, {{"filter": "contrast", "amount": 20}}]' \
    -F 'output={{"format": "webp", "quality": 85}}' | sed 's/.*"task_id":"\([^"]*\)".*/\1/')
  curl -sS -w '\n' $URL/v1/tasks/$TASK -H "Authorization: Bearer $TOKEN" -H 'Prefer: wait=30'
  curl -sSL $URL/v1/tasks/$TASK/output -H "Authorization: Bearer $TOKEN" -o output.webp

Ctrl+C stops it.

"""
_log = structlog.get_logger("api")


def main(arguments: Sequence[str] | None = None, *, announcement: str = TRY) -> int:
    """Return the exit code: 0 after a stop, 1 when a server is unavailable at the start, 2 for invalid settings.

    `announcement` is printed when the service is ready, with its `url` and the directory of its `data`.
    """
    return run_service(
        partial(_run, announcement=announcement),
        arguments,
        prog="python -m api",
        description="Serve Darkroom's HTTP API. Embedded parts, which are the default, bring the worker along.",
        options={"--only": "api_routes"},
    )


def _run(settings: Settings, *, announcement: str) -> int:
    if settings.api_routes == "delivery":
        announcement = ""  # there is nothing to try without a URL
    with listen(settings.host, settings.port) as listener:
        announce = partial(_announce, settings, url_of(listener), announcement)
        if settings.api_processes > 1:
            announce()
            serve_processes(listener, settings)
        else:
            app = create_app(settings, companion=_worker(settings) if settings.embedded_parts else None)
            with serve_metrics(settings.metrics_host, settings.metrics_port):
                run_event_loop(serve(app, listener, on_ready=announce))
    _log.info("stopped")
    return 0


def _worker(settings: Settings) -> Companion:
    """Should it break, the process stops as at SIGTERM: a service without it would accept tasks and never end them."""
    give_up = partial(signal.raise_signal, signal.SIGTERM)
    return lambda storage, broker: running(settings, storage=storage, broker=broker, give_up=give_up)


def _announce(settings: Settings, url: str, announcement: str) -> None:
    if settings.embedded_parts:
        _log.info(
            "embedded",
            parts=settings.embedded_parts,
            suited_to="trying out, development and one small machine: one process, no second copy of the data",
        )
    _log.info("serving", url=url, version=VERSION)
    sys.stdout.write(announcement.format(url=url, data=settings.data_dir.absolute()))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
