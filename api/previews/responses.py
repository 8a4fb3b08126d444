"""HTTP of previews and thumbnails: for the browser of their owner alone, with a validator (RFC 9110, 13)."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api.previews.service import Previews, SmallOutput
from imaging import RenderWarning

WARNINGS_HEADER = "Darkroom-Warnings"
_MAX_AGE_SECONDS = 3600


async def respond(request: Request, previews: Previews, wanted: SmallOutput) -> Response:
    """Return the bytes, or 304 to a GET without rendering if the client has this version."""
    headers = {
        "ETag": f'"{wanted.version}"',
        "Cache-Control": f"private, max-age={_MAX_AGE_SECONDS}",
        "Vary": "Authorization, Cookie",
    }
    if request.method == "GET" and _is_known(request, headers["ETag"]):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    image = await previews.render(wanted)
    headers["Content-Disposition"] = f'inline; filename="{wanted.kind}.{image.extension}"'
    if wanted.kind == "preview" and image.warnings:
        headers[WARNINGS_HEADER] = _list_warnings(image.warnings)
    return Response(image.data, headers=headers, media_type=image.media_type)


def _is_known(request: Request, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return not tags.isdisjoint({etag, "*"})


def _list_warnings(warnings: tuple[RenderWarning, ...]) -> str:
    """Return a structured list (RFC 9651, 3.1), such as `step_without_effect;path="pipeline.0"`."""
    return ", ".join(f'{each.code};path="{each.path}"' for each in warnings)
