"""Downloads an output as its owner would."""

import io
from hashlib import sha256

import httpx
from PIL import Image

from tests.harness.client import Json


def check_output(output: Json, anybody: httpx.Client) -> str:
    """Return what is wrong with the output behind its link; empty if nothing, or while the store is unavailable."""
    try:
        answer = anybody.get(output["url"])
    except httpx.TransportError:
        return ""
    if answer.is_server_error:
        return ""
    if not answer.is_success:
        return f"status {answer.status_code}"
    if len(answer.content) != output["bytes"] or sha256(answer.content).hexdigest() != output["sha256"]:
        return f"{len(answer.content)} bytes instead of {output['bytes']}"
    with Image.open(io.BytesIO(answer.content)) as image:
        image.load()
        return "" if image.size == (output["width"], output["height"]) else f"{image.size} pixels"
