"""Images by URL: their render processes, caches, formats and named sources."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, SecretStr

from core.errors import ConfigurationError
from core.settings.group import SettingsGroup
from core.settings.named_sources import NamedSource, parse_sources

_AUTO_FORMATS = frozenset({"avif", "webp"})


class DeliverySettings(SettingsGroup):
    delivery_slots: int = Field(
        1, ge=1, description="Render processes of each API process, for images by signed URL, previews and thumbnails."
    )
    delivery_queue_seconds: float = Field(10, gt=0, description="How long such an image may wait for one; then 503.")
    delivery_memory_bytes: int = Field(64 * 2**20, ge=0, description="Delivered images kept in memory, per process.")
    delivery_stored_bytes: int = Field(
        10 * 2**30, ge=0, description="Delivered images kept in the object store, in total; 0: none."
    )
    delivery_stored_seconds: float = Field(
        30 * 86_400, gt=0, description="How long a stored one is kept after its last use."
    )
    delivery_auto_formats: str = Field(
        "avif,webp", description="Formats that the extension `auto` offers to who accepts them, the best first."
    )
    delivery_fallback: str = Field(
        "", description="Image file that is sent in place of an error of a delivery URL; empty: problem+json."
    )
    delivery_unsigned: Literal["off", "presets"] = Field(
        "off", description="`presets`: anybody may request uploaded images by a preset, without a signature."
    )
    sources: SecretStr = Field(
        SecretStr(""), description="Named sources of delivered images, as JSON: docs/delivery.md. Empty: uploads only."
    )
    source_check_seconds: float = Field(
        60, ge=0, description="How long a named source is not asked again whether an image has changed."
    )
    delivery_max_age_seconds: int = Field(
        31_536_000, ge=0, description="How long browsers and CDNs may keep a delivered image."
    )

    @property
    def auto_formats(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.delivery_auto_formats.split(",") if name.strip())

    @cached_property
    def named_sources(self) -> Mapping[str, NamedSource]:
        return parse_sources(self.sources.get_secret_value())

    def check_delivery(self) -> None:
        """Raise ConfigurationError for formats that `auto` cannot offer."""
        if unknown := set(self.auto_formats) - _AUTO_FORMATS:
            raise ConfigurationError(
                f"DARKROOM_DELIVERY_AUTO_FORMATS contains {min(unknown)!r}: use {' and '.join(sorted(_AUTO_FORMATS))}."
            )
