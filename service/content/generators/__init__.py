"""The generators we read, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.content.generators.base import Generator, Page, Place
from service.content.generators.generic import Generic
from service.content.generators.hugo import Hugo
from service.content.generators.jekyll import Jekyll

GENERATORS: Mapping[str, Generator] = MappingProxyType(
    {"jekyll": Jekyll(), "hugo": Hugo(), "generic": Generic()}
)

__all__ = ["GENERATORS", "Generator", "Page", "Place"]
