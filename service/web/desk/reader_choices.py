"""What one reader chose, as it stands, and changed for them by an editor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from service.engine.works import Works
from service.membership import Standing, choose_for, find_standing, link_choices
from service.model.editor import Role
from service.model.subscriber import Subscriber, SubscriptionState
from service.store.subscribers import Reader
from service.web.desk.desk import Desk
from service.web.desk.reader_door import find_or_404, show_who
from service.web.desk.readers import ROOT
from service.web.desk.visits import visit_of
from service.web.faults import say_fault
from service.web.preference_form import Chosen, read_choices, write_pause
from service.web.preference_view import PreferenceView, compose_preferences, list_spoken
from service.web.signup import read_fields
from service.web.signup_form import Fields
from service.words.voice import Voice


class ReaderChoices:
    """The page at /desk/readers/<number>/choices."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        path = f"{ROOT}/{{reader_id}}/choices"
        desk.page(path, self.show, needs=Role.EDITOR)
        desk.action(path, self.choose)

    def show(self, request: Request, reader_id: int) -> Response:
        """What they chose, to be changed for them."""
        return self._show(request, self._find(reader_id))

    def choose(
        self, request: Request, reader_id: int, fields: Annotated[Fields, Depends(read_fields)]
    ) -> Response:
        """Let what comes to them come as they asked an editor for it; nothing is added by it."""
        works, reader = self._works, self._find(reader_id)
        standing, now = _find_standing(works, reader), works.clock()
        has = [id_ for id_, one in standing.choices.newsletters.items() if one.is_on]
        zone = works.register.publication.zone
        chosen = read_choices(
            {**fields, "newsletter": has}, standing, zone, list_spoken(standing), now
        )
        if chosen.faults:
            return self._show(request, reader, chosen)
        actor = visit_of(request).actor
        choose_for(works.database, reader_id, chosen.choices, now, by=actor)
        return self._desk.done(f"{ROOT}/{reader_id}", "saved")

    def _show(self, request: Request, reader: Subscriber, chosen: Chosen | None = None) -> Response:
        visit = visit_of(request)
        form = _compose_form(self._works, visit.voice, reader, chosen)
        faults = [say_fault(visit.voice, one) for one in chosen.faults] if chosen else []
        return self._desk.render(
            request,
            "desk/reader_choices.html",
            {**show_who(visit, reader), "form": form, "faults": faults},
            status=422 if faults else 200,
        )

    def _find(self, reader_id: int) -> Subscriber:
        with self._works.database.reading() as connection:
            return find_or_404(connection, reader_id)


def list_next(works: Works, voice: Voice, readers: Sequence[Reader]) -> list[tuple[str, str]]:
    """When the next mail of each of a reader's newsletters leaves, in so many words."""
    active = [one for one in readers if one.subscription.state is SubscriptionState.ACTIVE]
    if not active:
        return []
    form = _compose_form(works, voice, active[0].subscriber)
    return [(one.title, one.next_mail) for one in form.newsletters if one.next_mail]


def _compose_form(
    works: Works, voice: Voice, reader: Subscriber, chosen: Chosen | None = None
) -> PreferenceView:
    """Their own page, in the language of whoever is at the desk."""
    register, standing = works.register, _find_standing(works, reader)
    theirs = replace(standing.reader.subscription, language=voice.language)
    zone = register.publication.zone
    return compose_preferences(
        replace(standing, reader=replace(standing.reader, subscription=theirs)),
        chosen or Chosen(standing.choices, write_pause(standing.choices, zone)),
        register.publication,
        register.sender.contact,
        works.clock(),
    )


def _find_standing(works: Works, reader: Subscriber) -> Standing:
    return find_standing(works.database, works.register, _find_token(works, reader), works.clock())


def _find_token(works: Works, reader: Subscriber) -> str:
    """What their own link proves who they are by."""
    link = link_choices(works.database, works.register, reader.address or "")
    return link.rpartition("/")[2]
