"""What is due next, as the first page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.delivery.agenda import Due
from service.editions.cadence_words import name_cadence
from service.model.edition import Edition, EditionState
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.publication import Publication
from service.web.desk.moments import Moment, write_when
from service.web.desk.post_lines import Badge
from service.words.voice import Voice

_FIRST_TITLES = 3


@dataclass(frozen=True, slots=True)
class DueView:
    """An edition that leaves next; `path` is "" until it is made.

    `is_overdue`: its time is over, and it is still here. `deadline` says until when somebody may
    decide, and what happens when nobody does. `titles` are of its first posts, `rest` is how many
    it has besides.
    """

    newsletter: str
    cadence: str
    when: Moment | None
    is_overdue: bool
    badge: Badge
    deadline: str
    readers: str
    posts: int
    titles: tuple[str, ...]
    rest: int
    path: str
    others: str


def show_due(voice: Voice, publication: Publication, due: Due, now: datetime) -> DueView:
    """What is due in the visitor's language."""
    edition, candidates = due.prospect.edition, due.prospect.candidates
    when = write_when(voice, publication, edition.freeze_at, now)
    has_any = bool(candidates or edition.intro)
    # News that comes one by one has no schedule to wait for.
    is_open_ended = due.cadence is Cadence.EACH and edition.edition_id == 0
    return DueView(
        newsletter=due.newsletter.title,
        cadence=name_cadence(voice, due.cadence),
        when=None if is_open_ended and edition.freeze_at <= now else when,
        is_overdue=_is_overdue(edition, due.newsletter, now),
        badge=_find_badge(voice, edition, due.newsletter, now, has_any=has_any),
        deadline=_say_deadline(voice, edition, due.newsletter, when, now) if has_any else "",
        readers=_say_readers(voice, due) if has_any else "",
        posts=len(candidates),
        titles=tuple(one.post.title or one.post.path for one in candidates[:_FIRST_TITLES]),
        rest=max(0, len(candidates) - _FIRST_TITLES),
        path=f"/desk/editions/{edition.edition_id}" if edition.edition_id else "",
        others=voice.say_count("and {count} more", "and {count} more", due.others)
        if due.others
        else "",
    )


def _find_badge(
    voice: Voice, edition: Edition, newsletter: Newsletter, now: datetime, *, has_any: bool
) -> Badge:
    if edition.state is EditionState.HELD:
        return Badge(voice.say_of("an edition", "held"), "bad")
    if not has_any:
        return Badge(voice.say("nothing new yet"))
    if edition.edition_id and edition.approved_at is None:
        return Badge(voice.say("waits for approval"), "warn")
    if _is_overdue(edition, newsletter, now):
        return Badge(voice.say("overdue"), "bad")
    if edition.edition_id:
        return Badge(voice.say("ready"), "good")
    return Badge(voice.say("gathering"))


def _say_deadline(
    voice: Voice, edition: Edition, newsletter: Newsletter, when: Moment, now: datetime
) -> str:
    if edition.state is EditionState.HELD:
        return voice.say("It stays here until somebody approves or cancels it.")
    if _is_overdue(edition, newsletter, now):
        return voice.say("Too late to go by itself: somebody has to decide.")
    if edition.edition_id and edition.approved_at is None:
        return voice.say("It does not leave before somebody approves it.")
    if newsletter.approval is Approval.REQUIRED:
        return "" if edition.edition_id else voice.say("Somebody will have to approve it.")
    if newsletter.approval is Approval.NOTICE and edition.freeze_at > now:
        return voice.say("It leaves at {when}, unless somebody holds it before.", when=when.at)
    return voice.say("It leaves by itself.")


def _is_overdue(edition: Edition, newsletter: Newsletter, now: datetime) -> bool:
    """Whether it is too late for it to go by itself, or somebody held it until that was over."""
    is_held = edition.state is EditionState.HELD and edition.freeze_at < now
    return is_held or now - edition.freeze_at > newsletter.overdue_after


def _say_readers(voice: Voice, due: Due) -> str:
    if due.is_exact:
        return voice.say_count("to {count} reader", "to {count} readers", due.readers)
    return voice.say_count("to {count} reader at most", "to {count} readers at most", due.readers)
