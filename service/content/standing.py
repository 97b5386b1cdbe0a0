"""Whether a file with front matter is a post at all, published, listed, and fit for mail."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from service.content.body.markdown import make_absolute
from service.content.generators import Generator, Place
from service.content.generators.hugo import is_unlisted
from service.content.values import FrontMatter
from service.model.wording import word

_UNPUBLISHED = frozenset({"draft", "unpublished", "private", "pending", "skip", "trash"})
_UNLISTED = frozenset({"hidden", "unlisted"})
_REDIRECT_KEYS = frozenset(
    {"redirect", "redirect_to", "redirect-to", "redirectto", "redirect_url", "redirecturl"}
)


def is_draft(front: FrontMatter) -> bool:
    """Whether the file says, in the words of any generator, that it is not published."""
    if front.flag("draft") or front.flag("published") is False:
        return True
    # Mail cannot be called back: what is neither yes nor no is not published yet.
    if front.scalar("draft") and front.flag("draft") is None:
        return True
    return front.text("status").lower() in _UNPUBLISHED


def explain_exclusion(
    place: Place, front: FrontMatter, generator: Generator
) -> tuple[str, str] | None:
    """Return a code and why a file with front matter is no post, None when it is one."""
    is_stub = _REDIRECT_KEYS & front.values.keys() or front.text("layout", "type") == "redirect"
    if is_stub and not front.body.strip():
        return "redirect", word("it only redirects")
    if is_draft(front):
        return None
    why = generator.explain_exclusion(place, generator.add_defaults(place, front))
    return ("page", why) if why else None


def is_listed(front: FrontMatter) -> bool:
    """Whether its author wants the post to be found, in feeds or in mail."""
    if front.flag("hidden") or front.flag("unlisted") or front.flag("listed") is False:
        return False
    if front.flag("eleventyexcludefromcollections") or is_unlisted(front):
        return False
    return front.text("status").lower() not in _UNLISTED


def is_mailable(front: FrontMatter, url: str) -> bool:
    """Whether nothing keeps it out of mail: noindex, or a canonical address elsewhere."""
    if front.flag("mail") is False or front.flag("sitemap") is False:
        return False
    if "noindex" in front.text("robots").lower() or front.flag("noindex"):
        return False
    canonical = front.text("canonical_url", "canonical")
    target = make_absolute(canonical, url) if canonical else ""
    return not target or _same_page(target, url)


def _same_page(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    if first.netloc and second.netloc and first.netloc.lower() != second.netloc.lower():
        return False
    return _plain_path(first.path) == _plain_path(second.path)


def _plain_path(path: str) -> str:
    return unquote(path).removesuffix("index.html").removesuffix(".html").rstrip("/")
