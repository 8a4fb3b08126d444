"""Which formats can hold what is stated."""

from imaging.codecs.formats import Format

_TEXTS: tuple[Format, ...] = ("jpeg", "png", "webp", "avif", "jxl", "tiff", "gif", "jpeg2000")
# By output option. GIF and JPEG 2000 hold XMP only.
SUPPORT: dict[str, tuple[Format, ...]] = {
    "dpi": ("jpeg", "png", "webp", "avif", "jxl", "tiff", "bmp"),
    "copyright": _TEXTS,
    "creator": _TEXTS,
    "description": _TEXTS,
}
