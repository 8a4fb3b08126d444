"""EXIF, XMP, IPTC, PNG text and resolution: what a file says about its image, and how much of that its output keeps."""

from imaging.codecs.metadata.embedding import can_embed_profile, embed, embedding_options
from imaging.codecs.metadata.exif import ORIENTATION, read_exif, read_orientation
from imaging.codecs.metadata.fields import (
    Changes,
    Geometry,
    Metadata,
    MetadataPolicy,
    MetadataRequest,
    StatedText,
    Statement,
)
from imaging.codecs.metadata.selection import select_metadata
from imaging.codecs.metadata.support import SUPPORT

__all__ = [
    "ORIENTATION",
    "SUPPORT",
    "Changes",
    "Geometry",
    "Metadata",
    "MetadataPolicy",
    "MetadataRequest",
    "StatedText",
    "Statement",
    "can_embed_profile",
    "embed",
    "embedding_options",
    "read_exif",
    "read_orientation",
    "select_metadata",
]
