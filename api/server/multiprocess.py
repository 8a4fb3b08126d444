"""Several API processes on one port, supervised by uvicorn. `/metrics` of each one sums over all."""

import os
import socket
import tempfile

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.server.metrics_port import serve_metrics
from api.server.uvicorn_server import OPTIONS
from core.exposition import DIRECTORY_VARIABLE
from core.logs import configure_logging
from core.runtime import freeze_gc
from core.settings import Settings


def serve_processes(listener: socket.socket, settings: Settings) -> None:
    """Run the processes of the API until SIGINT or SIGTERM. Their supervisor serves the metrics of all."""
    config = uvicorn.Config(
        "api.server.multiprocess:application",
        factory=True,
        workers=settings.api_processes,
        loop="uvloop",
        lifespan="on",  # by default an error in it is taken for an application without one
        **OPTIONS,
    )
    with tempfile.TemporaryDirectory(prefix="darkroom-metrics-") as directory:
        os.environ[DIRECTORY_VARIABLE] = directory  # for the processes: prometheus_client reads it at import
        with serve_metrics(settings.metrics_host, settings.metrics_port):
            Multiprocess(config, [listener]).run()


def application() -> FastAPI:
    """Return the application of one process."""
    settings = Settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app(settings)
    freeze_gc()
    return app
