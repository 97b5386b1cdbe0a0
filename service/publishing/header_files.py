"""A built folder for hosts that read `_headers` and `_redirects`: Netlify and Cloudflare Pages.

Both take `:name` for any one part of a path. Neither can say 410, and Cloudflare takes a hundred
rules, so single feeds get none of their own: each names its hubs inside itself.
"""

from __future__ import annotations

from urllib.parse import quote

from service.feeds.xml import POLICY
from service.model.feed import FeedFile
from service.publishing.hosting import Hosted, Rule, list_moved, list_rules

_TEXT = "text/plain; charset=utf-8"
_HEAD = "# Written by Kawaraban (build --host); every such build writes it anew.\n"


def render_header_files(hosted: Hosted) -> tuple[FeedFile, FeedFile]:
    """`_headers` and `_redirects`, which belong at the top of what is uploaded."""
    headers = "\n".join(_write_rule(hosted.base, rule) for rule in list_rules(hosted))
    moved = "".join(f"{quote(hosted.base + path)} {to} 301\n" for path, to in list_moved(hosted))
    return (
        FeedFile("_headers", _TEXT, f"{_HEAD}\n{headers}".encode()),
        FeedFile("_redirects", _TEXT, f"{_HEAD}{moved}".encode()),
    )


def _write_rule(base: str, rule: Rule) -> str:
    values = {
        "Content-Type": rule.content_type,
        "Cache-Control": rule.cache,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY if rule.content_type else "",
        "Access-Control-Allow-Origin": "*" if rule.content_type else "",
        "Link": rule.link,
    }
    lines = [f"  {name}: {value}" for name, value in values.items() if value]
    place = "/".join(quote(part) if part != ":name" else part for part in _split(rule))
    return "\n".join([quote(base) + place, *lines, ""])


def _split(rule: Rule) -> list[str]:
    return rule.fill(":name").split("/")
