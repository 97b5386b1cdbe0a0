"""Editors are mailed each draft with links of their own, to approve it or to hold it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from service.audience.tokens import KeyRing, Purpose, read_link, sign_link
from service.delivery.news import is_still_mailable
from service.delivery.press import Press
from service.editions.cadence_words import name_cadence
from service.editions.entries import show_posts
from service.errors import TemplateError, TokenError
from service.model.edition import Edition, Rendered
from service.model.editor import Editor, Role
from service.model.newsletter import Approval as Rule
from service.model.post import Post
from service.store.approvals import Approval, is_asked, list_unasked, record_approval
from service.store.counts import count_active
from service.store.database import Database
from service.store.edition_posts import list_edition_candidates
from service.store.editions import lock_edition
from service.store.editors import list_editors
from service.store.notices import Notice, plan_notice
from service.store.posts import find_html
from service.words.catalogues import find_voice

log = structlog.get_logger(__name__)

_NOTICES = {True: "approval-wanted", False: "approval-notice"}
"""By whether it waits for an approval, or goes unless somebody holds it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as editors are shown it: the mail's subject, its posts, and for how many."""

    edition: Edition
    subject: str
    posts: tuple[Post, ...]
    readers: int


def consult_editors(database: Database, press: Press, ring: KeyRing, now: datetime) -> int:
    """Mail every editor each draft of which nobody was asked yet; how many mails were planned.

    Only newsletters with approval "notice" or "required" ask, and only for scheduled editions:
    who makes one by hand is at the desk.
    """
    asking = [one.newsletter_id for one in press.newsletters.values() if one.approval != Rule.NONE]
    if not asking:
        return 0
    with database.reading() as connection:
        editors = [one for one in list_editors(connection) if one.role.allows(Role.EDITOR)]
        waiting = list_unasked(connection, asking) if editors else []
        drafts = [
            read_draft(connection, press, edition, now)
            for edition in waiting
            if _is_open(edition, now)
        ]
    planned = [_ask(database, press, ring, editors, draft, now) for draft in drafts if draft]
    if sum(planned):
        log.info("editors are asked about drafts", drafts=len(planned), mails=sum(planned))
    return sum(planned)


def read_draft(
    connection: Connection, press: Press, edition: Edition, now: datetime
) -> Draft | None:
    """What an edition shows those who have none of it yet; None when it would be empty."""
    newsletter = press.find_newsletter(edition.newsletter_id)
    found = list_edition_candidates(connection, edition.edition_id)
    candidates = [one for one in found if is_still_mailable(one.post, now)]
    read_html = partial(find_html, connection)
    try:
        drafted = press.draft(edition, candidates, newsletter.language, read_html)
    except TemplateError:
        # The freeze says so to everybody, with the reason.
        return None
    if drafted is None or edition.cadence is None:
        return None
    by_id = {one.post.post_id: one.post for one in candidates}
    posts = tuple(by_id[post_id] for post_id in drafted.post_ids)
    readers = count_active(connection, edition.newsletter_id, edition.cadence)
    return Draft(edition, drafted.rendered.subject, posts, readers)


def write_approval_token(ring: KeyRing, approval: Approval) -> str:
    """What an editor's links end with; it says all it stands for, also after a restored backup."""
    return sign_link(ring.current, Purpose.APPROVE, _name(approval))


def read_approval_number(ring: KeyRing, token: str) -> int:
    """The number of the approval that a token is for; raises TokenError for one not from here."""
    number = read_link(ring, Purpose.APPROVE, token).removeprefix("a").partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise TokenError("this link is for something else")
    return int(number)


def is_token_of(ring: KeyRing, token: str, approval: Approval) -> bool:
    """Whether a token was made for this very approval, and not for one of its number before."""
    return read_link(ring, Purpose.APPROVE, token) == _name(approval)


def _name(approval: Approval) -> str:
    parts = (approval.approval_id, approval.edition_id, approval.editor_id, approval.revision)
    return "a" + "-".join(map(str, parts))


def _is_open(edition: Edition, now: datetime) -> bool:
    return edition.approved_at is None or now < edition.freeze_at


def _ask(
    database: Database,
    press: Press,
    ring: KeyRing,
    editors: list[Editor],
    draft: Draft,
    now: datetime,
) -> int:
    with database.writing() as connection:
        lock_edition(connection, draft.edition.edition_id)
        if is_asked(connection, draft.edition.edition_id):
            return 0
        batch_ids = []
        for editor in editors:
            approval = record_approval(connection, draft.edition, editor.editor_id, now)
            url = f"{press.publication.service_url}/desk/approve/"
            url += write_approval_token(ring, approval)
            notice = Notice(
                purpose=Purpose.APPROVE,
                topic=str(approval.approval_id),
                address=editor.address,
                day=now.astimezone(press.publication.zone).date(),
                rendered=_render(press, draft, editor, url),
            )
            batch_ids.append(
                plan_notice(
                    connection,
                    notice,
                    account=press.account,
                    key_prefix=f"kb-{press.installation}",
                    now=now,
                )
            )
        press.wake(connection, [batch_id for batch_id in batch_ids if batch_id is not None])
    return len(batch_ids)


def _render(press: Press, draft: Draft, editor: Editor, url: str) -> Rendered:
    publication, sender, edition = press.publication, press.sender, draft.edition
    language = editor.language or publication.language
    voice = find_voice(language)
    cadence = name_cadence(voice, edition.cadence) if edition.cadence else ""
    return press.renderer.render_notice(
        _NOTICES[edition.approved_at is None],
        language,
        {
            "publication": publication.title,
            "sender": sender.name,
            "postal_address": sender.postal_address,
            "contact": sender.contact,
            "url": url,
            "other_url": f"{url}?hold=yes",
            "newsletter": press.find_newsletter(edition.newsletter_id).title,
            "cadence": cadence,
            "subject": draft.subject,
            "leaves": voice.write_moment(publication.localise(edition.freeze_at)),
            "readers": voice.say_count("{count} reader", "{count} readers", draft.readers),
        },
        show_posts(draft.posts, language=language, zone=publication.zone),
    )
