"""All settings of both services, and what contradicts across their groups."""

from core.errors import ConfigurationError
from core.settings.accounts import AccountSettings
from core.settings.addresses import AddressSettings
from core.settings.delivery import DeliverySettings
from core.settings.limits import LimitSettings
from core.settings.logs import LogSettings
from core.settings.named_sources import BucketSource
from core.settings.parts import PartSettings
from core.settings.worker import WorkerSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


# In reverse: pydantic lists the fields of the last base first.
class Settings(
    LogSettings, WorkerSettings, DeliverySettings, LimitSettings, AccountSettings, PartSettings, AddressSettings
):
    """The defaults run everything on one machine; each URL moves one part to a server."""

    @property
    def secure_cookies(self) -> bool:
        return self.cookies == "secure" or (self.cookies == "auto" and self.host not in _LOOPBACK)

    def check(self) -> None:
        """Raise ConfigurationError for settings that are invalid or contradict each other."""
        self.check_addresses()
        self.check_parts()
        self.check_delivery()
        self._check_source_servers()
        self._check_shared_parts()

    def _check_source_servers(self) -> None:
        for name, source in self.named_sources.items():
            if isinstance(source, BucketSource) and not (source.endpoint_url or self.s3_endpoint_url):
                raise ConfigurationError(f"DARKROOM_SOURCES: {name}.endpoint_url is required without an S3 server.")

    def _check_shared_parts(self) -> None:
        if self.api_processes > 1 and self.embedded_parts:
            raise ConfigurationError(
                "DARKROOM_API_PROCESSES above 1 requires servers that the processes share. "
                f"Set {', '.join(self.embedded_parts)}."
            )
        if self.api_routes == "delivery" and self.embedded_parts:
            raise ConfigurationError(
                "DARKROOM_API_ROUTES=delivery requires servers that this process shares with the API. "
                f"Set {', '.join(self.embedded_parts)}."
            )
