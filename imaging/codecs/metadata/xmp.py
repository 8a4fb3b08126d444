"""XMP: read from any file, reduced to what still holds, and written anew for what is stated."""

from collections.abc import Iterator
from contextlib import suppress
from xml.sax.saxutils import escape

from PIL import Image

from imaging.codecs.containers.gif.xmp import find_xmp
from imaging.codecs.metadata.fields import Changes, MetadataRequest, Resolution, Statement
from imaging.codecs.metadata.notice import Notice
from imaging.codecs.metadata.xmp_claims import DUBLIN_CORE, TIFF, is_place, is_stale, replaced_by
from imaging.codecs.metadata.xmp_editor import RDF, edit

_MOST_BYTES = 65_502  # what fits into a JPEG's segment behind XMP's name; no reader expects more elsewhere either
_UPRIGHT = {(TIFF, "Orientation"): b"1"}
_INCHES = 2
_BEGIN, _END = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode(), b'<?xpacket end="w"?>'


def read_xmp(file: Image.Image, data: bytes) -> bytes:
    """The packet in the file, whose bytes are `data`; empty where there is none, or something else in its place."""
    found = find_xmp(data) if file.format == "GIF" else file.info.get("xmp")
    if isinstance(found, str):
        return found.encode(errors="replace")
    return found if isinstance(found, bytes) else b""


def select_xmp(
    packet: bytes, request: MetadataRequest, changes: Changes, *, notice: Notice, resolution: Resolution | None
) -> bytes:
    """XMP for the output: what the policy keeps of `packet`, and what is stated. `notice` is what the packet says."""
    stated = _describe(request.statement)
    if request.policy == "keep_copyright":
        return _wrap(_describe(request.statement, notice))
    if request.keeps_all and packet:
        with suppress(ValueError):  # a packet that cannot be read is not kept
            edited = _edit(packet, request, changes, stated, resolution)
            if len(edited) <= _MOST_BYTES:
                return edited
    return _wrap(stated)


def _edit(
    packet: bytes, request: MetadataRequest, changes: Changes, stated: bytes, resolution: Resolution | None
) -> bytes:
    replaced = frozenset(replaced_by(request.statement, has_resolution=resolution is not None))
    return edit(
        packet,
        drops=lambda name: (
            name in replaced or is_stale(name, changes) or (not request.keeps_location and is_place(name))
        ),
        values=_UPRIGHT if changes.is_upright else {},
        appended=stated,
    )


def _describe(statement: Statement, notice: Notice | None = None) -> bytes:
    """An rdf:Description of what is stated, and of the notice where nothing is; empty for neither."""
    creator, rights = (text.decode(errors="replace") for text in notice or Notice())
    properties = "".join(
        (
            *_list("creator", "Seq", statement.creator or creator),
            *_list("rights", "Alt", statement.copyright or rights),
            *_list("description", "Alt", statement.description or ""),
            *_resolution(statement.dpi),
        )
    )
    if not properties:
        return b""
    names = f'xmlns:rdf="{RDF}" xmlns:dc="{DUBLIN_CORE}"' + f' xmlns:tiff="{TIFF}"' * bool(statement.dpi)
    return f'<rdf:Description rdf:about="" {names}>{properties}</rdf:Description>'.encode()


def _list(name: str, kind: str, text: str) -> Iterator[str]:
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    if text:
        item = escape(text, {"\r": "&#13;"})
        yield f"<dc:{name}><rdf:{kind}><rdf:li{language}>{item}</rdf:li></rdf:{kind}></dc:{name}>"


def _resolution(dpi: int | None) -> Iterator[str]:
    if dpi:
        yield f"<tiff:XResolution>{dpi}/1</tiff:XResolution><tiff:YResolution>{dpi}/1</tiff:YResolution>"
        yield f"<tiff:ResolutionUnit>{_INCHES}</tiff:ResolutionUnit>"


def _wrap(description: bytes) -> bytes:
    """A packet of this rdf:Description."""
    if not description:
        return b""
    head = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'.encode()
    return b"".join([_BEGIN, head, description, b"</rdf:RDF></x:xmpmeta>", _END])
