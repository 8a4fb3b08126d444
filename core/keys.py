"""Object keys. Each holds the id of the row it belongs to, so that the key shows whether an object has a row."""

from uuid import UUID

SOURCES = "sources/"
OUTPUTS = "outputs/"
DEPLOYMENT_MARK = "deployment.json"  # says whose bucket it is


def source_key(image_id: UUID) -> str:
    return f"{SOURCES}{image_id}"


def output_key(task_id: UUID, attempt: int, extension: str) -> str:
    """Return the key of an output. It contains the attempt: two attempts at one task never write the same object."""
    return f"{OUTPUTS}{task_id}/{attempt}.{extension}"


def is_of_attempt(key: str, attempt: int) -> bool:
    """Return whether an output key belongs to this attempt at its task."""
    return key.rpartition("/")[2].partition(".")[0] == str(attempt)


def row_id(key: str) -> UUID | None:
    """Return the id of the image or task that a key belongs to; None for a foreign key."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if parts[0] + "/" in {SOURCES, OUTPUTS} else None
    except (IndexError, ValueError):
        return None
