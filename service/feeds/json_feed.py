"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from service.feeds.paths import feed_url, home_url
from service.model.feed import Entry, Feed, FeedFormat
from service.model.post import Author, Enclosure

_VERSION = "https://jsonfeed.org/version/1.1"


def render_json(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1 in UTF-8; a pure function of the feed."""
    document = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": home_url(feed),
        "feed_url": feed_url(feed.service_url, feed.key, FeedFormat.JSON),
        "description": feed.description,
        "authors": [{"name": feed.author}],
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        "items": [_describe_entry(entry) for entry in feed.entries],
    }
    if not feed.hubs:
        del document["hubs"]
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _describe_entry(entry: Entry) -> dict[str, Any]:
    post = entry.post
    item: dict[str, Any] = {
        "id": post.uid,
        "url": post.url,
        "title": post.title,
        **_describe_content(entry),
        "image": post.image.url if post.image else None,
        "date_published": post.published_at.isoformat(),
        "date_modified": post.updated_at.replace(microsecond=0).isoformat(),
        "authors": [_describe_author(author) for author in post.authors],
        "tags": list(dict.fromkeys((*post.categories, *post.tags))),
        "language": post.language,
        "attachments": [_describe_attachment(enclosure) for enclosure in post.enclosures],
    }
    return {name: value for name, value in item.items() if value not in (None, [])}


def _describe_content(entry: Entry) -> dict[str, str | None]:
    # Every item must have one of the two contents; a summary alone is its text.
    if entry.body.html:
        return {"content_html": entry.body.html, "summary": entry.post.summary or None}
    return {"content_text": entry.post.summary}


def _describe_author(author: Author) -> dict[str, str]:
    return {"name": author.name, **({"url": author.url} if author.url else {})}


def _describe_attachment(enclosure: Enclosure) -> dict[str, str | int]:
    size = {"size_in_bytes": enclosure.length} if enclosure.length else {}
    return {"url": enclosure.url, "mime_type": enclosure.type, **size}
