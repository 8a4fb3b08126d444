"""The text chunks of a PNG. PNG 3, section 11.3.3."""

import re

from imaging.codecs.containers.png.repairs import read_texts
from imaging.codecs.metadata.fields import MetadataRequest

_STATED = {"creator": {b"author"}, "copyright": {b"copyright"}, "description": {b"description"}}
# EXIF, XMP, IPTC and colour profiles, as ImageMagick writes them: they are read as what they are.
_WRAPPED = re.compile(rb"raw profile type |xml:com\.adobe\.xmp$", re.IGNORECASE)
_PLACE = re.compile(rb"gps|latitude|longitude|altitude|location|city|country|\bgeo", re.IGNORECASE)


def select_texts(data: bytes, request: MetadataRequest) -> tuple[tuple[bytes, bytes], ...]:
    """Names and contents of the chunks to keep; which ones hold a place is seen by their keyword only."""
    if not request.keeps_all:
        return ()
    dropped = frozenset().union(*(_STATED.get(name, ()) for name in request.statement.names))
    return tuple((name, content) for name, content in read_texts(data) if _is_kept(_keyword(content), request, dropped))


def _keyword(content: bytes) -> bytes:
    return content.partition(b"\0")[0]


def _is_kept(keyword: bytes, request: MetadataRequest, dropped: frozenset[bytes]) -> bool:
    if _WRAPPED.match(keyword) or keyword.lower() in dropped:
        return False
    return request.keeps_location or not _PLACE.search(keyword)
