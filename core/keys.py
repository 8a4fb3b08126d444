"""Object keys. Each holds the id of the row it belongs to, so that the key shows whether an object has a row."""

from collections.abc import Iterable
from uuid import UUID

SOURCES = "sources/"
OUTPUTS = "outputs/"
DELIVERED = "delivered/"
_PROXY = ".proxy"
DEPLOYMENT_MARK = "deployment.json"  # says whose bucket it is


def source_key(image_id: UUID) -> str:
    return f"{SOURCES}{image_id}"


def output_key(task_id: UUID, attempt: int, extension: str) -> str:
    """Return the key of an output. It contains the attempt: two attempts at one task never write the same object."""
    return f"{OUTPUTS}{task_id}/{attempt}.{extension}"


def delivered_key(render_id: UUID) -> str:
    """Return the key of a delivered image. Its row names one render: two of the same image never write one object."""
    return f"{DELIVERED}{render_id}"


def is_of_attempt(key: str, attempt: int) -> bool:
    """Return whether an output key belongs to this attempt at its task."""
    return key.rpartition("/")[2].partition(".")[0] == str(attempt)


def proxy_key(image_id: UUID) -> str:
    """Return the key of a source's proxy, a small copy for previews. It has no row: it belongs to that of its image."""
    return f"{source_key(image_id)}{_PROXY}"


def with_proxies(keys: Iterable[str]) -> list[str]:
    """Return these keys and, after each one of a source, that of its proxy, which may not exist."""
    return [
        each
        for key in keys
        for each in ((key, f"{key}{_PROXY}") if key.startswith(SOURCES) and not key.endswith(_PROXY) else (key,))
    ]


def row_id(key: str) -> UUID | None:
    """Return the id of the image, task or render that a key belongs to; None for a foreign key."""
    parts = key.split("/")
    try:
        return UUID(parts[1].removesuffix(_PROXY)) if parts[0] + "/" in {SOURCES, OUTPUTS, DELIVERED} else None
    except (IndexError, ValueError):
        return None
