"""A reader added by hand: asked by mail to confirm, or vouched for with a note of how."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.audience.cells import parse_name
from service.audience.exchange import ImportRow
from service.editions.cadence_words import name_cadence
from service.engine.works import Works
from service.errors import NotAllowedError, UsageError
from service.membership import add_reader
from service.model.editor import Actor, Role
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.subscribers import find_subscriber_ids
from service.web.desk.desk import Desk
from service.web.desk.suppressed import read_address
from service.web.desk.visits import visit_of

_PATH = "/desk/readers/add"
_LONGEST_NOTE = 500


class AddingReaders:
    """The page at /desk/readers/add."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        desk.page(_PATH, self.show, needs=Role.EDITOR)
        desk.action(_PATH, self.add)

    def show(self, request: Request) -> Response:
        """The form."""
        voice = visit_of(request).voice
        return self._desk.render(
            request,
            "desk/reader_add.html",
            {
                "newsletters": [
                    (one.newsletter_id, one.title, one.default_cadence)
                    for one in self._works.register.newsletters.values()
                ],
                "cadences": [(one, name_cadence(voice, one)) for one in Cadence],
            },
        )

    def add(
        self,
        request: Request,
        address: Annotated[str, Form()],
        newsletter: Annotated[str, Form()],
        name: Annotated[str, Form()] = "",
        cadence: Annotated[str, Form()] = "",
        manner: Annotated[str, Form()] = "",
        note: Annotated[str, Form(max_length=_LONGEST_NOTE)] = "",
    ) -> Response:
        """Subscribe somebody; who is there already keeps what they have."""
        normal = read_address(address)
        row = ImportRow(
            address=normal,
            name=parse_name(name),
            cadence=self._read_cadence(newsletter, cadence),
            consent_source=f"desk: {visit_of(request).editor.shown_name}",
            line=1,
        )
        actor = visit_of(request).actor
        said = add_by_hand(self._works, row, newsletter, manner, note, by=actor)
        with self._works.database.reading() as connection:
            reader_id = find_subscriber_ids(connection, [normal])[normal]
        return self._desk.done(f"/desk/readers/{reader_id}", said)

    def _read_cadence(self, newsletter_id: str, cadence: str) -> Cadence | None:
        offered = self._works.register.find_newsletter(newsletter_id).cadences
        if not cadence:
            return None
        if cadence not in offered:
            raise UsageError(
                "this newsletter does not come {cadence}; it comes: {known}",
                cadence=cadence,
                known=", ".join(offered),
            )
        return Cadence(cadence)


def add_by_hand(
    works: Works, row: ImportRow, newsletter: str, manner: str, note: str, *, by: Actor
) -> str:
    """Subscribe one reader and say what became of it, by a key of the desk's sayings.

    Raises UsageError for a consent that is none, NotAllowedError for one who may not be added.
    """
    is_vouched = manner == "vouched"
    if not is_vouched and manner != "ask":
        raise UsageError("say whether they are asked by mail, or how they agreed")
    if is_vouched and not note.strip():
        raise UsageError("say how they agreed: it is kept as their consent")
    report = add_reader(
        works.database,
        works.register,
        row,
        newsletter,
        SubscriptionState.ACTIVE if is_vouched else SubscriptionState.PENDING,
        source=row.consent_source,
        note=" ".join(note.split()),
        now=works.clock(),
        by=by,
    )
    if report.suppressed:
        raise NotAllowedError("not added: the address is suppressed, nothing is sent to it")
    if report.erased:
        raise NotAllowedError("not added: the address was erased; only they themselves come back")
    if report.already:
        raise NotAllowedError(
            "not added: they have this newsletter, or had it and left; "
            "who left comes back only by themselves"
        )
    return "reader-added" if is_vouched else "reader-asked"
