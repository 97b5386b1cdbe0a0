"""A file read only as far as its verdict and its feeds ask: its front matter, mostly.

Of thousands of posts a feed shows twenty, and rendering is most of what a post costs. So the body
is looked at from outside: where it might not render, might show nothing, or is needed to tell
anything, the answer is None, and the file has to be read whole.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from operator import methodcaller, sub
from pathlib import Path

from service.content.articles import glance_article
from service.content.bounds import check_marks
from service.content.decoding import decode_text
from service.content.frontmatter import read_front_matter
from service.content.generators import Place, choose_generator
from service.content.library import judge_date
from service.content.listing import FileStat
from service.content.opening import take_file
from service.content.rules import ReadingRules
from service.content.standing import explain_exclusion
from service.content.values import FrontMatter
from service.errors import ContentError
from service.model.post import FileFacts, Reading

_OPENERS = (b"---\n", b"+++\n", b"\xef\xbb\xbf---\n", b"\xef\xbb\xbf+++\n")
_SHOWS = re.compile(r"\s*(?:#{1,6} |[-*+] )?[*「『（“\"【《]{0,4}(?![Ii]mport |[Ee]xport )[^\W_]")
"""A first line that begins like this is text, or a heading, whatever follows."""

_LANGUAGE_KEYS = ("lang", "language", "locale")
_EMPHASIS = b"*_~"
_CONTAINER = re.compile(rb">|[-+*.):](?=[ \t])")
_drop_marks = methodcaller("translate", None, b"*_~[>-+.):")
_MOST_NESTED = 60
"""Marks up to which what they make is surely not too deep: HTML may be nested 200 deep."""

_MOST_TAGS = _MOST_TABS = 5
_DEEP = b" " * 40


def glance_file(root: Path, stat: FileStat, rules: ReadingRules, now: datetime) -> Reading | None:
    """Return the reading that `read_file` would, its article by `glance_article`; None to read it.

    Never raises; the facts come without a digest.
    """
    if stat.obstacle:
        return None
    try:
        taken = take_file(root, stat.name or stat.path)
        facts = FileFacts(stat.path, taken.size, taken.mtime_ns, "")
        return glance_bytes(taken.raw, facts, rules, now)
    except (ContentError, UnicodeDecodeError, MemoryError, RecursionError):
        return None


def glance_bytes(
    raw: bytes, facts: FileFacts, rules: ReadingRules, now: datetime
) -> Reading | None:
    """Return what `raw` turns out to be, None where only all of it tells.

    Raises ContentError or UnicodeDecodeError where it can be no post, for reasons better told by
    whoever reads it whole.
    """
    generator = choose_generator(rules.generator, rules.habits, rules.language)
    place = generator.find_place(facts.path)
    end = 0 if place.why_not else _find_body(raw)
    if not end or not _renders(raw[end:]):
        return None
    # Controls in the body are taken out for good; here they only must not be another encoding.
    head, _ = decode_text(raw[:end])
    front = read_front_matter(head, header_lines=False)
    if front is None or front.body or b"\x1b" in raw:
        return None
    front = replace(front, body=raw[end:].decode())
    check_marks(raw)
    if not _tells(front, place) or explain_exclusion(place, front, generator):
        return None
    return judge_date(facts, glance_article(place, front, generator, rules), now)


def _find_body(raw: bytes) -> int:
    """Where the body begins behind fences of the plainest kind; 0 where they are otherwise."""
    opener = next((one for one in _OPENERS if raw.startswith(one)), b"")
    if not opener or b"\r" in raw:
        return 0
    fence = b"\n" + opener[-4:]
    at = raw.find(fence, len(opener) - 1)
    return at + len(fence) if at > 0 else 0


def _renders(body: bytes) -> bool:
    """Whether a body surely renders, because nothing in it can be nested deep.

    A mark of a generator stands for little HTML, what is HTML already for any. Lists and quotes
    nest by marks or by blanks before a line, emphasis and links by marks within a paragraph.
    """
    if b"<" in body or b":::" in body or _DEEP in body:
        return False
    if body.count(b"{") > _MOST_TAGS or body.count(b"\t") > _MOST_TABS:
        return False
    paragraphs = body.split(b"\n\n")
    # Without a loop of ours: this looks at every paragraph of every post.
    marks = map(sub, map(len, paragraphs), map(len, map(_drop_marks, paragraphs)))
    if max(marks) <= _MOST_NESTED:
        return True
    return not any(map(_may_nest, paragraphs))


def _may_nest(paragraph: bytes) -> bool:
    # Emphasis takes two marks or more, and what holds a line is marked at its beginning.
    if len(paragraph) - len(paragraph.translate(None, _EMPHASIS)) > 2 * _MOST_NESTED:
        return True
    return any(len(_CONTAINER.findall(line)) > _MOST_NESTED for line in paragraph.split(b"\n"))


def _tells(front: FrontMatter, place: Place) -> bool:
    """Whether nothing has to be looked up in the body: language, a title, what it shows."""
    if place.hint and not place.language and not front.text(*_LANGUAGE_KEYS):
        return False
    return bool(front.text("title")) and bool(_SHOWS.match(front.body))
