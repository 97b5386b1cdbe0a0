"""What a site's own configuration decides about how its posts are read."""

from __future__ import annotations

from dataclasses import dataclass

from service.content.values import Value
from service.model.post import Author


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a Hugo site; `folder` is its content below the site's root, "" for none."""

    code: str
    tag: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of a Jekyll site that is written out; "" for the usual permalink."""

    label: str
    permalink: str = ""


@dataclass(frozen=True, slots=True)
class Default:
    """Front matter that Jekyll adds to files below `path` (or like it) of the type `kind`."""

    path: str
    kind: str
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Habits:
    """A site's settings for its posts; where there is no site, all of it is silent.

    `below` leads from the site's root to the folder of posts: "" or with a slash at its end.
    `permalinks` are Hugo's patterns by section; `ugly` are sections with file names for
    addresses, `*` for all; `date_keys` is Hugo's list of where a date may come from;
    `excerpt_separator` is what Jekyll ends an excerpt with.
    """

    is_known: bool = False
    below: str = ""
    content_folder: str = "content"
    permalinks: tuple[tuple[str, str], ...] = ()
    ugly: tuple[str, ...] = ()
    date_keys: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    default_language: str = ""
    prefixes_default: bool = False
    collections_folder: str = ""
    collections: tuple[Collection, ...] = ()
    defaults: tuple[Default, ...] = ()
    authors: tuple[tuple[str, Author], ...] = ()
    excerpt_separator: str = ""


NO_HABITS = Habits()
