"""Which routes an application has: all, or those of images by URL."""

from fastapi import Depends, FastAPI

from api import web
from api.requests.query import check_query
from api.routes import (
    api_keys,
    delivery,
    events,
    filters,
    health,
    images,
    objects,
    presets,
    previews,
    sessions,
    submissions,
    tasks,
    users,
)
from core.settings import Settings

_OF_USERS = (
    users,
    sessions,
    api_keys,
    filters,
    images,
    presets,
    submissions,
    tasks,
    events,
    delivery,
    previews,
    objects,
)


def include_routes(app: FastAPI, settings: Settings, *, downloads_from: tuple[str, str]) -> None:
    """`downloads_from`: the URLs that images of the page come from, for its policy."""
    for router in (delivery.public_router, health.router):
        app.include_router(router)
    if not settings.metrics_port:
        app.include_router(health.metrics_router)
    if settings.api_routes == "all":
        for routes in _OF_USERS:
            app.include_router(routes.router, dependencies=[Depends(check_query)])
        web.install(app, settings, downloads_from=downloads_from)
