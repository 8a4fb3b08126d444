"""All settings of both services, read once from the environment by the entry points. Below them, plain values."""

from core.settings.addresses import is_path_prefix
from core.settings.environment import describe_settings, likely_typos, read_settings, variable_of
from core.settings.named_sources import EVERYBODY, BucketSource, NamedSource, Network, WebSource, parse_sources
from core.settings.settings import Settings

__all__ = [
    "EVERYBODY",
    "BucketSource",
    "NamedSource",
    "Network",
    "Settings",
    "WebSource",
    "describe_settings",
    "is_path_prefix",
    "likely_typos",
    "parse_sources",
    "read_settings",
    "variable_of",
]
