"""What renders pictures. OpenCV is loaded by whoever uses it first, so that API and worker spare its 28 MiB."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import PIL

ENGINE = f"Pillow {PIL.__version__}, OpenCV {version('opencv-python-headless')}"


class _Kernels:
    """`core.kernels`, imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is there
        return getattr(import_module("core.kernels"), name)


if TYPE_CHECKING:
    from core import kernels
else:
    kernels = _Kernels()

__all__ = ["ENGINE", "kernels"]
