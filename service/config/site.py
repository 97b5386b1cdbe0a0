"""What the site's own configuration says already, so that nobody writes it twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.content.sites.site import SiteFacts

_FILLED = {
    "publication": ("title", "url", "description", "language", "timezone", "author"),
    "content": ("generator", "permalink", "future"),
}


def fill_from_site(
    document: Mapping[str, Any], site: SiteFacts
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the document with its gaps filled, and the keys that were filled.

    What kawaraban.toml says wins, also where it says an empty text; `generator = "auto"` is a gap.
    """
    filled: set[str] = set()
    complete = dict(document)
    for name, keys in _FILLED.items():
        table = document.get(name, {})
        if isinstance(table, dict):
            facts = {key: getattr(site, key) for key in keys if _is_gap(table, key)}
            said = {key: fact for key, fact in facts.items() if fact not in ("", None)}
            complete[name] = {**table, **said}
            filled |= {f"{name}.{key}" for key in said}
    return complete, frozenset(filled)


def _is_gap(table: Mapping[str, Any], key: str) -> bool:
    return key not in table or (key == "generator" and table[key] == "auto")
