"""How addresses are read: of hubs that are called, of feeds that moved, of proxies in front.

Each function raises ValueError with the rest of a sentence that begins with the key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from service.config.values import read_words, show
from service.outbound.guard import is_spelled_out

_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
OURS = frozenset({"api", "confirm", "desk", "editions", "healthz", "hooks", "metrics"}) | {
    "preferences",
    "readyz",
    "subscribe",
    "unsubscribe",
}
"""First parts of addresses that are pages of the service itself."""


def read_hub(value: object) -> str:
    """Return a hub's address exactly as written: that is how hubs are told apart.

    https, or http for one on this machine or at an address of numbers, which is meant as it is.
    """
    text = read_words(value)
    parts = _split(text)
    is_plain = parts.scheme == "http" and is_spelled_out(parts.hostname or "")
    if parts.scheme != "https" and not is_plain:
        raise ValueError(
            f'{show(value)} is not a hub; write its address: "https://pubsubhubbub.appspot.com/"'
        )
    return text


def read_former_path(value: object) -> str:
    """Return the path that a feed had, without escapes, as requests are looked up."""
    path = _read_path(value)
    first = path.split("/")[1]
    if path == "/" or first in OURS:
        raise ValueError("is a page of the service itself; it cannot lead elsewhere")
    return path


def read_destination(value: object) -> str:
    """Return where a former path leads: a path here without escapes, or an https address."""
    if isinstance(value, str) and value.startswith("/"):
        return _read_path(value)
    text = read_words(value)
    if _split(text).scheme != "https":
        raise ValueError(
            f'{show(value)} leads nowhere; write a path, "/feed.xml", or an https address'
        )
    return text


def read_network(value: object) -> str:
    """Return the address or network of a proxy in front of us, such as 10.0.0.0/8."""
    text = read_words(value)
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(
            f'{show(value)} is neither an address nor a network; write "127.0.0.1" or "10.0.0.0/8"'
        ) from None
    if network.prefixlen == 0:
        raise ValueError(f"{show(value)} is every address there is; anybody could forge theirs")
    return str(network)


def refuse_circles(moved: Mapping[str, str]) -> Mapping[str, str]:
    """Return the table as it is when every path leads to its end at once."""
    for path, to in moved.items():
        if to in moved:
            says = "itself" if to == path else f"{show(to)}, which has moved too; write its end"
            raise ValueError(f"{show(path)} leads to {says}")
    return moved


def _read_path(value: object) -> str:
    text = read_words(value)
    path = unicodedata.normalize("NFC", unquote(text))
    segments = path.split("/")
    if not path.startswith("/") or "//" in path or {".", ".."} & set(segments):
        raise ValueError(f'{show(value)} is not a path; write it from the top: "/rss.xml"')
    if any(sign in text for sign in "?#") or not path.isprintable() or "�" in path:
        raise ValueError(f"{show(value)} has more in it than a path; what follows ? never counts")
    return path


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        is_sound = bool(parts.hostname) and parts.port != 0 and _ADDRESS.fullmatch(text)
    except ValueError:
        is_sound = None
    if not is_sound:
        raise ValueError(f'{show(text)} is not a web address; write "https://example.com/"')
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("names a user, a password or a part after #; write the address without")
    return parts
