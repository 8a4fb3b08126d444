"""Names files of other kinds: a good file of one of them is not damaged."""

import re

from imaging.codecs.containers.isobmff.ftyp import read_brands

_CAMERA = "a raw photograph"
_VIDEO = "a video"
_NAMES = (
    ("a PDF document", re.compile(rb"%PDF-")),
    ("a PostScript document", re.compile(rb"%!PS|\xc5\xd0\xd3\xc6")),
    ("a Photoshop document", re.compile(rb"8BPS")),
    ("a GIMP document", re.compile(rb"gimp xcf")),
    ("a JPEG 2000 image", re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51")),
    ("a JPEG XR image", re.compile(rb"II\xbc[\0\x01]")),
    ("a DDS texture", re.compile(rb"DDS ")),
    ("a KTX texture", re.compile(rb"\xabKTX ")),
    ("an ICO icon", re.compile(rb"\0\0\x01\0[^\0]")),
    ("a CUR cursor", re.compile(rb"\0\0\x02\0[^\0]")),
    ("an ICNS icon", re.compile(rb"icns")),
    ("an OpenEXR image", re.compile(rb"\x76\x2f\x31\x01")),
    ("a Radiance HDR image", re.compile(rb"#\?(?:RADIANCE|RGBE)")),
    ("a QOI image", re.compile(rb"qoif")),
    ("a Netpbm image", re.compile(rb"P[1-7][ \t\r\n]")),
    ("a FITS image", re.compile(rb"SIMPLE  =")),
    ("a DICOM image", re.compile(rb".{128}DICM", re.DOTALL)),
    ("a DjVu document", re.compile(rb"AT&TFORM")),
    ("a Windows metafile", re.compile(rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", re.DOTALL)),
    (_CAMERA, re.compile(rb"FUJIFILMCCD-RAW|II(?:U\0|R[OS]\x08)|MMOR|FOVb|II\x1a\0\0\0HEAPCCDR|\0MRM")),
    (_VIDEO, re.compile(rb"\x1a\x45\xdf\xa3|RIFF.{4}AVI |FLV\x01|\0\0\x01[\xb3\xba]|.{4}moov", re.DOTALL)),
    ("a gzip archive", re.compile(rb"\x1f\x8b")),
    ("a ZIP archive", re.compile(rb"PK\x03\x04")),
    ("an HTML page", re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)),
)
_BRANDS = (
    (_CAMERA, re.compile(rb"crx ")),
    (_VIDEO, re.compile(rb"isom|iso[2-9]|mp4[12]|avc1|qt  |M4[AV][ HP]|3g[p2].|dash|f4v ")),
)


def describe_unsupported(head: bytes, *, supported: str) -> str:
    """Return the message for a file that is not supported; `supported` lists what is."""
    name = find_kind(head)
    reason = f"This is {name}, which is not supported." if name else "Unsupported image format."
    return f"{reason} Supported: {supported}."


def find_kind(head: bytes) -> str | None:
    """Return what a file of another kind is, such as "a PDF document"; None where its first bytes say nothing."""
    brands = read_brands(head)
    named = (name for name, pattern in _BRANDS if any(map(pattern.fullmatch, brands)))
    return next((name for name, magic in _NAMES if magic.match(head)), None) or next(named, None)
