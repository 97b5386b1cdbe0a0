"""An article, and what we knew of it, make the post it is now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from service.content.likeness import digest_text
from service.model.post import LONGEST_FULL, Article, Finding, Hold, Level, Post


@dataclass(frozen=True, slots=True)
class Sighting:
    """When the article was seen: by this scan, by the first one, and by the one before this.

    `mtime_at` is when the file says it was written; `has_same_bytes` when its bytes are those
    the post was last read from, so that it is we who read them otherwise.
    """

    now: datetime
    mtime_at: datetime
    first_scan_at: datetime
    last_scan_at: datetime | None
    has_same_bytes: bool = False


def compose_post(
    article: Article,
    uid: str,
    previous: Post | None,
    sighting: Sighting,
    findings: tuple[Finding, ...],
) -> Post:
    """Return the post with everything that depends on time and history; `post_id` is 0 when new."""
    body_digest = _digest(article.html)
    html_size = len(article.html.encode())
    site_id, url_id = _find_names(article, uid, previous)
    return Post(
        post_id=previous.post_id if previous else 0,
        uid=uid,
        path=article.path,
        title=article.title,
        url=article.url,
        summary=article.summary,
        language=article.language,
        published_at=article.published_at,
        updated_at=_find_updated_at(article, previous, body_digest, sighting),
        first_seen_at=previous.first_seen_at if previous else sighting.now,
        changed_at=_find_changed_at(previous, sighting),
        seen_after_at=previous.seen_after_at if previous else sighting.last_scan_at,
        is_known=_is_known(article, previous, sighting.first_scan_at),
        expires_at=article.expires_at,
        authors=article.authors,
        categories=article.categories,
        tags=article.tags,
        image=article.image,
        enclosures=article.enclosures,
        draft=article.draft,
        in_feeds=article.in_feeds,
        mailable=article.mailable,
        pinned=article.pinned,
        html_size=html_size,
        body_digest=body_digest,
        text_digest=digest_text(article.text),
        explicit_id=article.explicit_id,
        hold=_find_hold(previous, findings),
        hold_note=_find_hold_note(previous, findings),
        released_at=previous.released_at if previous else None,
        former_urls=article.former_urls,
        date_source=article.date_source,
        findings=findings,
        site_id=site_id,
        url_id=url_id,
        is_full=_is_full(html_size, previous),
    )


def take_over(newcomer: Post, post: Post, path: str) -> Post:
    """Return `post` with all that `newcomer` says: they are one, and it is the older of them."""
    return replace(
        newcomer,
        post_id=post.post_id,
        uid=post.uid,
        path=path,
        updated_at=post.updated_at,
        first_seen_at=post.first_seen_at,
        changed_at=post.changed_at,
        seen_after_at=post.seen_after_at,
        is_known=post.is_known,
        hold=post.hold,
        hold_note=post.hold_note,
        released_at=post.released_at,
        site_id=post.site_id,
        url_id=post.url_id,
        is_full=post.is_full,
    )


def _find_names(article: Article, uid: str, previous: Post | None) -> tuple[str, str]:
    """What feeds may know it by besides its uid, as of the first time they may show it.

    An id of its author's is its name in any case. A draft has none yet, for its address may
    still change before anybody sees it.
    """
    site_id, url_id = (previous.site_id, previous.url_id) if previous else ("", "")
    if article.draft:
        return site_id, url_id
    if uid == article.explicit_id:
        return site_id or uid, url_id or uid
    return site_id or article.site_id or article.url, url_id or article.url


def _is_full(html_size: int, previous: Post | None) -> bool:
    # Readers have it in one form or the other, and it keeps that one.
    if previous is not None and previous.url_id:
        return previous.is_full
    return html_size <= LONGEST_FULL


def _digest(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()


def _find_updated_at(
    article: Article, previous: Post | None, body_digest: str, sighting: Sighting
) -> datetime:
    """Readers show an entry anew when this moves, so only the words of title and body move it.

    Other front matter does not, nor white space, nor links that lead elsewhere under the words.
    """
    if previous is None:
        return max(article.published_at, article.modified_at or article.published_at)
    if sighting.has_same_bytes or _says_the_same(article, previous, body_digest):
        return previous.updated_at
    if article.modified_at and previous.updated_at < article.modified_at <= sighting.now:
        return article.modified_at
    return max(sighting.now, article.published_at)


def _says_the_same(article: Article, previous: Post, body_digest: str) -> bool:
    if article.title.split() != previous.title.split():
        return False
    if body_digest == previous.body_digest:
        return True
    words = digest_text(article.text)
    return bool(words) and words == previous.text_digest


def _find_changed_at(previous: Post | None, sighting: Sighting) -> datetime:
    """When the file last changed: its own word for it, where that can be true."""
    is_possible = sighting.mtime_at <= sighting.now
    if previous is None:
        return sighting.mtime_at if is_possible else sighting.now
    if sighting.has_same_bytes:
        return previous.changed_at
    came_since = sighting.last_scan_at is None or sighting.mtime_at > sighting.last_scan_at
    return sighting.mtime_at if is_possible and came_since else sighting.now


def _is_known(article: Article, previous: Post | None, first_scan_at: datetime) -> bool:
    """Posts not after the first scan are no news; a draft may still be, until it is published.

    What was known once stays so, whatever date it is given and however often it is a draft.
    """
    if previous is not None and not (previous.draft and not previous.is_known):
        return previous.is_known
    return not article.draft and article.published_at <= first_scan_at


def _find_hold(previous: Post | None, findings: tuple[Finding, ...]) -> Hold | None:
    if previous and previous.hold in (Hold.EDITOR, Hold.MASS):
        return previous.hold
    if previous and previous.released_at:
        return None
    return Hold.GATE if _list_holding(findings) else None


def _find_hold_note(previous: Post | None, findings: tuple[Finding, ...]) -> str:
    if previous and (previous.hold in (Hold.EDITOR, Hold.MASS) or previous.released_at):
        return previous.hold_note
    return "; ".join(finding.message for finding in _list_holding(findings))


def _list_holding(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.HOLD]
