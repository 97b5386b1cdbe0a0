"""One file of the folder of posts, and what it turns out to be."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from service.content.articles import FindAddedAt, compose_article
from service.content.bounds import check_marks
from service.content.decoding import decode_text
from service.content.frontmatter import read_front_matter
from service.content.gate import find_findings, find_places
from service.content.generators import choose_generator
from service.content.listing import (
    FOLDER_LINK,
    UNDATED,
    FileStat,
    list_files,
    list_gone,
    make_key,
)
from service.content.opening import BUSY, MAX_FILE, take_file
from service.content.rules import ReadingRules
from service.content.site_files import SiteFiles
from service.content.standing import explain_exclusion, is_draft
from service.errors import ContentError
from service.model.post import Article, FileFacts, Reading, Verdict
from service.model.wording import word

__all__ = [
    "BUSY",
    "MAX_FILE",
    "FileStat",
    "digest_file",
    "list_files",
    "list_gone",
    "make_key",
    "read_bytes",
    "read_file",
]

_PASSING = frozenset({"unreadable", "memory", BUSY})
"""Codes of what may be over without the file changing: each scan looks again."""


def read_file(
    root: Path,
    stat: FileStat,
    rules: ReadingRules,
    now: datetime,
    find_added_at: FindAddedAt | None = None,
    *,
    is_judged: bool = True,
) -> Reading:
    """Return what the file turns out to be; whatever is in it, this never raises.

    A reading with the code BUSY is no verdict: the file is best left as it was known. Unless it
    `is_judged`, the gate does not look at it.
    """
    facts = FileFacts(stat.path, stat.size, stat.mtime_ns, "")
    if stat.obstacle == FOLDER_LINK:
        return Reading(facts, Verdict.NOT_A_POST, "link", stat.obstacle)
    if stat.obstacle:
        return _quarantine(facts, ContentError("unreadable", stat.obstacle))
    try:
        taken = take_file(root, stat.name or stat.path)
        digest = hashlib.sha256(taken.raw).hexdigest()
        facts = FileFacts(stat.path, taken.size, taken.mtime_ns, digest)
        files = SiteFiles(root, rules.habits.below, rules.site_url)
        return read_bytes(taken.raw, facts, rules, now, find_added_at, files, is_judged=is_judged)
    except ContentError as error:
        return _quarantine(facts, error)
    except BaseException as error:
        if not isinstance(error, Exception) and not _is_panic(error):
            raise
        return _quarantine(facts, _explain_failure(error))


def digest_file(root: Path, stat: FileStat) -> str:
    """Return the sha256 of a file's bytes, hex; "" when it cannot be read."""
    try:
        return hashlib.sha256(take_file(root, stat.name or stat.path).raw).hexdigest()
    except ContentError:
        return ""


def read_bytes(
    raw: bytes,
    facts: FileFacts,
    rules: ReadingRules,
    now: datetime,
    find_added_at: FindAddedAt | None = None,
    site_files: SiteFiles | None = None,
    *,
    is_judged: bool = True,
) -> Reading:
    """Return what `raw` turns out to be: the inside of `read_file`, pure without the last two.

    Unless it `is_judged`, the gate does not look at it.
    """
    generator = choose_generator(rules.generator, rules.habits, rules.language)
    place = generator.find_place(facts.path)
    if place.why_not:
        return Reading(facts, Verdict.NOT_A_POST, "place", place.why_not)
    try:
        text, notes = decode_text(raw)
        front = read_front_matter(text, header_lines=generator.reads_headers)
        if front is None:
            why = word("the file is empty") if not text.strip() else word("it has no front matter")
            return Reading(facts, Verdict.NOT_A_POST, "no_front_matter", why)
        if excluded := explain_exclusion(place, front, generator):
            return Reading(facts, Verdict.NOT_A_POST, *excluded)
        front = replace(front, warnings=(*notes, *front.warnings))
        check_marks(raw)
    except ContentError as error:
        return _quarantine(facts, error)
    try:
        article = compose_article(place, front, generator, rules, find_added_at, site_files)
    except ContentError as error:
        if is_draft(front):
            return Reading(facts, Verdict.DRAFT, error.code, error.message, error.line)
        return _quarantine(facts, error)
    if not is_judged:
        return judge_date(facts, article, now)
    return replace(
        judge_date(facts, article, now),
        findings=find_findings(article, rules.gate, text, front.body_line),
        places=find_places(article, rules.site_url, text, front.body_line),
    )


def judge_date(facts: FileFacts, article: Article, now: datetime) -> Reading:
    """Return the reading of an article: a draft, dated in the future, or published."""
    if article.draft:
        return Reading(
            facts, Verdict.DRAFT, "draft", word("it says that it is a draft"), article=article
        )
    if article.published_at > now:
        when = article.published_at.isoformat(sep=" ", timespec="minutes")
        return Reading(
            facts, Verdict.SCHEDULED, "future", word("dated {when}", when=when), article=article
        )
    return Reading(facts, Verdict.PUBLISHED, article=article)


def _is_panic(error: BaseException) -> bool:
    # A panic of Rust code is no Exception, and its class cannot be imported.
    return type(error).__module__ == "pyo3_runtime"


def _explain_failure(error: BaseException) -> ContentError:
    if isinstance(error, MemoryError):
        return ContentError("memory", "it takes more memory than there is; make it smaller")
    if isinstance(error, RecursionError):
        return ContentError("too_deep", "it is nested deeper than can be read")
    return ContentError(
        "reader", "the reader failed on it ({kind}); please report it", kind=type(error).__name__
    )


def _quarantine(facts: FileFacts, error: ContentError) -> Reading:
    if error.code in _PASSING:
        facts = replace(facts, mtime_ns=UNDATED)
    return Reading(facts, Verdict.QUARANTINED, error.code, error.message, error.line)
