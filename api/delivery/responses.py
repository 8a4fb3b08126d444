"""HTTP of delivered images: validators, conditional requests and ranges (RFC 9110, 13 and 14)."""

from email.utils import format_datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api.delivery.memory import DeliveredImage
from api.delivery.service import Deliveries, Delivery
from api.requests import byte_ranges
from core.telemetry import DELIVERIES


async def respond(request: Request, deliveries: Deliveries, delivery: Delivery) -> Response:
    """Return 304 without rendering if the client has this version, else the bytes or the requested range of them."""
    headers = _headers(delivery)
    if _is_known(request, delivery, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _with_image(request, delivery, await deliveries.deliver(delivery), headers)


def respond_at_once(request: Request, deliveries: Deliveries, delivery: Delivery) -> Response | None:
    """Return the same response if nothing has to be waited for, and no error be reported."""
    image = deliveries.recall_image(delivery)
    if image is None or "range" in request.headers:
        return None
    headers = _headers(delivery)
    if _is_known(request, delivery, headers):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    DELIVERIES.labels("memory").inc()
    return _with_image(request, delivery, image, headers)


def _with_image(request: Request, delivery: Delivery, image: DeliveredImage, headers: dict[str, str]) -> Response:
    headers["Content-Disposition"] = f'inline; filename="{delivery.source.name}.{image.extension}"'
    return _with_body(request, image, headers)


def _headers(delivery: Delivery) -> dict[str, str]:
    immutable = "" if delivery.may_change else ", immutable"
    vary = {"Vary": delivery.vary} if delivery.vary else {}
    return {
        **vary,
        "ETag": f'"{delivery.version}"',
        "Last-Modified": format_datetime(delivery.source.modified_at, usegmt=True),
        "Cache-Control": f"public, max-age={delivery.max_age_seconds}{immutable}",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the signature authorises
        "Accept-Ranges": "bytes",
    }


def _is_known(request: Request, delivery: Delivery, headers: dict[str, str]) -> bool:
    """Evaluate If-None-Match, and If-Modified-Since only without it.

    The date is that of the source: it says nothing where preset, origin, `Accept` or hints may choose other bytes.
    """
    sent = request.headers.get("if-none-match")
    if sent is not None:
        tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
        return not tags.isdisjoint({headers["ETag"], "*"})
    has_one_version = not (delivery.may_change or delivery.vary)
    return has_one_version and request.headers.get("if-modified-since") == headers["Last-Modified"]


def _with_body(request: Request, image: DeliveredImage, headers: dict[str, str]) -> Response:
    """Send one range if one is requested, and everything for several: RFC 9110, 14.2 allows that.

    If-Range needs the ETag: the date would not change with the version of Darkroom's libraries.
    """
    requested, size = request.headers.get("range", ""), len(image.data)
    is_current = request.headers.get("if-range") in {None, headers["ETag"]}
    if not requested or request.state.is_head or "," in requested or not is_current:
        return Response(image.data, headers=headers, media_type=image.media_type)
    if not byte_ranges.is_served(requested, size=size):
        return Response(image.data, headers=headers, media_type=image.media_type)
    first, last = byte_ranges.bounds_of(requested, size=size)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    data = image.data[first : last + 1]
    return Response(data, HTTPStatus.PARTIAL_CONTENT, headers=headers, media_type=image.media_type)
