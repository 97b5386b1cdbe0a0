"""What a pull of the posts came to, in words and for scripts."""

from __future__ import annotations

from service.model.source import GitSource
from service.outbound.repository import Repository
from service.scanning.pulling import PullReport


def write_source(source: GitSource | None) -> str:
    """Where the posts are pulled from and which revision is here; "" when they are in a folder."""
    if source is None:
        return ""
    return f"{source.name} at {Repository(source).find_revision()[:12] or 'no whole revision'}"


def describe_pull(pulled: PullReport | None) -> dict[str, object] | None:
    """For scripts; None when the posts are in a folder."""
    if pulled is None:
        return None
    return {
        "revision": pulled.revision,
        "changed": pulled.has_changed,
        "failure": pulled.failure,
    }


def write_pull(pulled: PullReport | None) -> str:
    """For people; "" when the posts are in a folder."""
    if pulled is None:
        return ""
    at = pulled.revision[:12] or "no whole revision"
    if pulled.failure:
        return f"cannot be pulled, goes on with {at}: {pulled.failure}"
    return f"{at}, pulled just now" if pulled.has_changed else f"{at}, nothing new"
