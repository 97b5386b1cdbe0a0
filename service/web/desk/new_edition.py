"""An edition by hand: its posts chosen, its readers counted, and a draft made of it."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.delivery.by_hand import ByHand
from service.delivery.forecast import HandOutlook, forecast_by_hand
from service.editions.cadence_words import name_cadence
from service.errors import KawarabanError, UsageError
from service.model.edition import Audience
from service.model.newsletter import Cadence
from service.model.post import Post, Verdict
from service.sending import make_by_hand
from service.store.post_list import list_categories, list_post_page
from service.store.post_query import PostQuery
from service.store.posts import find_posts
from service.web.desk.desk import Desk
from service.web.desk.edition_door import ROOT, name_page, read_text
from service.web.desk.edition_moving import read_local
from service.web.desk.edition_words import say_skipped
from service.web.desk.post_lines import show_posts
from service.web.desk.visits import visit_of
from service.words.voice import Told, Voice

_MOST_FOUND = 20
_MOST_POSTS = 100
_LONGEST_INTRO = 20_000
_LONGEST_SUBJECT = 300
_LONGEST_KEY = 64

Word = Annotated[str, Form()]
Words = Annotated[list[str] | None, Form()]
Numbers = Annotated[list[int] | None, Form()]


@dataclass(frozen=True, slots=True)
class _Filled:
    """The form as it was filled in."""

    asked: ByHand
    picked: tuple[Post, ...] = ()
    at: str = ""
    q: str = ""

    @property
    def picked_ids(self) -> frozenset[int]:
        """The posts that were chosen."""
        return frozenset(post.post_id for post in self.picked)


@dataclass(frozen=True, slots=True)
class Counted:
    """What would leave, and to how many."""

    readers: int
    subject: str
    titles: tuple[str, ...]
    cadences: tuple[tuple[str, int], ...]
    skipped: tuple[tuple[str, int], ...]


class NewEdition:
    """The form, which counts before it makes anything."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        desk.page(f"{ROOT}/new", self.show)
        desk.action(f"{ROOT}/new", self.make)

    def show(self, request: Request, newsletter: str = "") -> Response:
        """An empty form; the key in it makes a double press one edition."""
        known = list(self._works.press.newsletters)
        chosen = newsletter if newsletter in known else (known[0] if known else "")
        return self._render(request, _Filled(ByHand(chosen, f"desk-{secrets.token_hex(8)}")))

    def make(
        self,
        request: Request,
        newsletter: Word,
        key: Word,
        do: Word = "count",
        q: Word = "",
        at: Word = "",
        subject: Word = "",
        intro: Word = "",
        posts: Numbers = None,
        cadences: Words = None,
        topics: Words = None,
    ) -> Response:
        """Search posts, count readers, or make the draft: by the button that was pressed."""
        picked = self._pick(posts or [])
        asked = ByHand(
            newsletter_id=read_text(newsletter),
            key=_read_key(key),
            posts=tuple(post.path for post in picked),
            audience=Audience(_read_cadences(cadences or []), tuple(map(read_text, topics or ()))),
            subject=" ".join(read_text(subject).split())[:_LONGEST_SUBJECT],
            intro=read_text(intro).strip()[:_LONGEST_INTRO],
            waits=True,
        )
        filled = _Filled(asked, tuple(picked), at, q)
        if do == "make":
            return self._make(request, filled)
        if do == "count":
            return self._count(request, filled)
        return self._render(request, filled, is_search=True)

    def _make(self, request: Request, filled: _Filled) -> Response:
        works, now = self._works, self._works.clock()
        moment = read_local(filled.at, self._desk.publication.zone) if filled.at else None
        if moment is not None and moment <= now:
            raise UsageError("that time is over: choose a later one, or none")
        asked = replace(filled.asked, freeze_at=moment)
        by = visit_of(request).actor
        edition = make_by_hand(works.database, works.press, asked, now, by=by)
        return self._desk.done(name_page(edition.edition_id), "edition-make")

    def _count(self, request: Request, filled: _Filled) -> Response:
        works = self._works
        try:
            outlook = forecast_by_hand(works.database, works.press, filled.asked, works.clock())
        except KawarabanError as error:
            return self._render(request, filled, failure=visit_of(request).voice.tell(error))
        if outlook.known is not None:
            return self._desk.done(name_page(outlook.known.edition_id))
        return self._render(request, filled, outlook=outlook)

    def _render(
        self,
        request: Request,
        filled: _Filled,
        *,
        is_search: bool = False,
        outlook: HandOutlook | None = None,
        failure: Told | None = None,
    ) -> Response:
        voice, works, asked = visit_of(request).voice, self._works, filled.asked
        now, newsletters = works.clock(), works.press.newsletters
        newsletter = newsletters.get(asked.newsletter_id)
        query = PostQuery(search=filled.q.strip().replace("\x00", ""), verdict=Verdict.PUBLISHED)
        with works.database.reading() as connection:
            page = list_post_page(connection, query, now, limit=_MOST_FOUND)
            categories = list_categories(connection)
        found = show_posts(voice, self._desk.publication, page, now)
        names = {*categories, *(newsletter.topics if newsletter else ()), *asked.audience.topics}
        return self._desk.render(
            request,
            "desk/edition_new.html",
            {
                "filled": filled,
                "asked": asked,
                "failure": failure,
                "is_search": is_search,
                "newsletters": [(one.newsletter_id, one.title) for one in newsletters.values()],
                "found": [one for one in found if one.post_id not in filled.picked_ids],
                "cadences": [
                    (one.value, name_cadence(voice, one), one in asked.audience.cadences)
                    for one in (newsletter.cadences if newsletter else Cadence)
                ],
                "topics": [(one, one in asked.audience.topics) for one in sorted(names)],
                "counted": sum_shares(voice, outlook) if outlook else None,
            },
            status=422 if failure else 200,
        )

    def _pick(self, post_ids: list[int]) -> list[Post]:
        if len(post_ids) > _MOST_POSTS:
            raise UsageError("an edition by hand takes {most} posts at the most", most=_MOST_POSTS)
        with self._works.database.reading() as connection:
            found = find_posts(connection, [one for one in post_ids if 0 < one < 2**63])
        missing = [one for one in post_ids if one not in found]
        if missing:
            raise UsageError("there is no post {post}: it may be deleted by now", post=missing[0])
        return [found[one] for one in dict.fromkeys(post_ids)]


def sum_shares(voice: Voice, outlook: HandOutlook) -> Counted:
    """How many would get it by cadence, and how many would not, by the reason."""
    get: Counter[Cadence] = Counter()
    skipped: Counter[str] = Counter()
    for cadence, shares in outlook.shares.items():
        for share in shares:
            if share.skipped:
                skipped[share.skipped] += share.readers
            else:
                get[cadence] += share.readers
    return Counted(
        readers=get.total(),
        subject=outlook.subject,
        titles=tuple(post.title or post.path for post in outlook.posts),
        cadences=tuple((name_cadence(voice, one), count) for one, count in get.items()),
        skipped=tuple((say_skipped(voice, why), count) for why, count in skipped.items()),
    )


def _read_cadences(chosen: list[str]) -> tuple[Cadence, ...]:
    # One that is misread must not come to mean everybody.
    if strange := set(chosen) - set(Cadence):
        raise UsageError("there is no cadence '{cadence}'", cadence=min(strange))
    return tuple(one for one in Cadence if one in chosen)


def _read_key(key: str) -> str:
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= _LONGEST_KEY):
        raise UsageError("the form came without its key: open it anew")
    return key
