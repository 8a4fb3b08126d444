"""Names of files that clients send, made safe to be the name of a download."""

import re
import unicodedata

_LONGEST_BYTES = 120  # of UTF-8, so that a step's name and an extension fit into the 255 of a file system
_RESERVED = re.compile(r'[<>:"/\\|?*%]')  # by Windows; the percent sign has a meaning in links and headers
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control and format characters, which can reverse the text
_EXTENSION = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,5}$")


def stem_of(file_name: str | None) -> str | None:
    """Return the name without folders, extension and unsafe characters, cut to 120 bytes of UTF-8.

    None if nothing is left.
    """
    name = unicodedata.normalize("NFC", (file_name or "").replace("\\", "/").rpartition("/")[2])
    visible = "".join(char for char in name if unicodedata.category(char) not in _INVISIBLE)
    stem = _EXTENSION.sub("", _RESERVED.sub("_", visible).strip(" ."))
    return stem.encode()[:_LONGEST_BYTES].decode(errors="ignore").strip(" .") or None
