"""A built folder for nginx: what to include in the server block that hands it out.

What `return` and `add_header` are given must have no dollar sign, which nginx takes for a
variable and has no escape for; in addresses it is written %24.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.feeds.xml import POLICY
from service.publishing.hosting import (
    Hosted,
    Rule,
    list_gone,
    list_moved,
    list_rules,
    list_topics,
)

_HEAD = """\
# Written by Kawaraban (build --host nginx); every such build writes it anew.
# Include it, before all other locations, in the server block whose root hands out the feeds:
#
#     root /srv/www;
#     brotli_static on;        # only where nginx has the module ngx_brotli
#     include /etc/nginx/feeds.nginx.conf;
"""


def render_nginx(hosted: Hosted) -> bytes:
    """The locations for feeds, pages, what has moved and what is gone; the same for the same."""
    blocks = [
        *(_write_moved(hosted.base + path, to) for path, to in list_moved(hosted)),
        *(_write_gone(hosted.base + path) for path in list_gone(hosted)),
        *(_write_rule(hosted.base, rule) for rule in _order(hosted)),
        _write_hidden(hosted.base),
    ]
    return "\n".join([_HEAD, *blocks]).encode()


def _order(hosted: Hosted) -> Iterator[Rule]:
    """Those for one place first, for people; nginx itself prefers them wherever they stand."""
    rules = list_rules(hosted)
    moved = {path for path, _ in list_moved(hosted)}
    exact = [rule for rule in rules if rule.is_exact] + list_topics(hosted)
    yield from (rule for rule in exact if rule.place not in moved)
    yield from (rule for rule in rules if not rule.is_exact)


def _write_rule(base: str, rule: Rule) -> str:
    lines = ["gzip_static on;", "gzip_vary on;"]
    if rule.content_type:
        lines += ["types { }", f"default_type {_quote(rule.content_type)};"]
    else:
        lines += ["charset utf-8;"]
    lines += [f"add_header Cache-Control {_quote(rule.cache)};"]
    lines += ["add_header X-Content-Type-Options nosniff;"]
    if rule.content_type:
        lines += [f"add_header Content-Security-Policy {_quote(POLICY)};"]
        lines += ['add_header Access-Control-Allow-Origin "*";']
    if rule.link:
        lines += [f"add_header Link {_quote_value(rule.link)};"]
    return _write_block(_find_match(base, rule), lines)


def _find_match(base: str, rule: Rule) -> str:
    """What comes behind `location`; a page is asked for by its folder and found by its file."""
    tail = "(?:index\\.html)?" if rule.place.endswith("/") else ""
    if rule.is_exact and not tail:
        return f"= {_quote(base + rule.place)}"
    pattern = Rule(base + rule.place, "").write_pattern()
    return f"~ {_quote(f'^{pattern}{tail}$')}"


def _write_moved(path: str, to: str) -> str:
    lines = ['add_header Cache-Control "public, max-age=900";', f"return 301 {_quote_value(to)};"]
    return _write_block(f"= {_quote(path)}", lines)


def _write_gone(path: str) -> str:
    lines = ['add_header Cache-Control "public, max-age=900" always;', "return 410;"]
    return _write_block(f"= {_quote(path)}", lines)


def _write_hidden(base: str) -> str:
    pattern = Rule(f"{base}/", "").write_pattern()
    return _write_block(f"~ {_quote(f'^{pattern}(?:.*/)?[.]kawaraban')}", ["return 404;"])


def _write_block(match: str, lines: list[str]) -> str:
    return "\n".join([f"location {match} {{", *(f"    {line}" for line in lines), "}", ""])


def _quote_value(text: str) -> str:
    return _quote(text.replace("$", "%24"))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
