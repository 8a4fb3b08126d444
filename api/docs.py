"""Serves the OpenAPI document, and Swagger UI from an installed package: it works offline, without third-party scripts.

Its links are relative, so that it works below any path of a proxy.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from api.server.path_prefix import prefix_of

_PATH = "/docs"
_FILES = "docs"  # relative to the page
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install(app: FastAPI, *, downloads_from: Iterable[str] = ()) -> None:
    """Add both. The page may fetch downloads from the origins of these URLs, besides this service's own."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{_FILES}/favicon-32x32.png",
    )
    page.headers["Content-Security-Policy"] = _policy(
        bytes(page.body).decode(), sources=sorted({_origin(url) for url in downloads_from if url})
    )
    router = APIRouter(include_in_schema=False)

    @router.get(_PATH, response_class=HTMLResponse)
    async def docs() -> HTMLResponse:
        return page

    @router.get("/openapi.json")
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse({**app.openapi(), "servers": [{"url": prefix_of(request) or "/"}]})

    app.include_router(router)
    app.mount(_PATH, StaticFiles(packages=[("fastapi_swagger", "resources")]))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _policy(page: str, *, sources: list[str]) -> str:
    """Return a policy that allows the page's inline script and scripts of this service only."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _INLINE.findall(page))
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; connect-src {' '.join(["'self'", *sources])}; frame-ancestors 'none'"
    )
