"""kawaraban.toml and the environment: read once, frozen, every mistake told at once."""

from service.config.reading import find_source, load_config
from service.config.settings import (
    Config,
    ContentConfig,
    ProviderConfig,
    ServiceConfig,
    list_send_obstacles,
    missing_sender_fields,
)
from service.config.site import fill_from_site

__all__ = [
    "Config",
    "ContentConfig",
    "ProviderConfig",
    "ServiceConfig",
    "fill_from_site",
    "find_source",
    "list_send_obstacles",
    "load_config",
    "missing_sender_fields",
]
