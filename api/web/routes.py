"""The page for browsers at `/`, its files below a digest, and the links of the API for other clients."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.requests.compression import accepts_gzip
from api.server.path_prefix import prefix_of
from api.web.assets import load_assets
from api.web.document import policy, preferred_language, render_document
from core.errors import NotFound
from core.settings import Settings
from imaging import MEDIA_TYPES, READABLE, extension

_LINKS = {"docs": "/docs", "openapi": "/openapi.json", "filters": "/v1/filters"}
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_VARIES = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}
_HEADER = Annotated[str, Header()]


def install(app: FastAPI, settings: Settings, *, downloads_from: Iterable[str] = ()) -> None:
    """Add the page. It may show and fetch images of the origins of these URLs, besides this service's own."""
    assets, service = load_assets(), _describe(settings)
    headers = {**_VARIES, "Content-Security-Policy": policy(downloads_from)}
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def index(request: Request, accept: _HEADER = "", accept_language: _HEADER = "") -> Response:
        """Browsers ask for HTML, other clients for anything."""
        prefix = prefix_of(request)
        if "text/html" not in accept:
            links = {name: prefix + path for name, path in _LINKS.items()}
            return JSONResponse({"service": "darkroom", **links}, headers=_VARIES)
        language = preferred_language(accept_language)
        return HTMLResponse(render_document(assets, prefix=prefix, language=language, service=service), headers=headers)

    @router.get("/assets/{digest}/{path:path}")
    async def asset(request: Request, digest: str, path: str) -> Response:
        found = assets.by_path.get(path) if digest == assets.digest else None
        if found is None:
            raise NotFound("File not found. The page was updated: reload it.")
        if found.gzipped and accepts_gzip(request.headers.get("accept-encoding", "")):
            return _respond(found.gzipped, found.media_type, {**_IMMUTABLE, "Content-Encoding": "gzip"})
        return _respond(found.content, found.media_type, _IMMUTABLE)

    app.include_router(router)


def _describe(settings: Settings) -> dict[str, object]:
    """Return what the page checks before it sends a request; the names are those of its modules."""
    return {
        "maxUploadBytes": settings.max_upload_bytes,
        "registration": settings.registration == "open",
        "formats": sorted({MEDIA_TYPES[each] for each in READABLE} | {f".{extension(each)}" for each in READABLE}),
    }


def _respond(content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    response = Response(content, headers=headers)
    response.headers["Content-Type"] = media_type  # Starlette would add a charset to JavaScript
    return response
