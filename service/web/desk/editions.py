"""Editions at the desk: all of them, and each before, during and after its send."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from service.delivery.agenda import list_due
from service.editions.permalink import EditionName, write_path
from service.errors import TemplateError, UsageError
from service.model.edition import Edition, EditionState
from service.model.editor import Role
from service.store.edition_list import find_begun_at, list_edition_page
from service.store.editors import list_editors
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
    show_flaws,
    show_posts,
    show_variants,
)
from service.web.desk.edition_words import name_kind, say_reason, show_state
from service.web.desk.moments import write_when
from service.web.desk.new_edition import NewEdition
from service.web.desk.progress import UNDER_WAY, Progress, read_progress
from service.web.desk.visits import visit_of

_PAGE = 50
_MOST_WAITING = 20
_OPEN = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)


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
        shown = self._describe(request, edition)
        if edition.may_still_change:
            shown |= self._describe_draft(request, edition)
            return self._desk.render(request, "desk/edition.html", shown)
        shown |= self._describe_sent(request, edition)
        return self._desk.render(request, "desk/edition_sent.html", shown)

    def _describe(self, request: Request, edition: Edition) -> dict[str, object]:
        """What is said of every edition."""
        voice, now = visit_of(request).voice, self._works.clock()
        publication, newsletters = self._desk.publication, self._works.press.newsletters
        return {
            "edition": edition,
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
            "testers": "\n".join(one.address for one in editors if one.role.allows(Role.EDITOR)),
            "is_known": newsletter is not None,
            "failure": "",
        }
        try:
            preview = self._previews.look(edition.edition_id)
        except (TemplateError, UsageError) as error:
            return shown | {"failure": str(error), "readers": 0, "posts": [], "variants": [],
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

    def _describe_sent(self, request: Request, edition: Edition) -> dict[str, object]:
        """How far it is, and what became of it."""
        visit, works = visit_of(request), self._works
        preview = self._previews.recall(edition.edition_id, edition.revision)
        with works.database.reading() as connection:
            after = read_aftermath(connection, edition, visit.voice, self._desk.publication)
            begun_at = find_begun_at(connection, edition.edition_id)
        reading = read_progress(works.database, edition.edition_id)
        took = (works.clock() - begun_at).total_seconds() if begun_at else 0
        # Until the stream knows better: what was done since the first mail left.
        progress = Progress(reading, reading.settled / took if took > 1 else None)
        newsletter = works.press.newsletters.get(edition.newsletter_id)
        return {
            "after": after,
            "is_under_way": edition.state in UNDER_WAY,
            "progress": say_progress(visit.voice, progress),
            "begun": self._desk.write_moment(request, begun_at) if begun_at else "",
            "variants": show_variants(preview.variants),
            "posts": show_posts(visit.voice, preview.posts, newsletter),
            "subject": preview.variants[0].rendered.subject if preview.variants else "",
            "may_correct": may_be_corrected(edition, works.press.newsletters),
            "public": self._find_public(edition),
        }

    def _find_public(self, edition: Edition) -> str:
        """The path of its page in the archive that everybody may read; "" where there is none."""
        newsletter = self._works.press.newsletters.get(edition.newsletter_id)
        is_shown = edition.frozen_at is not None and edition.state not in (
            EditionState.CANCELLED,
            EditionState.EMPTY,
        )
        if newsletter is None or not newsletter.archive or not is_shown:
            return ""
        name = EditionName(edition.cadence, edition.key, edition.slot_at)
        return write_path(newsletter, name, self._desk.publication.zone)

    def _write(self, request: Request, edition: Edition, name: str) -> str:
        moment = getattr(edition, name)
        return self._desk.write_moment(request, moment) if moment else ""
