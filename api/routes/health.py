"""Probes and metrics."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Response

from api.dependencies import OpenResources
from api.schemas import HealthView
from broker import Broker
from core.errors import DependencyUnavailable
from core.exposition import CONTENT_TYPE_LATEST, exposition

router = APIRouter(tags=["health"])
metrics_router = APIRouter(tags=["health"])
_DISPENSABLE = frozenset({"broker"})  # tasks are accepted without it; the sweep publishes them later


@router.get("/livez", summary="Liveness probe", response_model_exclude_unset=True)
async def livez() -> HealthView:
    return HealthView(status="ok")


@router.get(
    "/readyz",
    summary="Readiness probe",
    response_model_exclude_none=True,
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": HealthView, "description": "Not ready"}},
)
async def readyz(response: Response, resources: OpenResources) -> HealthView:
    found, broker = await asyncio.gather(resources.storage.check(), _state_of(resources.broker))
    health = _judge({**found, "broker": broker}, resources.storage.rejected_writes(), resources.isolation)
    if health.status == "unavailable":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return health


@metrics_router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics() -> Response:
    return Response(exposition(), media_type=CONTENT_TYPE_LATEST)


def _judge(
    dependencies: dict[str, str], rejected_writes: Mapping[str, str], isolation: Mapping[str, str] | None
) -> HealthView:
    """A process that only rejects writes stays in use: it serves reads, and the next write shows that there is room."""
    missing = {name for name, state in dependencies.items() if state != "ok"}
    status = "ok" if not (missing or rejected_writes) else "degraded" if missing <= _DISPENSABLE else "unavailable"
    found = {name: rejected_writes.get(name, state) if state == "ok" else state for name, state in dependencies.items()}
    return HealthView(status=status, dependencies=found, isolation=isolation and dict(isolation))


async def _state_of(broker: Broker) -> str:
    try:
        await broker.check()
    except DependencyUnavailable as error:
        return error.detail
    return "ok"
