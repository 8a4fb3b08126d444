"""Where the API listens, and the URLs that its clients and proxies use."""

import re
from ipaddress import ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from core.errors import ConfigurationError
from core.settings.group import SettingsGroup

_LONGEST_PREFIX = 200
_PREFIX_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", re.ASCII)  # as browsers send it


class AddressSettings(SettingsGroup):
    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes; more than one requires servers.")
    api_routes: Literal["all", "delivery"] = Field(
        "all", description="`delivery`: only images by URL, in processes apart from those of the API. Requires servers."
    )
    public_url: str = Field("", description="URL that clients use, for links; empty: the Host of each request.")
    allowed_hosts: str = Field("", description="Accepted host names, separated by commas; `*`: any.")
    root_path: str = Field("", description="Path that a proxy serves the API under; empty: that of the public URL.")
    cors_origins: str = Field(
        "", description="Origins whose pages may call the API with a token, separated by commas; `*`: any."
    )
    trusted_proxies: str = Field(
        "", description="Addresses and networks whose `X-Forwarded-…` headers are trusted, separated by commas."
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Address of the API's metrics, if they have a port of their own."
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of the API's metrics; 0: they are on the API's own port."
    )

    @property
    def path_prefix(self) -> str:
        """The path that clients see before those of the API, such as `/darkroom`; usually empty."""
        return self.root_path or urlsplit(self.public_url).path.rstrip("/")

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    def check_addresses(self) -> None:
        """Raise ConfigurationError for URLs, paths, origins and proxies that are invalid."""
        self._check_public_url()
        self._check_proxies()
        self._check_path_prefix()
        self._check_origins()

    def _check_public_url(self) -> None:
        if self.public_url and not _is_base_url(self.public_url):
            raise ConfigurationError(
                f"DARKROOM_PUBLIC_URL is {self.public_url!r}: must be a complete URL, such as https://images.example.com."
            )

    def _check_proxies(self) -> None:
        for proxy in self.trusted_proxies.split(","):
            if proxy.strip() and not _is_network(proxy.strip()):
                raise ConfigurationError(
                    f"DARKROOM_TRUSTED_PROXIES contains {proxy.strip()!r}: use addresses or networks as 10.0.0.0/8. "
                    "If every address were trusted, clients could choose the address that they are counted by."
                )

    def _check_path_prefix(self) -> None:
        if self.path_prefix and not is_path_prefix(self.path_prefix):
            name = "DARKROOM_ROOT_PATH" if self.root_path else "The path of DARKROOM_PUBLIC_URL"
            raise ConfigurationError(f"{name} is {self.path_prefix!r}: must be a path such as /darkroom.")

    def _check_origins(self) -> None:
        for origin in self.origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(
                    f"DARKROOM_CORS_ORIGINS contains {origin!r}: use scheme and host, such as https://app.example.com."
                )


def is_path_prefix(text: str) -> bool:
    """Return whether it is an absolute path of plain names, without a slash at its end."""
    return len(text) <= _LONGEST_PREFIX and bool(_PREFIX_PATH.fullmatch(text)) and ".." not in text


def _is_base_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not (parts.query or parts.fragment)


def _is_network(text: str) -> bool:
    """Return whether it is an address or a network other than the whole internet."""
    try:
        return ip_network(text).prefixlen > 0
    except ValueError:
        return False
