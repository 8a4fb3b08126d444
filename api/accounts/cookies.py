"""Session cookies of web pages: unreadable for scripts, valid only for requests from pages of the same origin."""

import re

from fastapi import Request, Response

from core.errors import CrossSiteRequest
from storage import DEVICE_SECONDS

SECURE_NAME = "__Host-darkroom"  # the prefix: HTTPS only, this host only, all paths
_PLAIN_NAME = "darkroom"
DEVICE_HEADER = "Darkroom-Device"  # for clients that keep no cookies
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)  # what browsers trust over plain HTTP
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Cookies:
    """Sets and reads cookies. Over plain HTTP, where browsers drop secure ones except on localhost, use `secure=False`.

    The two have different names.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self._name = SECURE_NAME if secure else _PLAIN_NAME
        self._device_name = f"{self._name}_device"

    def token_of(self, request: Request) -> str | None:
        """Return the token, if there is one. Raises CrossSiteRequest if a page of another origin caused the request."""
        token = request.cookies.get(self._name)
        if token is not None:
            self.check_same_origin(request)
        return token

    def set(self, response: Response, token: str) -> None:
        """Set a cookie until the browser closes; the server decides when the session expires."""
        response.set_cookie(self._name, token, secure=self._secure, httponly=True, samesite="strict")

    def clear(self, response: Response) -> None:
        response.delete_cookie(self._name, secure=self._secure, httponly=True, samesite="strict")

    def device_of(self, request: Request) -> str:
        """Return the token of a device that may be known, or an empty string."""
        return request.headers.get(DEVICE_HEADER) or request.cookies.get(self._device_name, "")

    def set_device(self, response: Response, token: str) -> None:
        """Set a cookie that outlives the session: it does not sign in, but prevents a lockout by others' guesses."""
        response.set_cookie(
            self._device_name, token, max_age=DEVICE_SECONDS, secure=self._secure, httponly=True, samesite="strict"
        )

    def clear_device(self, response: Response) -> None:
        response.delete_cookie(self._device_name, secure=self._secure, httponly=True, samesite="strict")

    def check_same_origin(self, request: Request) -> None:
        """Check Fetch Metadata; over plain HTTP, where browsers send none, check Origin. Raises CrossSiteRequest."""
        safe = request.method in _SAFE_METHODS
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site:
            allowed = site == "same-origin" or (safe and site == "none")  # none: typed in by the user
        elif origin:
            allowed = self._is_same_origin(origin, host=request.headers.get("host", ""))
        else:
            allowed = safe
        if not allowed:
            raise CrossSiteRequest("Session cookies are valid only for requests from pages of the same origin.")

    def _is_same_origin(self, origin: str, *, host: str) -> bool:
        """Compare the hosts. A page over plain HTTP may have been changed in transit, so it counts only locally."""
        scheme, _, named = origin.partition("://")
        is_private = scheme == "https" or (scheme == "http" and (not self._secure or bool(_LOCAL.fullmatch(host))))
        return named == host and is_private
