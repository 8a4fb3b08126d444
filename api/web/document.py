"""The HTML document of the page and its security policy."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from string import Template
from urllib.parse import urlsplit

from api.web.assets import ENTRY, FOLDER, Assets

LANGUAGES = ("en", "ru")
_TEMPLATE = Template((FOLDER / "index.html").read_text())
_NUMBER = re.compile(r"\d(\.\d*)?")


def render_document(assets: Assets, *, prefix: str, language: str, service: Mapping[str, object]) -> str:
    """`prefix` is the path that clients see before those of the API; `service` is what the page knows at once."""
    base = escape(f"{prefix}/assets/{assets.digest}")
    preloads = [f'<link rel="modulepreload" href="{base}/{path}">' for path in assets.modules()]
    styles = [f'<link rel="stylesheet" href="{base}/{path}">' for path in assets.styles()]
    return _TEMPLATE.substitute(
        base=base,
        entry=ENTRY,
        language=language,
        service=escape(json.dumps(service)),
        styles="\n".join(styles),
        preloads="\n".join(preloads),
    )


def policy(downloads_from: Iterable[str]) -> str:
    """Return a Content-Security-Policy: files of this service only, and images and downloads of these URLs' origins.

    Trusted Types forbid what turns text into markup or code.
    """
    origins = " ".join(sorted({_origin(url) for url in downloads_from if url}))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' blob: data: {origins}; connect-src 'self' {origins}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def preferred_language(header: str) -> str:
    """Return the language of Accept-Language with the highest weight that the page has; English without one."""
    weights: dict[str, float] = {}
    for entry in header.replace(" ", "").lower().split(","):
        tag, _, weight = entry.partition(";q=")
        weights.setdefault(tag.partition("-")[0], _number(weight or "1"))
    return max(LANGUAGES, key=lambda language: weights.get(language, 0.0))


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else 0.0


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
