"""Which posts are asked for, as conditions that both databases understand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from service.model.edition import EditionState
from service.model.post import Hold, Verdict
from service.store.members import each_of
from service.store.tables import (
    bodies,
    edition_posts,
    editions,
    mailed_texts,
    news,
    posts,
    variants,
)

_LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class PostQuery:
    """What posts are asked for; an empty field asks for nothing.

    `search` looks into title and path, without regard to case and Unicode form as far as the
    database knows letters. `is_held` True: whatever holds it; `hold` only that. `newsletter_id`:
    it is, or was, news there. `is_mailed`: some mail that was sent showed it; `is_changed`: it
    says something else since the last one. `rule`: some finding of the gate goes by it.
    """

    search: str = ""
    verdict: Verdict | None = None
    is_held: bool = False
    hold: Hold | None = None
    has_findings: bool = False
    rule: str = ""
    category: str = ""
    language: str = ""
    newsletter_id: str = ""
    is_mailed: bool | None = None
    is_changed: bool = False


def list_conditions(
    connection: Connection, asked: PostQuery, now: datetime
) -> list[ColumnElement[bool]]:
    """What a post has to meet that is asked for."""
    return [
        *_list_conditions_of_file(connection, asked, now),
        *_list_conditions_of_mail(connection, asked),
    ]


def _list_conditions_of_file(
    connection: Connection, asked: PostQuery, now: datetime
) -> list[ColumnElement[bool]]:
    """Those on what its file says."""
    conditions: list[ColumnElement[bool]] = []
    if asked.search:
        conditions.append(
            or_(holds(posts.c.title, asked.search), holds(posts.c.path, asked.search))
        )
    if asked.verdict is not None:
        conditions.append(_has_verdict(asked.verdict, now))
    if asked.has_findings:
        conditions.append(func.json_array_length(posts.c.findings) > 0)
    if asked.rule:
        conditions.append(_breaks_rule(connection, asked.rule))
    if asked.category:
        conditions.append(_has_category(connection, asked.category))
    if asked.language:
        conditions.append(posts.c.language == asked.language)
    return conditions


def _list_conditions_of_mail(connection: Connection, asked: PostQuery) -> list[ColumnElement[bool]]:
    """Those on what became, and is to become, of it in mail."""
    conditions: list[ColumnElement[bool]] = []
    if asked.is_held:
        conditions.append(posts.c.hold.is_not(None))
    if asked.hold is not None:
        conditions.append(posts.c.hold == asked.hold)
    if asked.newsletter_id:
        conditions.append(_is_news(asked.newsletter_id))
    if asked.is_mailed is not None:
        mailed = posts.c.post_id.in_(select_mailed(connection))
        conditions.append(mailed if asked.is_mailed else ~mailed)
    if asked.is_changed:
        conditions.append(_is_changed_since_mailed())
    return conditions


def holds(column: ColumnElement[str], search: str) -> ColumnElement[bool]:
    """Whether the text is in it as typed, or as its characters are composed."""
    typed = search[:_LONGEST_SEARCH]
    forms = {typed, unicodedata.normalize("NFC", typed), unicodedata.normalize("NFD", typed)}
    return or_(*(column.icontains(form, autoescape=True) for form in sorted(forms)))


def _has_verdict(verdict: Verdict, now: datetime) -> ColumnElement[bool]:
    match verdict:
        case Verdict.DRAFT:
            return posts.c.draft.is_(True)
        case Verdict.SCHEDULED:
            return and_(posts.c.draft.is_(False), posts.c.published_at > now)
        case _:
            return and_(posts.c.draft.is_(False), posts.c.published_at <= now)


def _has_category(connection: Connection, category: str) -> ColumnElement[bool]:
    value = each_of(connection, posts.c.categories)
    return exists(select(1).where(value == category).select_from(value.table).correlate(posts))


def _breaks_rule(connection: Connection, asked: str) -> ColumnElement[bool]:
    rule, beside = rule_of_each(connection)
    return exists(select(1).where(rule == asked).select_from(beside).correlate(posts))


def rule_of_each(connection: Connection) -> tuple[ColumnElement[Any], Any]:
    """The rule of each finding of a post, and what it stands in."""
    if connection.dialect.name == "postgresql":
        each = func.json_array_elements(posts.c.findings).table_valued("value")
        return func.json_extract_path_text(each.c.value, "rule"), each
    each = func.json_each(posts.c.findings).table_valued("value")
    return func.json_extract(each.c.value, "$.rule"), each


def _is_changed_since_mailed() -> ColumnElement[bool]:
    """Whether a post says something else than at its last freeze."""
    later = mailed_texts.alias("later")
    is_later = or_(
        later.c.mailed_at > mailed_texts.c.mailed_at,
        and_(
            later.c.mailed_at == mailed_texts.c.mailed_at,
            later.c.edition_id > mailed_texts.c.edition_id,
        ),
    )
    text = select(bodies.c.text).where(bodies.c.post_id == mailed_texts.c.post_id).scalar_subquery()
    changed = select(mailed_texts.c.post_id).where(
        mailed_texts.c.post_id == posts.c.post_id,
        # Before whole texts are compared: a file that nobody touched says what it said.
        posts.c.changed_at > mailed_texts.c.mailed_at,
        ~exists().where(later.c.post_id == mailed_texts.c.post_id, is_later),
        or_(
            mailed_texts.c.title != posts.c.title,
            mailed_texts.c.summary != posts.c.summary,
            mailed_texts.c.text != func.coalesce(text, ""),
        ),
    )
    return changed.correlate(posts).exists()


def _is_news(newsletter_id: str) -> ColumnElement[bool]:
    return exists().where(news.c.newsletter_id == newsletter_id, news.c.post_id == posts.c.post_id)


def select_mailed(connection: Connection, among: Sequence[int] = ()) -> Select[Any]:
    """The posts that mail of any edition showed which has left, or is leaving.

    With `among` only editions are looked at that have any of these: mails are long to read.
    """
    value = each_of(connection, variants.c.post_ids)
    query = (
        select(value.cast(posts.c.post_id.type))
        .select_from(variants)
        .join(editions, editions.c.edition_id == variants.c.edition_id)
        .join(value.table, literal_column("true"))
        .where(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.CANCELLED)
    )
    if not among:
        return query
    theirs = select(edition_posts.c.edition_id).where(edition_posts.c.post_id.in_(among))
    return query.where(editions.c.edition_id.in_(theirs))
