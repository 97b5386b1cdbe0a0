"""The variants of editions: what was rendered, kept as it is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, insert, or_, select

from service.model.edition import Rendered, Variant
from service.store.editions import BY_HAND
from service.store.tables import edition_posts, editions, news, variants


@dataclass(frozen=True, slots=True)
class Carrier:
    """A variant by the posts that it shows."""

    variant_id: int
    edition_id: int
    post_ids: tuple[int, ...]


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


def _was_renumbered(newsletter_id: str) -> ColumnElement[bool]:
    return exists().where(
        news.c.newsletter_id == newsletter_id,
        news.c.post_id == edition_posts.c.post_id,
        news.c.news_no != edition_posts.c.news_no,
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
