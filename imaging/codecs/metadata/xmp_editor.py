"""Edits XMP in place: what is not to be changed keeps its bytes. It is untrusted: no tree and no entity is made.

ISO 16684-1 (XMP 1): properties are elements or attributes within rdf:RDF; the name of each has a namespace.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from xml.parsers import expat

Name = tuple[str, str]  # namespace and local name
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MOST_PACKET_BYTES = 2**20
_DEEPEST = 100  # elements within each other

_ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_TAG = re.compile(rb"<[^\s/>]+(?:" + _ATTRIBUTE.pattern.replace(b"(", b"(?:", 2) + rb")*\s*/?>")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class _Element:
    name: Name
    start: int  # of its start tag
    content: int  # where that tag ends
    is_empty: bool  # one tag for start and end
    is_dropped: bool  # though no element around it is


class _Editor:
    """Collects replacements of byte ranges while expat, which checks that the XML is well-formed, reads it."""

    def __init__(self, data: bytes, drops: Callable[[Name], bool], values: Mapping[Name, bytes]) -> None:
        self.replacements: list[tuple[int, int, bytes]] = []  # start, end, what to write
        self.end_of_rdf: int | None = None
        self._data, self._drops, self._values = data, cache(drops), values
        self._open: list[_Element] = []
        self._is_dropping = False
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.namespace_prefixes = True
        self._parser.StartDoctypeDeclHandler = _reject_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self) -> None:
        self._parser.Parse(self._data, True)  # noqa: FBT003 - expat's signature

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._data, start)
        if tag is None or len(self._open) > _DEEPEST:
            message = "the XMP is not well-formed, or too deep"
            raise ValueError(message)
        is_dropped = not self._is_dropping and self._drops(_split(name))
        element = _Element(_split(name), start, tag.end(), tag[0].endswith(b"/>"), is_dropped)
        self._open.append(element)
        self._is_dropping |= is_dropped
        if attributes and not self._is_dropping:
            self._edit_attributes(element, attributes)

    def _edit_attributes(self, element: _Element, attributes: Mapping[str, str]) -> None:
        names = {_qualified(name).encode(): _split(name) for name in attributes}
        for found in _ATTRIBUTE.finditer(self._data, element.start, element.content):
            name = names.get(found[1])
            if name is None:  # declares a namespace
                continue
            if self._drops(name):
                self.replacements.append((*found.span(), b""))
            elif name in self._values:
                self.replacements.append((*found.span(2), b'"' + self._values[name] + b'"'))

    def _end(self, _name: str) -> None:
        element, position = self._open.pop(), self._parser.CurrentByteIndex
        if element.is_dropped:
            end = element.content if element.is_empty else self._data.index(b">", position) + 1
            self.replacements.append((element.start, end, b""))
            self._is_dropping = False
        elif not self._is_dropping and not element.is_empty:
            if element.name in self._values:
                self.replacements.append((element.content, position, self._values[element.name]))
            if element.name == (RDF, "RDF"):
                self.end_of_rdf = position


def edit(packet: bytes, *, drops: Callable[[Name], bool], values: Mapping[Name, bytes], appended: bytes = b"") -> bytes:
    """Return the packet without the properties that `drops` accepts, with `values` in place of others.

    `appended` is put at the end of rdf:RDF. Raises ValueError for a packet that is too large or deep, not well-formed,
    not UTF-8 or UTF-16, has a document type, or has no rdf:RDF to append to.
    """
    data = _to_utf_8(packet)
    editor = _Editor(data, drops, values)
    try:
        editor.read()
    except expat.ExpatError as error:
        message = "the XMP is not well-formed"
        raise ValueError(message) from error
    if not appended:
        return _replace(data, editor.replacements)
    if editor.end_of_rdf is None:
        message = "the XMP has no rdf:RDF"
        raise ValueError(message)
    return _replace(data, [*editor.replacements, (editor.end_of_rdf, editor.end_of_rdf, appended)])


def _to_utf_8(packet: bytes) -> bytes:
    data = packet.strip(b"\0 \r\n")
    if len(data) > _MOST_PACKET_BYTES:
        message = "the XMP is too large"
        raise ValueError(message)
    return packet.decode("utf-16").strip("\0 \r\n").encode() if packet.startswith(_UTF_16) else data


def _replace(data: bytes, replacements: Sequence[tuple[int, int, bytes]]) -> bytes:
    parts, position = [], 0
    for start, end, replacement in sorted(replacements, key=lambda each: (each[0], -each[1])):
        if start >= position:  # else it is within one that was replaced
            parts += [data[position:start], replacement]
            position = end
    return b"".join([*parts, data[position:]])


def _split(name: str) -> Name:
    """Expat joins namespace, local name and prefix with spaces; without a namespace there is the local name alone."""
    uri, _, rest = name.partition(" ")
    return (uri, rest.partition(" ")[0]) if rest else ("", uri)


def _qualified(name: str) -> str:
    """The name as it stands in the file."""
    _, _, rest = name.partition(" ")
    local, _, prefix = rest.partition(" ")
    return f"{prefix}:{local}" if prefix else local or name


def _reject_doctype(*_: object) -> None:
    message = "the XMP has a document type"
    raise ValueError(message)
