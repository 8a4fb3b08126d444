"""Renders untrusted images in sandboxed processes. This module is the front door.

What it offers is imported on first use (PEP 562): every render process is forked from one that imports this package
and must hold no more than it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rendering.pool import RenderedOutput, Renderer, open_renderer
    from rendering.protocol import RenderSettings

__all__ = ["RenderSettings", "RenderedOutput", "Renderer", "open_renderer"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "rendering.protocol" if name == "RenderSettings" else "rendering.pool"
    return getattr(import_module(home), name)
