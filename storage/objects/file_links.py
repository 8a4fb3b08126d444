"""Signed links to objects that are files. The API serves these, so a key of its own signs them."""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlencode

from core.errors import LinkExpired, LinkInvalid
from storage.objects.interface import SignedLink

PATH = "/v1/objects/"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTerms:
    """What a link allows: GET of one key until a time, with one media type, file name and disposition."""

    key: str
    expires: int  # seconds since 1970
    media_type: str
    file_name: str
    inline: bool = False  # whether browsers show the object instead of saving it

    @property
    def seconds_left(self) -> float:
        return self.expires - datetime.now(UTC).timestamp()


class LinkSigner:
    """Signs all terms of a link with HMAC-SHA256. `secret` is 32 random bytes that never leave the data directory."""

    def __init__(self, secret: bytes, *, link_seconds: int) -> None:
        self._secret = secret
        self._link_seconds = link_seconds

    def sign(self, key: str, *, media_type: str, file_name: str, inline: bool = False) -> SignedLink:
        """Return the path and query of a link that is valid for `link_seconds`."""
        expires = int(datetime.now(UTC).timestamp()) + self._link_seconds
        terms = LinkTerms(key=key, expires=expires, media_type=media_type, file_name=file_name, inline=inline)
        query = {"expires": expires, "type": media_type, "name": file_name, "signature": self._signature(terms)}
        if inline:
            query["disposition"] = "inline"
        url = f"{PATH}{quote(key)}?{urlencode(query)}"
        return SignedLink(url=url, expires_at=datetime.fromtimestamp(expires, UTC))

    def check(self, terms: LinkTerms, signature: str) -> None:
        """Raise LinkInvalid for terms that were not signed here, LinkExpired after their time."""
        if not hmac.compare_digest(self._signature(terms).encode(), signature.encode()):
            raise LinkInvalid("The link is incomplete or was changed. Request a new one where you got it.")
        if terms.seconds_left <= 0:
            raise LinkExpired("The link has expired. Request a new one where you got it.")

    def _signature(self, terms: LinkTerms) -> str:
        disposition = ["inline"] if terms.inline else []  # links from before there was a choice stay valid
        signed = json.dumps(["GET", terms.key, terms.expires, terms.media_type, terms.file_name, *disposition])
        return hmac.new(self._secret, signed.encode(), sha256).hexdigest()
