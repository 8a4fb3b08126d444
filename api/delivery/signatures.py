"""Signatures of delivery URLs: HMAC-SHA256 over the key, the expiry and the path (ADR 37).

A URL is `/i/{head}.{mac}/{path}`. The head is `{key}` or `{key}.{expires}`: the id of the key, and seconds since 1970.
What is signed is `{head}/{path}`.
"""

import base64
import hmac
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1, sha256
from uuid import UUID

from core.errors import LinkExpired, LinkInvalid
from storage import DeliveryKey

PREFIX = "/i/"
UNSIGNED = "unsigned"  # in place of a signature, where the settings allow that
_KEY = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"([0-9a-f]{32})(?:\.([1-9][0-9]{0,11}))?\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Signature:
    key_id: UUID
    expires: int | None  # seconds since 1970; None: never
    mac: str

    @property
    def head(self) -> str:
        return self.key_id.hex if self.expires is None else f"{self.key_id.hex}.{self.expires}"

    def check(self, key: DeliveryKey | None, path: str) -> DeliveryKey:
        """Return the key. Raises LinkInvalid unless it signed this path, and LinkExpired after the URL's time."""
        secret = key.secret if key else ""
        if not hmac.compare_digest(self.mac, _mac(secret, self.head, path)) or key is None:
            raise invalid()
        if self.expires is not None and self.expires <= time.time():
            raise LinkExpired("The URL has expired. Request a new one where you got it.")
        return key


def parse_signature(text: str) -> Signature:
    """Raises LinkInvalid."""
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise invalid()
    return Signature(UUID(found[1]), int(found[2]) if found[2] else None, found[3])


def signed_path(key: DeliveryKey, path: str, *, expires: int | None) -> str:
    """Return the path of the URL, beginning with a slash."""
    head = Signature(key.key_id, expires, "").head
    return f"{PREFIX}{head}.{_mac(key.secret, head, path)}/{path}"


def check_thumbor(key: DeliveryKey | None, mac: str, paths: Iterable[str]) -> DeliveryKey:
    """Return the key. Raises LinkInvalid unless it signed one of `paths` as thumbor does: HMAC-SHA1, in base64."""
    secret = (key.secret if key else "").encode()
    digests = [hmac.new(secret, path.encode(), sha1).digest() for path in paths]
    is_right = [hmac.compare_digest(mac.encode(), base64.urlsafe_b64encode(digest)) for digest in digests]
    if not any(is_right) or key is None:
        raise invalid()
    return key


def parse_key(text: str) -> UUID:
    """Return the id of a key as URLs have it. Raises LinkInvalid."""
    if not _KEY.fullmatch(text):
        raise invalid()
    return UUID(text)


def invalid() -> LinkInvalid:
    return LinkInvalid("The URL is incomplete or was changed, or its key is not valid any more.")


def _mac(secret: str, head: str, path: str) -> str:
    digest = hmac.new(secret.encode(), f"{head}/{path}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
