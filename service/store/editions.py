"""Editions, their posts and their variants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from service.errors import NotAllowedError
from service.model.edition import (
    EDITION_MOVES,
    Audience,
    Candidate,
    Edition,
    EditionState,
    Rendered,
    Trigger,
    Variant,
)
from service.model.newsletter import Cadence
from service.store.happenings import tell_of_drafted
from service.store.posts import find_posts
from service.store.tables import edition_posts, editions, news, posts, variants

BY_HAND = "manual"
"""What stands in the cadence column of an edition made by hand."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A variant by the posts that it shows."""

    variant_id: int
    edition_id: int
    post_ids: tuple[int, ...]


def insert_edition(
    connection: Connection, edition: Edition, candidates: Sequence[Candidate]
) -> Edition | None:
    """Write an edition with its posts; None when its key was already used."""
    taken = select(editions.c.edition_id).where(
        editions.c.newsletter_id == edition.newsletter_id,
        editions.c.cadence == (edition.cadence or BY_HAND),
        editions.c.key == edition.key,
    )
    if connection.execute(taken).first() is not None:
        return None
    statement = insert(editions).values(_to_row(edition)).returning(editions.c.edition_id)
    edition_id = connection.execute(statement).scalar_one()
    _insert_posts(connection, edition_id, candidates)
    written = find_edition(connection, edition_id)
    tell_of_drafted(connection, written, candidates)
    return written


