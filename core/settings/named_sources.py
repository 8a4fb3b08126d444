"""The setting DARKROOM_SOURCES: names of places that delivered images come from, beside uploads."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from core.errors import ConfigurationError
from core.public_addresses import is_allowed, literal_address
from core.validation import problems_of

type Network = IPv4Network | IPv6Network
EVERYBODY = "*"
_VARIABLE = "DARKROOM_SOURCES"
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")]


class _Source(BaseModel):
    """`users` are the email addresses of those who may sign URLs of this source."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    users: tuple[str, ...] | Literal["*"]


class BucketSource(_Source):
    """Objects below a prefix. What is not given is as of the service's own bucket."""

    bucket: str = Field(min_length=1)
    prefix: str = ""
    endpoint_url: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _check_credentials(self) -> Self:
        if bool(self.access_key_id) != bool(self.secret_access_key.get_secret_value()):
            raise PydanticCustomError("credentials", "needs access_key_id and secret_access_key together")
        return self


class WebSource(_Source):
    """An https origin. `allow` lists networks that it may be in though they are not public."""

    url: str
    allow: tuple[Network, ...] = ()

    @model_validator(mode="after")
    def _check_url(self) -> Self:
        parts = urlsplit(self.url)
        schemes = {"https", "http"} if self.allow else {"https"}
        if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise PydanticCustomError("url", "must be an https URL without user, query and fragment")
        address = literal_address(parts.hostname)
        if address and not is_allowed(address, self.allow):
            raise PydanticCustomError("url", "names an address that is not public. List its network in `allow`")
        return self


type NamedSource = BucketSource | WebSource
_SOURCES: TypeAdapter[dict[str, dict[str, object]]] = TypeAdapter(dict[_Name, dict[str, object]])


def parse_sources(text: str) -> Mapping[str, NamedSource]:
    """Raises ConfigurationError with the name of the source and of the field, and never with a value."""
    if not text.strip():
        return {}
    try:
        found = _SOURCES.validate_json(text)
    except ValidationError as error:
        raise ConfigurationError(
            f'{_VARIABLE} must be a JSON object such as {{"shop": {{"url": "https://…", "users": "*"}}}}, '
            "with names of a to z, 0 to 9, - and _."
        ) from error
    return {name: _parse(name, fields) for name, fields in found.items()}


def _parse(name: str, fields: dict[str, object]) -> NamedSource:
    model = WebSource if "url" in fields else BucketSource
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        places = problems_of(error, fields, prefix=name, fields=model.model_fields, show_values=False)
        lines = (f"{_VARIABLE}: {each.place} {each.message}." for each in places)
        raise ConfigurationError("\n".join(lines)) from error
