"""One plain line for a title, whatever the generator thinks a title is."""

from __future__ import annotations

import html as html_entities
import re

from service.content.body.cleaning import drop_invisible
from service.content.body.markdown import read_inline
from service.content.generators import Generator
from service.content.generators.base import split_name
from service.content.values import FrontMatter, list_texts
from service.model.post import Finding, Level
from service.model.wording import word

_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|br|cite|code|del|em|i|ins|kbd|mark|q|ruby|rp|rt|s|samp|small|span|strong|"
    r"sub|sup|tt|u|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CODE = re.compile(r"(`+)(.+?)\1")
# `__init__` is a name, not emphasis.
_STRONG = re.compile(
    r"\*\*(?=\S)([^*]+?)(?<=\S)\*\*|(?<!\w)__(?=\S)(?![A-Za-z0-9]+__)([^_]+?)(?<=\S)__(?!\w)"
)
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_FIRST_HEADING = re.compile(r"^# +([^\n]+?)[ #]*$", re.MULTILINE)
_LONGEST = 2_000


def find_title(front: FrontMatter, slug: str, generator: Generator, notes: list[Finding]) -> str:
    """Return the title as plain text; without one the first H1, else the slug, and a note."""
    # `title: [Notice]` is a list to YAML, and a title in brackets to its author.
    written = " ".join(list_texts(front.values.get("title")))
    title = clean_title(written, is_html=generator.titles_are_html)
    if title:
        return title
    heading = _FIRST_HEADING.search(front.body)
    message = (
        word("no title, so it is taken from the first heading")
        if heading
        else word("no title, so it is taken from the file's name")
    )
    notes.append(Finding("title", Level.WARN, message))
    fallback = read_inline(heading.group(1)) if heading else ""
    return fallback or _humanise(slug)


def clean_title(text: str, *, is_html: bool) -> str:
    """Return a title without tags, Markdown marks, invisible characters and line breaks.

    `is_html` titles have their entities decoded once; plain ones are shown as they stand.
    """
    line = drop_invisible(text[:_LONGEST])
    if is_html and ("<" in line or "&" in line):
        line = html_entities.unescape(_INLINE.sub("", _BREAK.sub(" ", line)))
    if "`" in line:
        line = _CODE.sub(r"\2", line)
    if "**" in line or "__" in line:
        line = _STRONG.sub(r"\1\2", line)
    return " ".join(line.split())


def _humanise(slug: str) -> str:
    # Hugo's slug of a file named by its date has the date in it.
    _, name = split_name(slug)
    words = " ".join(name.replace("-", " ").replace("_", " ").split())
    return (words[:1].upper() + words[1:]) or "?"
