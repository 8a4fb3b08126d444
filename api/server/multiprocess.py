"""Several API processes on one port, supervised by uvicorn. `/metrics` of each one sums over all."""

import os
import socket
import tempfile

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.server.uvicorn_server import OPTIONS
from core.exposition import DIRECTORY_VARIABLE
from core.logs import configure_logging
from core.runtime import freeze_gc
from core.settings import Settings


def serve_processes(listener: socket.socket, count: int) -> None:
    """Run `count` processes until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        "api.server.multiprocess:application",
        factory=True,
        workers=count,
        loop="uvloop",
        **OPTIONS,
    )
    with tempfile.TemporaryDirectory(prefix="darkroom-metrics-") as directory:
        os.environ[DIRECTORY_VARIABLE] = directory  # for the processes: prometheus_client reads it at import
        Multiprocess(config, [listener]).run()


def application() -> FastAPI:
    """Return the application of one process."""
    settings = Settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app(settings)
    freeze_gc()
    return app
