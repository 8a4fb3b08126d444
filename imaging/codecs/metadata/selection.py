"""Selects what an output carries: what the policy keeps of its source, and what the client states."""

import warnings

from PIL import Image

from imaging.codecs.metadata.exif import read_exif, select_exif
from imaging.codecs.metadata.fields import Changes, Metadata, MetadataRequest
from imaging.codecs.metadata.iptc import read_iptc, select_iptc
from imaging.codecs.metadata.notice import Notice, find_notice, find_notice_in_xmp
from imaging.codecs.metadata.png_texts import select_texts
from imaging.codecs.metadata.resolution import select_resolution
from imaging.codecs.metadata.xmp import read_xmp, select_xmp

_MOST_COMMENT_BYTES = 65_533  # of a JPEG's segment


def select_metadata(
    file: Image.Image, data: bytes, request: MetadataRequest, changes: Changes, *, profile: bytes = b""
) -> Metadata:
    """What the output of `file`, whose bytes are `data`, carries. Metadata that cannot be read is not kept."""
    if request == MetadataRequest():
        return Metadata(profile=profile)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's about broken metadata, which is of no use to the operator
        return _select(file, data, request, changes, profile)


def _select(file: Image.Image, data: bytes, request: MetadataRequest, changes: Changes, profile: bytes) -> Metadata:
    xmp, iptc = (read_xmp(file, data), read_iptc(file)) if request.policy != "strip" else (b"", b"")
    notice = find_notice(file, xmp=xmp, iptc=iptc) if request.policy != "strip" else Notice()
    resolution = select_resolution(file, data, read_exif(file), request, changes)
    return Metadata(
        exif=select_exif(file, request, changes, notice=notice, resolution=resolution),
        xmp=select_xmp(xmp, request, changes, notice=find_notice_in_xmp(xmp), resolution=resolution),
        iptc=select_iptc(iptc, request),
        profile=profile,
        comment=_select_comment(file) if request.keeps_all else b"",
        texts=select_texts(data, request) if file.format == "PNG" else (),
        resolution=resolution,
    )


def _select_comment(file: Image.Image) -> bytes:
    found = file.info.get("comment") if file.format in {"JPEG", "MPO", "GIF"} else None
    return found if isinstance(found, bytes) and len(found) <= _MOST_COMMENT_BYTES else b""
