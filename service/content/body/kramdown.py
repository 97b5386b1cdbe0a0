"""The marks that kramdown, goldmark and Pandoc add to Markdown, taken out of it."""

from __future__ import annotations

import re

from service.content.body.hidden import keep_lines

# Every pattern here is linear on hostile text: runs are anchored or bounded.
_TOC = re.compile(
    r"^[ \t]*(?:[*+-]|\d{1,9}\.)[ \t][^\n]*\n[ \t]*\{:[ \t]*toc[^}\n]{0,80}\}", re.MULTILINE
)
_TOC_WORD = re.compile(
    r"^[ \t]*(?:\[\[?_?toc_?\]?\]|\$\{toc\}|\{\{ ?toc ?\}\})[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_ATTRIBUTES = re.compile(r"\{:(?!:)[^{}\n]{0,300}\}")
_HEADING_ID = re.compile(
    r"^([ \t>]{0,20}#{1,6}[ \t][^\n]{0,300}?)[ \t]{0,8}\{[#.][^{}\n]{1,200}\}[ \t]*$", re.MULTILINE
)
_AFTER_LINK = re.compile(r"(?<=[)\]])\{[ \t]?(?:[.#][\w-]|\w{1,20}=)[^{}\n]{0,200}\}")
_OWN_LINE = re.compile(r"^[ \t]*\{[.#][\w-][^{}\n]{0,200}\}[ \t]*$", re.MULTILINE)
_MARKDOWN_INSIDE = re.compile(
    r"^([ ]{0,3}<(?:div|section|article|aside|main|header|footer|details|figure|blockquote)\b"
    r"[^<>\n]{0,300}?)[ \t]{1,9}markdown=[\"']?(?:1|block|span)[\"']?([^<>\n]{0,300}>)",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENT = re.compile(r"\{::comment\}")
_COMMENT_END = re.compile(r"\{:/(?:comment)?\}")
_EXTENSION = re.compile(r"\{:(?::(?:options|nomarkdown)|/)[^{}\n]{0,300}\}")
_ABBREVIATION = re.compile(r"^\*\[([^\[\]\n]{1,60})\]:[ \t]*([^\n]*)$", re.MULTILINE)


def drop_attributes(text: str) -> str:
    """Drop attribute lists, extensions, tables of contents; abbreviations become plain lines."""
    if "{" in text:
        text = _drop_braces(text)
    if " markdown=" in text:
        text = _MARKDOWN_INSIDE.sub(_open_html, text)
    if "*[" in text and ("\n*[" in text or text.startswith("*[")):
        text = _ABBREVIATION.sub(r"**\1**: \2  ", text)
    return _TOC_WORD.sub("", text) if "toc]" in text or "TOC]" in text or "toc}" in text else text


def _open_html(found: re.Match[str]) -> str:
    """Return an opening tag whose inside is Markdown, as an empty line behind it says."""
    return keep_lines(found.group(), f"{found.group(1)}{found.group(2)}\n\n")


def _drop_braces(text: str) -> str:
    if "{::" in text or "{:/" in text:
        text = _EXTENSION.sub("", _drop_comments(text))
    if "{:" in text:
        if "toc" in text:
            text = _TOC.sub(lambda found: keep_lines(found.group(), ""), text)
        text = _drop_lists(text)
    if "{" not in text:
        return text
    if "{#" in text or "{." in text:
        text = _OWN_LINE.sub("", _HEADING_ID.sub(r"\1", text))
    return _AFTER_LINK.sub("", text) if "){" in text or "]{" in text else text


def _drop_lists(text: str) -> str:
    """Drop attribute lists and the blanks before them."""
    kept: list[str] = []
    position = 0
    for found in _ATTRIBUTES.finditer(text):
        kept.append(text[position : found.start()].rstrip(" \t"))
        position = found.end()
    return "".join([*kept, text[position:]])


def _drop_comments(text: str) -> str:
    kept: list[str] = []
    position = 0
    for opener in _COMMENT.finditer(text):
        if opener.start() < position:
            continue
        end = _COMMENT_END.search(text, opener.end())
        if end is None:
            break
        kept += (text[position : opener.start()], keep_lines(text[opener.start() : end.end()], ""))
        position = end.end()
    return "".join([*kept, text[position:]])
