"""Where a form may lead back to: pages of the same publication, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import quote

from service.model.publication import Publication

SENT_MARK = "kawaraban-sent"
"""The fragment that a page can show its own "check your mail" by, with `:target` in its style."""

_LONGEST = 2000
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:[/?#].*)?)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_PORTS = {"http": "80", "https": "443"}
# What some server or browser takes for a slash, so that a path becomes another host.
_SLASHES = re.compile(r"//|\\|%2f|%5c", re.IGNORECASE)
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"

Origin = tuple[str, str, str]


def find_return(wanted: str, publication: Publication) -> str:
    """The address to return to, in ASCII; "" for what is no page of this publication.

    A path alone is one of its site. Nothing is guessed at: what two programs might read in two
    ways is refused.
    """
    if not wanted or len(wanted) > _LONGEST or not wanted.isprintable() or " " in wanted:
        return ""
    if wanted.startswith("/"):
        site = _split(publication.url)
        wanted = f"{_write(site[0])}{wanted}" if site else ""
    parts = _split(wanted)
    if parts is None or parts[0] not in _list_origins(publication):
        return ""
    origin, rest = parts
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    if _SLASHES.search(path) or "\\" in rest:
        return ""
    return _write(origin) + quote(rest, safe=_SAFE)


def mark_sent(address: str) -> str:
    """The address with the fragment that says so, unless it has one of its own."""
    return address if "#" in address else f"{address}#{SENT_MARK}"


def find_page(referer: str, origin: str, publication: Publication) -> str:
    """The page a form stands on, for the record of consent; "" when nobody can say.

    The whole address, without its query, where it is the publication's; else only whose it is.
    """
    page = find_return(re.split(r"[?#]", referer, maxsplit=1)[0], publication)
    if page:
        return page
    parts = _split(origin if origin not in ("", "null") else referer)
    return _write(parts[0]) if parts else ""


def list_form_targets(publication: Publication) -> str:
    """The origins that an answer to a form may lead to, for a Content-Security-Policy."""
    return " ".join(sorted(_write(one) for one in _list_origins(publication)))


def _list_origins(publication: Publication) -> set[Origin]:
    found = (_split(publication.url), _split(publication.service_url))
    return {parts[0] for parts in found if parts is not None}


def _split(address: str) -> tuple[Origin, str] | None:
    if len(address) > _LONGEST or not (parts := _ADDRESS.fullmatch(address)):
        return None
    scheme = parts["scheme"].lower()
    # int() would take 0443 for 443, and browsers do as well: one spelling is enough.
    port = parts["port"] or _PORTS[scheme]
    return (scheme, parts["host"].lower(), port), parts["rest"]


def _write(origin: Origin) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}")