def find_edition(connection: Connection, edition_id: int) -> Edition:
    """One edition; raises NotAllowedError when there is none of that number."""
    query = select(editions).where(editions.c.edition_id == edition_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotAllowedError(f"there is no edition {edition_id}")
    return read_edition(row)


def lock_edition(connection: Connection, edition_id: int) -> Edition:
    """One edition that nobody else moves until the transaction ends; raises as `find_edition`.

    Whoever wants its planned batches as well takes those first, as workers do.
    """
    chosen = editions.c.edition_id == edition_id
    connection.execute(
        select(editions.c.edition_id).where(chosen).with_for_update(key_share=True)
    ).all()
    return find_edition(connection, edition_id)


def find_edition_by_key(
    connection: Connection, newsletter_id: str, cadence: Cadence | None, key: str
) -> Edition | None:
    """The edition with this key, if it was ever opened."""
    query = select(editions).where(
        editions.c.newsletter_id == newsletter_id,
        editions.c.cadence == (cadence or BY_HAND),
        editions.c.key == key,
    )
    row = connection.execute(query).mappings().first()
    return read_edition(row) if row else None


def list_editions(
    connection: Connection,
    *,
    states: Collection[EditionState] = (),
    newsletter_id: str | None = None,
    cadence: Cadence | None = None,
) -> list[Edition]:
    """Editions, oldest first; all states when none is named."""
    query = select(editions).order_by(editions.c.edition_id)
    if states:
        query = query.where(editions.c.state.in_(list(states)))
    if newsletter_id is not None:
        query = query.where(editions.c.newsletter_id == newsletter_id)
    if cadence is not None:
        query = query.where(editions.c.cadence == cadence)
    return [read_edition(row) for row in connection.execute(query).mappings()]


def list_latest_sent(connection: Connection, limit: int) -> list[Edition]:
    """The editions that were frozen last for anybody, the newest first."""
    query = (
        select(editions)
        .where(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.EMPTY)
        .order_by(editions.c.frozen_at.desc(), editions.c.edition_id.desc())
        .limit(limit)
    )
    return [read_edition(row) for row in connection.execute(query).mappings()]


def find_last_slot(
    connection: Connection,
    newsletter_id: str,
    cadence: Cadence,
    until: datetime | None = None,
) -> datetime | None:
    """The latest slot up to a time that was ever opened, whatever became of it.

    A later one was opened by a clock that ran ahead, and must not silence those before it.
    """
    query = (
        select(editions.c.slot_at)
        .where(
            editions.c.newsletter_id == newsletter_id,
            editions.c.cadence == cadence,
        )
        .order_by(editions.c.slot_at.desc())
        .limit(1)
    )
    if until is not None:
        query = query.where(editions.c.slot_at <= until)
    return connection.execute(query).scalar()


def find_frozen_mark(connection: Connection, newsletter_id: str) -> int:
    """The highest news number that readers of any scheduled edition were moved to."""
    query = select(func.max(editions.c.mark)).where(
        editions.c.newsletter_id == newsletter_id,
        editions.c.cadence != BY_HAND,
        or_(editions.c.frozen_at.is_not(None), editions.c.state == EditionState.FREEZING),
    )
    return int(connection.execute(query).scalar() or 0)


def find_latest_edition(
    connection: Connection, newsletter_id: str, cadence: Cadence
) -> Edition | None:
    """The newest edition that went to readers: of this cadence, or else of any."""
    query = (
        select(editions)
        .where(
            editions.c.newsletter_id == newsletter_id,
            editions.c.frozen_at.is_not(None),
            editions.c.state != EditionState.CANCELLED,
        )
        .order_by((editions.c.cadence == cadence).desc(), editions.c.frozen_at.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return read_edition(row) if row else None


def move_edition(
    connection: Connection,
    edition: Edition,
    state: EditionState,
    *,
    reason: str | None = None,
    frozen_at: datetime | None = None,
    finished_at: datetime | None = None,
    approved_at: datetime | None = None,
    readers: int | None = None,
) -> bool:
    """Move an edition on; False when somebody else moved it first.

    `readers` is for how many it was frozen: its accounting adds up to them ever after.
    Raises NotAllowedError when no arrow leads from its state to the other.
    """
    if state not in EDITION_MOVES[edition.state]:
        raise NotAllowedError(
            f"edition {edition.edition_id} is {edition.state} and cannot become {state}"
        )
    noted = {
        "reason": reason,
        "frozen_at": frozen_at,
        "finished_at": finished_at,
        "approved_at": approved_at,
        "readers": readers,
    }
    values = {name: value for name, value in noted.items() if value is not None}
    moved = connection.execute(
        update(editions)
        .where(editions.c.edition_id == edition.edition_id, editions.c.state == edition.state)
        .values(state=state, **values)
    )
    return moved.rowcount == 1


def list_edition_candidates(connection: Connection, edition_id: int) -> list[Candidate]:
    """The edition's posts in the order they were fixed in; none deleted since, or left out."""
    found = list_arranged(connection, edition_id)
    return [candidate for candidate in found if not candidate.is_left_out]


def list_arranged(connection: Connection, edition_id: int) -> list[Candidate]:
    """The edition's posts as `list_edition_candidates`, with those an editor left out."""
    columns = ("post_id", "news_no", "place", "is_added", "is_left_out")
    query = (
        select(*(edition_posts.c[name] for name in columns))
        .join(posts, posts.c.post_id == edition_posts.c.post_id)
        .where(edition_posts.c.edition_id == edition_id, posts.c.gone_at.is_(None))
        .order_by(edition_posts.c.position)
    )
    rows = connection.execute(query).all()
    found = find_posts(connection, [row.post_id for row in rows])
    return [Candidate(found[row.post_id], *row[1:]) for row in rows]


def record_variant(
    connection: Connection,
    edition_id: int,
    key: str,
    language: str,
    rendered: Rendered,
    post_ids: Sequence[int],
) -> int:
    """Store a variant as it will be sent, once; return its id."""
    known = select(variants.c.variant_id).where(
        variants.c.edition_id == edition_id, variants.c.key == key
    )
    if (variant_id := connection.execute(known).scalar()) is not None:
        return int(variant_id)
    statement = insert(variants).values(
        edition_id=edition_id,
        key=key,
        language=language,
        subject=rendered.subject,
        preheader=rendered.preheader,
        html=rendered.html,
        text=rendered.text,
        post_ids=list(post_ids),
    )
    return int(connection.execute(statement.returning(variants.c.variant_id)).scalar_one())


def find_variant(connection: Connection, variant_id: int) -> Variant:
    """One variant as it was stored."""
    query = select(variants).where(variants.c.variant_id == variant_id)
    return _to_variant(connection.execute(query).mappings().one())


def list_variants(connection: Connection, edition_id: int) -> list[Variant]:
    """The variants of an edition, in the order they were rendered."""
    query = (
        select(variants).where(variants.c.edition_id == edition_id).order_by(variants.c.variant_id)
    )
    return [_to_variant(row) for row in connection.execute(query).mappings()]


def list_variants_with(
    connection: Connection,
    newsletter_id: str,
    post_ids: Collection[int],
    *,
    by_hand_only: bool,
) -> list[Carrier]:
    """Variants of the newsletter's editions that carried any of these posts.

    Even with `by_hand_only` those are among them that carried one under a number it has no
    more, or because an editor added it: by its number alone it would be news once again to who
    had it then.
    """
    wanted = set(post_ids)
    query = (
        # Not what they say: a freeze asks for each stretch of its readers.
        select(variants.c.variant_id, variants.c.edition_id, variants.c.post_ids)
        .join(editions, editions.c.edition_id == variants.c.edition_id)
        .join(edition_posts, edition_posts.c.edition_id == editions.c.edition_id)
        .where(
            editions.c.newsletter_id == newsletter_id,
            edition_posts.c.post_id.in_(sorted(wanted)),
        )
        .order_by(variants.c.variant_id)
    )
    if by_hand_only:
        by_hand = or_(editions.c.cadence == BY_HAND, edition_posts.c.is_added)
        query = query.where(or_(by_hand, _was_renumbered(newsletter_id)))
    found = {row.variant_id: row for row in connection.execute(query)}
    carriers = [Carrier(id_, row.edition_id, tuple(row.post_ids)) for id_, row in found.items()]
    return [one for one in carriers if wanted.intersection(one.post_ids)]


def add_edition_posts(
    connection: Connection, edition_id: int, candidates: Sequence[Candidate]
) -> None:
    """Let an edition carry these as well, behind those it was fixed with."""
    query = select(func.max(edition_posts.c.position)).where(
        edition_posts.c.edition_id == edition_id
    )
    last = connection.execute(query).scalar()
    _insert_posts(connection, edition_id, candidates, 0 if last is None else last + 1)


def _was_renumbered(newsletter_id: str) -> ColumnElement[bool]:
    return exists().where(
        news.c.newsletter_id == newsletter_id,
        news.c.post_id == edition_posts.c.post_id,
        news.c.news_no != edition_posts.c.news_no,
    )


def _insert_posts(
    connection: Connection, edition_id: int, candidates: Sequence[Candidate], first: int = 0
) -> None:
    if candidates:
        rows = [
            {
                "edition_id": edition_id,
                "post_id": candidate.post.post_id,
                "news_no": candidate.news_no,
                "position": position,
                "is_added": candidate.is_added,
            }
            for position, candidate in enumerate(candidates, start=first)
        ]
        connection.execute(insert(edition_posts), rows)


def _to_row(edition: Edition) -> dict[str, Any]:
    return {
        "newsletter_id": edition.newsletter_id,
        "cadence": edition.cadence or BY_HAND,
        "key": edition.key,
        "trigger": edition.trigger,
        "state": edition.state,
        "slot_at": edition.slot_at,
        "freeze_at": edition.freeze_at,
        "mark": edition.mark,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "intro": edition.intro,
        "audience": {
            "cadences": list(edition.audience.cadences),
            "topics": list(edition.audience.topics),
            "names_posts": edition.audience.names_posts,
        },
        "reason": edition.reason,
        "frozen_through": 0,
        "created_at": edition.created_at,
        "approved_at": edition.approved_at,
    }


def read_edition(row: RowMapping) -> Edition:
    """An edition from a row that has its columns."""
    audience = row["audience"]
    return Edition(
        edition_id=row["edition_id"],
        newsletter_id=row["newsletter_id"],
        cadence=None if row["cadence"] == BY_HAND else Cadence(row["cadence"]),
        key=row["key"],
        trigger=Trigger(row["trigger"]),
        state=EditionState(row["state"]),
        slot_at=row["slot_at"],
        freeze_at=row["freeze_at"],
        mark=row["mark"],
        subject=row["subject"],
        intro=row["intro"],
        audience=Audience(
            tuple(Cadence(cadence) for cadence in audience["cadences"]),
            tuple(audience["topics"]),
            names_posts=audience["names_posts"],
        ),
        reason=row["reason"],
        created_at=row["created_at"],
        frozen_at=row["frozen_at"],
        finished_at=row["finished_at"],
        approved_at=row["approved_at"],
        preheader=row["preheader"],
        revision=row["revision"],
    )


def _to_variant(row: RowMapping) -> Variant:
    return Variant(
        variant_id=row["variant_id"],
        edition_id=row["edition_id"],
        key=row["key"],
        language=row["language"],
        rendered=Rendered(row["subject"], row["preheader"], row["html"], row["text"]),
        post_ids=tuple(row["post_ids"]),
    )
