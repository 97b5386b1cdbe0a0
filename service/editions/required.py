"""What the law and good manners ask of a mail that somebody else's template made."""

from __future__ import annotations

from html.parser import HTMLParser

from service.editions.view import FooterView
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.model.wording import word

_ANY_MARK = "@@kawaraban:"
_FORBIDDEN = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "form", "link", "base", "svg"}
)
_UNSEEN = frozenset({"style", "title", "head"})
_WEB = ("https://", "http://", "mailto:", "tel:", "#")
_SMALLEST_PICTURE = 3


def check_own_mail(html: str, text: str, footer: FooterView) -> str:
    """What is wrong with a mail, in words that follow its name; "" when nothing is.

    The reader must find in both parts who sends it, their address and the way out. Nothing may
    run, be loaded besides pictures, or count readers.
    """
    reader = _MailReader()
    reader.feed(html)
    reader.close()
    return (
        reader.fault
        or _find_missing(word("the HTML"), reader.seen, reader.links, footer)
        or _find_missing(word("the text"), text, text, footer)
        or _find_strange_mark(html + text)
    )


def _find_missing(part: str, seen: str, links: str, footer: FooterView) -> str:
    solid = "".join(seen.split())
    if footer.unsubscribe_url not in links:
        return word(
            "{part} lacks the link to unsubscribe; show mail.footer.unsubscribe_url", part=part
        )
    if "".join(footer.sender.split()) not in solid:
        return word("{part} does not say who sends it; show mail.footer.sender", part=part)
    if "".join(footer.address.split()) not in solid:
        return word("{part} lacks the sender's postal address; show mail.footer.address", part=part)
    return ""


def _find_strange_mark(mail: str) -> str:
    known = mail.replace(UNSUBSCRIBE_MARK, "").replace(PREFERENCES_MARK, "")
    if _ANY_MARK not in known:
        return ""
    return word("{mark} stands there without being a link of the reader's", mark=_ANY_MARK)


class _MailReader(HTMLParser):
    """Reads what a reader sees, where links lead, and the first thing that must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._seen: list[str] = []
        self._links: list[str] = []
        self._unseen = 0
        self.fault = ""

    @property
    def seen(self) -> str:
        """The words of the mail."""
        return "".join(self._seen)

    @property
    def links(self) -> str:
        """Where its links lead, one a line."""
        return "\n".join(self._links)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._unseen += tag in _UNSEEN
        if tag == "a":
            self._links.append(values.get("href", ""))
        if not self.fault and (fault := _judge(tag, values)):
            line, _ = self.getpos()
            self.fault = word(
                "{problem} (line {line} of the HTML made)", problem=fault, line=str(line)
            )

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if self._unseen <= 0:
            self._seen.append(data)
        elif "@import" in data.lower() and not self.fault:
            self.fault = word("@import loads a style from elsewhere")


def _judge(tag: str, values: dict[str, str]) -> str:
    if tag in _FORBIDDEN:
        return word("{what} has no place in a mail", what=f"<{tag}>")
    if tag == "meta" and "http-equiv" in values and values["http-equiv"].lower() == "refresh":
        return word("a mail may not lead away by itself")
    if handler := next((name for name in values if name.startswith("on")), ""):
        return word("{what} has no place in a mail", what=f"{handler}=")
    if tag == "a" and values.get("href") and not _leads_somewhere(values["href"]):
        return word(
            "a link leads to '{url}'; addresses are written in full", url=values["href"][:60]
        )
    if tag == "img" and (_ANY_MARK in str(values) or _is_pixel(values)):
        return word("a picture that counts readers has no place in a mail")
    return ""


def _leads_somewhere(href: str) -> bool:
    return href.lower().startswith(_WEB) or href in {UNSUBSCRIBE_MARK, PREFERENCES_MARK}


def _is_pixel(values: dict[str, str]) -> bool:
    sizes = [values.get(side, "").removesuffix("px") for side in ("width", "height")]
    return any(size.isdigit() and int(size) < _SMALLEST_PICTURE for size in sizes)
