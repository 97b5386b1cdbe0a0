"""The generators we read, by their name in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.content.generators.base import Dated, Generator, Page, Place
from service.content.generators.generic import Generic
from service.content.generators.habits import NO_HABITS, Habits
from service.content.generators.hugo import Hugo
from service.content.generators.jekyll import Jekyll

_DIALECTS: Mapping[str, type[Jekyll | Hugo | Generic]] = MappingProxyType(
    {"jekyll": Jekyll, "hugo": Hugo, "generic": Generic}
)


def choose_generator(name: str, habits: Habits = NO_HABITS, language: str = "") -> Generator:
    """Return the dialect of this name with the habits of a site; `language` is its usual one."""
    return _DIALECTS[name](habits, language)


__all__ = ["NO_HABITS", "Dated", "Generator", "Habits", "Page", "Place", "choose_generator"]
