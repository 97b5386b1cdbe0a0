"""Addresses in a body: resolved, percent-encoded once, and only of kinds that are safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_BLANKS = re.compile("[\x00-\x20\x7f-\xa0]+")
_LINE_ENDS = re.compile("[\t\n\r]+")
_SAFE_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_PLAIN = re.compile(r"(?:[A-Za-z0-9!#$&'()*+,\-./:;=?@_~\[\]]++|%[0-9A-Fa-f]{2})*+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?=/)")
_PLAIN_PATH = re.compile(
    r"(?:/[A-Za-z0-9_~-](?:[A-Za-z0-9!$&'()*+,\-.=@_~]++|%[0-9A-Fa-f]{2})*+)++/?"
)
_HOST = re.compile(r"(?:[^@/\s]*@)?[A-Za-z0-9_.:\[\]-]*")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "!#$%&'()*+,-./:;=?@_~[]"

# Text in these scripts stands beside an address without a space, so an address ends before it.
_LETTERS = "A-Za-z0-9\u00c0-\u024f\u0370-\u058f\u0591-\u08ff\u0904-\u0dff"
_BARE = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z][A-Za-z0-9-]{0,62}(?::\d{1,5})?"
    rf"(?![A-Za-z0-9@\u00c0-\u0dff])(?:[/?#](?:[{_LETTERS}!#$%'()*+,\-./:;=?@_~\[\]]|&amp;)*)?"
)
_TOKEN = re.compile(
    rf"<(?P<close>/)?(?P<name>a|pre|code)\b[^<>]*>|<[^<>]*>|(?<![A-Za-z0-9_/])(?P<bare>{_BARE.pattern})"
)
_PAIRS = ((")", "("), ("]", "["))
_TRAILING = ".,!?:;'*_~"


def make_resolver(base: str) -> Callable[[str], str]:
    """Return what makes a reference absolute against `base`; "" for what must not be linked."""
    found = _ORIGIN.match(base)
    origin = found.group() if found else ""

    def resolve(reference: str) -> str:
        if not reference:
            return ""
        # Nearly all links are one of these two, and nothing has to be done to them.
        if reference.startswith(("https://", "http://")) and _PLAIN.fullmatch(reference):
            return reference
        if origin and _PLAIN_PATH.fullmatch(reference):
            return origin + reference
        plain = _BLANKS.sub("", reference)
        if _SCHEME.match(plain):
            is_safe = plain.lower().startswith(_SAFE_SCHEMES)
            return encode_once(_LINE_ENDS.sub("", reference.strip())) if is_safe else ""
        try:
            joined = urljoin(base, _LINE_ENDS.sub("", reference).strip())
        except ValueError:
            return ""
        is_safe = not _SCHEME.match(joined) or joined.lower().startswith(_SAFE_SCHEMES)
        return encode_once(joined) if is_safe else ""

    return resolve


def encode_once(address: str) -> str:
    """Return an address in ASCII; what is percent-encoded already stays as it is."""
    if _PLAIN.fullmatch(address):
        return address
    address = _BLANKS.sub("%20", address.strip("\x00\x20\x7f\xa0"))
    try:
        scheme, host, path, query, fragment = urlsplit(_STRAY_PERCENT.sub("%25", address))
        rest = (quote(part, safe=_KEPT, errors="replace") for part in (path, query, fragment))
        return urlunsplit((scheme, _encode_host(host), *rest))
    except ValueError:
        return ""


def _encode_host(host: str) -> str:
    """Return a host as the network knows it; raises ValueError (UnicodeError) for none."""
    encoded = host if host.isascii() else host.encode("idna").decode("ascii")
    if not _HOST.fullmatch(encoded):
        raise ValueError(host)
    return encoded


def link_bare_addresses(html: str) -> str:
    """Turn addresses in the text of rendered HTML into links.

    They end before Japanese, before closing brackets that were not opened and before
    punctuation; what stands in links and in code stays as it is.
    """
    if all(before.endswith('="') for before in html.split("http")[:-1]):
        return html
    kept: list[str] = []
    position = depth = 0
    for token in _TOKEN.finditer(html):
        if token["name"]:
            depth = max(0, depth - 1) if token["close"] else depth + 1
        elif token["bare"] and not depth:
            address = _trim(token["bare"])
            href = encode_once(address.replace("&amp;", "&")).replace("&", "&amp;")
            kept += (html[position : token.start()], f'<a href="{href}">{address}</a>')
            position = token.start() + len(address)
    return "".join([*kept, html[position:]])


def _trim(address: str) -> str:
    """Cut what belongs to the sentence around an address, not to it."""
    end = len(address)
    counts = {sign: address.count(sign) for pair in _PAIRS for sign in pair}
    while end:
        last = address[end - 1]
        opener = dict(_PAIRS).get(last)
        if opener and counts[last] > counts[opener]:
            counts[last] -= 1
        elif address.endswith("&amp;", 0, end):
            end -= 4
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]
