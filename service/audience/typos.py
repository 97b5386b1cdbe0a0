"""Slips of the hand: the well-known domain that somebody most likely meant."""

from __future__ import annotations

_KNOWN = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp"),
    *("live.com", "live.jp", "msn.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.com"),
    *("gmx.de", "gmx.net", "web.de", "mail.com", "email.com", "ymail.com", "yahoo.com"),
    *("yahoo.co.jp", "yahoo.ne.jp", "ybb.ne.jp", "docomo.ne.jp", "ezweb.ne.jp", "au.com"),
    *("softbank.ne.jp", "i.softbank.jp", "softbank.jp", "ymobile.ne.jp", "y-mobile.ne.jp"),
    *("rakuten.jp", "rakumail.jp", "uqmobile.jp", "nifty.com", "biglobe.ne.jp", "so-net.ne.jp"),
    *("ocn.ne.jp", "plala.or.jp", "proton.me", "protonmail.com", "pm.me", "fastmail.com"),
    *("mail.ru", "yandex.com", "qq.com", "163.com", "126.com", "naver.com", "hey.com"),
)
"""Domains that are right as they are; the longer ones are also what others may be meant for."""

_SHORTEST_MEANT = 8

_MEANT = {
    "gmail.co.jp": "gmail.com",
    "gmail.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com",
    "docomo.co.jp": "docomo.ne.jp",
    "docomo.jp": "docomo.ne.jp",
    "docomo.com": "docomo.ne.jp",
    "ezweb.co.jp": "ezweb.ne.jp",
    "ezweb.jp": "ezweb.ne.jp",
    "au.ne.jp": "ezweb.ne.jp",
    "softbank.co.jp": "softbank.ne.jp",
    "i.softbank.ne.jp": "i.softbank.jp",
    "i.softbank.co.jp": "i.softbank.jp",
    "yahoo.jp": "yahoo.co.jp",
    "yahoo.or.jp": "yahoo.co.jp",
    "icloud.co.jp": "icloud.com",
    "icloud.jp": "icloud.com",
    "outlook.co.jp": "outlook.jp",
    "outlook.ne.jp": "outlook.jp",
}
"""What one letter does not explain: another country's ending, or another carrier's."""


def suggest_address(address: str) -> str:
    """Return the address that was most likely meant, "" when this one looks right.

    `address` is normalised. A hint and no more: there are few domains that nobody has.
    """
    local, _, domain = address.rpartition("@")
    if domain in _KNOWN:
        return ""
    meant = _MEANT.get(domain) or _find_near(domain)
    return f"{local}@{meant}" if meant else ""


def _find_near(domain: str) -> str:
    likely = (one for one in _KNOWN if len(one) >= _SHORTEST_MEANT)
    return next((one for one in likely if _is_one_slip_away(domain, one)), "")


def _is_one_slip_away(typed: str, meant: str) -> bool:
    """Whether one letter more, less, wrong or in the other order tells them apart."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    a, b = typed[start:], meant[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b or a == b[1:]
