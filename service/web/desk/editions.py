"""Editions at the desk: all of them, and each before, during and after its send."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from service.delivery.agenda import list_due
from service.editions.permalink import EditionName, write_path
from service.engine.works import may_leave
from service.errors import TemplateError, UsageError
from service.model.edition import Edition, EditionState
from service.model.editor import Role
from service.store.edition_list import find_begun_at, list_edition_page
from service.store.editions import find_edition
from service.store.editors import list_editors
from service.store.sent_editions import was_sent
from service.web.desk.desk import Desk
from service.web.desk.due_view import show_due
from service.web.desk.edition_after import may_be_corrected, read_aftermath
from service.web.desk.edition_arranging import Arranging
from service.web.desk.edition_door import ROOT, EditionDoor
from service.web.desk.edition_lines import (
    EditionFilter,
    list_states,
    name_newsletter,
    show_editions,
)
from service.web.desk.edition_moving import Moving
from service.web.desk.edition_previews import EditionPreviews, Previews
from service.web.desk.edition_progress import Watching, say_progress
from service.web.desk.edition_view import (
    show_counts,
    show_posts,
    show_variants,
)
from service.web.desk.edition_words import name_kind, say_failure, say_reason, show_state
from service.web.desk.flaw_view import show_flaws
from service.web.desk.moments import write_when
from service.web.desk.new_edition import NewEdition
from service.web.desk.progress import (
    BEING_MADE,
    Progress,
    Reading,
    is_let_go,
)
from service.web.desk.stoppers import find_stoppers
from service.web.desk.visits import visit_of

_PAGE = 50
_MOST_WAITING = 20
_OPEN = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
_OVER = (
    EditionState.FINISHED,
    EditionState.CANCELLED,
    EditionState.EMPTY,
    EditionState.MERGED,
)


class Editions:
    """The pages under /desk/editions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        self._door = EditionDoor(desk)
        self._previews = Previews(desk.works)
        desk.page(ROOT, self.show_list)
        NewEdition(desk)
        desk.page(f"{ROOT}/{{edition_id}}", self.show)
        EditionPreviews(desk, self._door, self._previews)
        Arranging(desk, self._door)
        Moving(desk, self._door)
        Watching(desk, self._door)

    def show_list(
        self, request: Request, newsletter: str = "", state: str = "", before: str = ""
    ) -> Response:
        """What is due next, and all editions, the newest first."""
        voice, now, works = visit_of(request).voice, self._works.clock(), self._works
        asked = EditionFilter(newsletter.replace("\x00", ""), state)
        newsletters, publication = works.press.newsletters, self._desk.publication
        last = int(before) if before.isdecimal() and len(before) < 19 else None
        is_first = last is None and asked == EditionFilter()
        with works.database.reading() as connection:
            found = list_edition_page(
                connection,
                newsletter_id=asked.newsletter,
                states=asked.states,
                language=publication.language,
                before=last,
                limit=_PAGE + 1,
            )
            due = list_due(connection, works.press, newsletters.values(), now) if is_first else []
            waiting = (
                list_edition_page(connection, states=_OPEN, limit=_MOST_WAITING) if is_first else []
            )
        by_hand = [one for one in waiting if one.edition.cadence is None]
        shown = found[:_PAGE]
        older = asked.make_path(before=str(shown[-1].edition.edition_id)) if found[_PAGE:] else ""
        return self._desk.render(
            request,
            "desk/editions.html",
            {
                "asked": asked,
                "newsletters": [(one.newsletter_id, one.title) for one in newsletters.values()],
                "states": list_states(voice),
                "due": [show_due(voice, publication, one, now) for one in due],
                "by_hand": show_editions(voice, publication, newsletters, by_hand, now),
                "editions": show_editions(voice, publication, newsletters, shown, now),
                "newer": asked.make_path() if last is not None else "",
                "older": older,
            },
        )

    def show(self, request: Request, edition_id: int) -> Response:
        """One edition: how it is arranged, how far it is, or what became of it."""
        edition = self._door.find(edition_id)
        waits_for_clock = self._waits_for_clock(edition)
        if waits_for_clock:
            # There is nothing more to arrange, only to look on at.
            edition = replace(edition, state=EditionState.FREEZING)
        shown = self._describe(request, edition) | {"waits_for_clock": waits_for_clock}
        if edition.may_still_change:
            shown |= self._describe_draft(request, edition)
            return self._desk.render(request, "desk/edition.html", shown)
        shown |= self._describe_sent(request, edition, is_stopped=bool(shown["stoppers"]))
        return self._desk.render(request, "desk/edition_sent.html", shown)

    def _waits_for_clock(self, edition: Edition) -> bool:
        """Whether it was let go, and nothing stands between it and its freeze but a moment."""
        is_known = edition.newsletter_id in self._works.press.newsletters
        return is_known and is_let_go(edition, self._works.clock()) and may_leave(self._works)

    def _describe(self, request: Request, edition: Edition) -> dict[str, object]:
        """What is said of every edition."""
        voice, now = visit_of(request).voice, self._works.clock()
        publication, newsletters = self._desk.publication, self._works.press.newsletters
        with self._works.database.reading() as connection:
            stoppers = (
                find_stoppers(connection, self._works, voice, publication, now)
                if edition.state not in _OVER
                else None
            )
        return {
            "edition": edition,
            "stoppers": stoppers,
            "newsletter": name_newsletter(newsletters, edition.newsletter_id),
            "kind": name_kind(voice, edition),
            "state": show_state(voice, edition),
            "why": say_reason(voice, edition.reason),
            "leaves": write_when(voice, publication, edition.freeze_at, now),
            "approved": self._write(request, edition, "approved_at"),
            "frozen": self._write(request, edition, "frozen_at"),
            "finished": self._write(request, edition, "finished_at"),
        }

    def _describe_draft(self, request: Request, edition: Edition) -> dict[str, object]:
        """What leaves as it stands now; an edition that cannot be made says why not."""
        voice, works = visit_of(request).voice, self._works
        newsletter = works.press.newsletters.get(edition.newsletter_id)
        with works.database.reading() as connection:
            editors = list_editors(connection)
        local = self._desk.publication.localise(edition.freeze_at)
        shown: dict[str, object] = {
            "local": local.strftime("%Y-%m-%dT%H:%M"),
            "is_overdue": edition.freeze_at < self._works.clock(),
            # Made by hand without a time.
            "leaves_with_approval": edition.freeze_at <= edition.created_at
            and edition.approved_at is None,
            "testers": "\n".join(one.address for one in editors if one.role.allows(Role.EDITOR)),
            "is_known": newsletter is not None,
            "failure": None,
        }
        try:
            preview = self._previews.look(edition.edition_id)
        except (TemplateError, UsageError) as error:
            failure = (say_failure(voice, error), voice.tell(error))
            return shown | {"failure": failure, "readers": 0, "posts": [], "variants": [],
                            "flaws": [], "counts": {}, "corrections": (),
                            "subject": edition.subject}  # fmt: skip
        return shown | {
            "readers": preview.readers,
            "posts": show_posts(voice, preview.posts, newsletter),
            "variants": show_variants(preview.variants),
            "flaws": show_flaws(voice, preview.flaws),
            "counts": show_counts(voice, preview),
            "corrections": preview.edition.corrections,
            "subject": preview.variants[0].rendered.subject if preview.variants else "",
        }

    def _describe_sent(
        self, request: Request, edition: Edition, *, is_stopped: bool
    ) -> dict[str, object]:
        """How far it is, and what became of it."""
        visit, works = visit_of(request), self._works
        is_made = edition.state not in BEING_MADE
        preview = self._previews.recall(edition) if is_made else None
        with works.database.reading() as connection:
            found = find_edition(connection, edition.edition_id)
            after = read_aftermath(connection, edition, visit.voice, self._desk.publication)
            begun_at = find_begun_at(connection, edition.edition_id)
            is_public = was_sent(connection, edition.edition_id)
        # Every row was counted for it: that takes too long to be done twice.
        reading = Reading(found.state, after.accounting, is_let_go(found, works.clock()))
        took = (works.clock() - begun_at).total_seconds() if begun_at else 0
        # Until the stream knows better: what was done since the first mail left.
        moves = took > 1 and not is_stopped
        progress = Progress(reading, reading.settled / took if moves else None)
        newsletter = works.press.newsletters.get(edition.newsletter_id)
        variants = preview.variants if preview else ()
        return {
            "after": after,
            "is_under_way": edition.state in BEING_MADE or reading.is_under_way,
            "stands": reading.state,
            "progress": say_progress(visit.voice, progress),
            "begun": self._desk.write_moment(request, begun_at) if begun_at else "",
            "variants": show_variants(variants),
            "counts": show_counts(visit.voice, preview) if preview else {},
            "posts": show_posts(visit.voice, preview.posts, newsletter) if preview else [],
            "subject": variants[0].rendered.subject if variants else edition.subject,
            "may_correct": may_be_corrected(edition, after.accounting, works.press.newsletters),
            "public": self._find_public(edition) if is_public else "",
        }

    def _find_public(self, edition: Edition) -> str:
        """The path of its page for everybody, also when it was stopped half way; "" for none."""
        newsletter = self._works.press.newsletters.get(edition.newsletter_id)
        if newsletter is None or not newsletter.archive:
            return ""
        name = EditionName(edition.cadence, edition.key, edition.slot_at)
        return write_path(newsletter, name, self._desk.publication.zone)

    def _write(self, request: Request, edition: Edition, name: str) -> str:
        moment = getattr(edition, name)
        return self._desk.write_moment(request, moment) if moment else ""
