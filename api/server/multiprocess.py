"""Several API processes behind one port, kept alive by uvicorn's supervisor; any one's /metrics sums over all."""

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
    """Until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        "api.server.multiprocess:application",
        factory=True,
        workers=count,
        loop="uvloop",
        **OPTIONS,
    )
    with tempfile.TemporaryDirectory(prefix="darkroom-metrics-") as directory:
        os.environ[DIRECTORY_VARIABLE] = directory  # for the children: prometheus_client reads it when it is imported
        Multiprocess(config, [listener]).run()


def application() -> FastAPI:
    """What each process serves."""
    settings = Settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app(settings)
    freeze_gc()
    return app
