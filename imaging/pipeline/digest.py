"""Names what a render makes before it is made: whoever has the same digest may use the same bytes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from imaging.pipeline.report import ENGINE

_ENGINE_DIGITS = 8
_DIGITS = 64
_ENGINE = hashlib.sha256(ENGINE.encode()).hexdigest()[:_ENGINE_DIGITS]


def render_digest(
    source: Sequence[str], pipeline: Sequence[Mapping[str, Any]], output_options: Mapping[str, Any]
) -> str:
    """Return 64 hexadecimal digits of all that determines the bytes.

    `source` names the source's bytes, and whose they are. Steps and options are in canonical JSON.
    """
    fields = [*source, pipeline, output_options]
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return f"{_ENGINE}{digest[: _DIGITS - _ENGINE_DIGITS]}"


def is_of_this_engine(digest: str) -> bool:
    """Return whether this process would make the bytes of the digest, and not an earlier or later version."""
    return digest.startswith(_ENGINE)
