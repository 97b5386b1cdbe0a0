"""An editor's word on an edition: approve, schedule, send, hold, pause, cancel, correct."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.audience.addresses import normalise_address
from service.delivery.rehearsal import rehearse_edition
from service.delivery.retrying import retry_edition
from service.delivery.settling import settle_batch
from service.errors import AddressError, NotAllowedError, UsageError
from service.model.editor import Actor
from service.sending import (
    add_correction,
    approve_edition,
    cancel_edition,
    hold_edition,
    pause_edition,
    resume_edition,
    schedule_edition,
    send_edition_now,
    withdraw_correction,
)
from service.store.corrections import list_corrections
from service.store.history import list_unvouched
from service.store.installation import require_no_send_hold
from service.web.desk.desk import Desk
from service.web.desk.edition_door import ROOT, Act, EditionDoor, read_text
from service.web.desk.visits import visit_of

_LONGEST_REASON = 300
_MOST_TESTS = 20

Revision = Annotated[int, Form()]
Reason = Annotated[str, Form()]


class Moving:
    """The forms that let an edition go, or keep it."""

    def __init__(self, desk: Desk, door: EditionDoor) -> None:
        self._door = door
        self._works = desk.works
        self._zone = desk.publication.zone
        one = f"{ROOT}/{{edition_id}}"
        for name, act in (
            ("approve", self.approve),
            ("schedule", self.schedule),
            ("send", self.send),
            ("hold", self.hold),
            ("pause", self.pause),
            ("resume", self.resume),
            ("cancel", self.cancel),
            ("retry", self.retry),
            ("test", self.test),
            ("corrections", self.correct),
            ("corrections/{correction_id}/withdraw", self.withdraw),
            ("unknown/{batch_id}/settle", self.settle),
        ):
            desk.action(f"{one}/{name}", act)

    def approve(self, request: Request, edition_id: int, revision: Revision) -> Response:
        """Let it go at its time."""
        works = self._works

        def approve(by: Actor, now: datetime) -> None:
            approve_edition(works.database, edition_id, now, by=by, revision=revision)
            works.bell.ring()

        return self._do(request, edition_id, "approve", approve)

    def schedule(
        self, request: Request, edition_id: int, revision: Revision, at: Annotated[str, Form()]
    ) -> Response:
        """Let it go at another time, by the publication's clock."""
        moment, database = read_local(at, self._zone), self._works.database
        return self._do(
            request,
            edition_id,
            "schedule",
            lambda by, now: schedule_edition(database, edition_id, revision, moment, now, by=by),
        )

    def send(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        readers: Annotated[str, Form()],
    ) -> Response:
        """Send it now, to as many readers as were typed."""
        typed = read_number(readers)
        works = self._works

        def send(by: Actor, now: datetime) -> None:
            refuse_obstacles(works.obstacles)
            with works.database.reading() as connection:
                require_no_send_hold(connection)
            send_edition_now(works.database, works.press, edition_id, revision, typed, now, by=by)
            works.bell.ring()

        say = visit_of(request).voice.say
        advice = say("If the number was another: look at the edition again, and type its number.")
        return self._do(request, edition_id, "send", send, advice=advice)

    def hold(self, request: Request, edition_id: int, reason: Reason = "") -> Response:
        """Keep it until somebody approves it."""
        why, database = clean_reason(reason) or "held by an editor", self._works.database
        return self._do(
            request,
            edition_id,
            "hold",
            lambda by, now: hold_edition(database, edition_id, why, now, by=by),
        )

    def pause(self, request: Request, edition_id: int, reason: Reason = "") -> Response:
        """Let no further batch of it leave."""
        why, database = clean_reason(reason) or "paused by an editor", self._works.database
        return self._do(
            request,
            edition_id,
            "pause",
            lambda by, now: pause_edition(database, edition_id, why, now, by=by),
        )

    def resume(self, request: Request, edition_id: int) -> Response:
        """Let it go on."""
        database, wake = self._works.database, self._works.press.wake
        return self._do(
            request,
            edition_id,
            "resume",
            lambda by, now: resume_edition(database, wake, edition_id, now, by=by),
        )

    def cancel(self, request: Request, edition_id: int, reason: Reason = "") -> Response:
        """End it for good."""
        why, database = clean_reason(reason) or "cancelled by an editor", self._works.database
        return self._do(
            request,
            edition_id,
            "cancel",
            lambda by, now: cancel_edition(database, edition_id, why, now, by=by),
        )

    def retry(self, request: Request, edition_id: int) -> Response:
        """Try it again for those it did not reach."""
        works = self._works
        return self._do(
            request,
            edition_id,
            "retry",
            lambda by, now: retry_edition(
                works.database, works.mailbag.provider, works.press.wake, edition_id, now, by=by
            ),
        )

    def test(
        self,
        request: Request,
        edition_id: int,
        addresses: Annotated[str, Form()],
        variant: Annotated[int, Form()] = 1,
    ) -> Response:
        """Send one mail of it, marked as a test, to a few addresses."""
        known = read_addresses(addresses)
        works = self._works
        return self._do(
            request,
            edition_id,
            "test",
            lambda by, now: rehearse_edition(
                works.database, works.press, edition_id, variant, known, now, by=by
            ),
        )

    def correct(self, request: Request, edition_id: int, text: Annotated[str, Form()]) -> Response:
        """Have the next edition say what was wrong in this one."""
        newsletter_id = self._door.find(edition_id).newsletter_id
        note, database = read_text(text), self._works.database
        return self._do(
            request,
            edition_id,
            "correct",
            lambda by, now: add_correction(database, newsletter_id, edition_id, note, now, by=by),
        )

    def withdraw(self, request: Request, edition_id: int, correction_id: int) -> Response:
        """Take a correction of it back."""
        edition, works = self._door.find(edition_id), self._works

        def withdraw(by: Actor, now: datetime) -> None:
            with works.database.reading() as connection:
                found = list_corrections(connection, edition.newsletter_id)
            if (correction_id, edition_id) not in {
                (one.correction_id, one.about_edition_id) for one in found
            }:
                raise NotAllowedError(
                    "edition {edition} has no correction {correction}: look at it again",
                    edition=edition_id,
                    correction=correction_id,
                )
            withdraw_correction(works.database, correction_id, now, by=by)

        return self._do(request, edition_id, "withdraw", withdraw)

    def settle(
        self,
        request: Request,
        edition_id: int,
        batch_id: int,
        accepted: Annotated[bool, Form()],
    ) -> Response:
        """Say of a batch that nobody can vouch for whether the provider took it."""
        works = self._works

        def settle(by: Actor, now: datetime) -> None:
            with works.database.reading() as connection:
                own = [one.edition_id for one in list_unvouched(connection)
                       if one.batch_id == batch_id]  # fmt: skip
            if own != [edition_id]:
                raise NotAllowedError(
                    "batch {batch} of edition {edition} is not unknown: look at it again",
                    batch=batch_id,
                    edition=edition_id,
                )
            settle_batch(works.database, batch_id, now, was_accepted=accepted, by=by)

        return self._do(request, edition_id, "settle", settle)

    def _do(
        self, request: Request, edition_id: int, verb: str, act: Act, *, advice: str = ""
    ) -> Response:
        return self._door.do(request, edition_id, act, f"edition-{verb}", advice=advice)


def refuse_obstacles(obstacles: tuple[str, ...]) -> None:
    """Raise NotAllowedError while nothing may leave this installation at all."""
    if obstacles:
        raise NotAllowedError(
            "no mail leaves until this is settled:\n{obstacles}", obstacles="\n".join(obstacles)
        )


def read_local(written: str, zone: ZoneInfo) -> datetime:
    """A moment as a form has it, by the clock of a zone; raises UsageError."""
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise UsageError(
            "'{written}' is not a time such as 2026-11-21T08:00", written=written[:40]
        ) from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise UsageError("that is beyond the end of the calendar") from None


def read_number(written: str) -> int:
    """A number as people write it, with commas or in full width; raises UsageError."""
    digits = re.sub(r"[\s,.'’，、]", "", written)
    if not digits.isdecimal() or len(digits) > 12:
        raise UsageError("type how many readers it goes to, such as 1,234")
    return int(digits)


def read_addresses(written: str) -> list[str]:
    """Addresses with spaces, commas or lines between them; raises UsageError."""
    parts = [one for one in re.split(r"[\s,;、，；]+", written) if one]
    if not 0 < len(parts) <= _MOST_TESTS:
        raise UsageError("name between 1 and {most} addresses for a test", most=_MOST_TESTS)
    try:
        return list(dict.fromkeys(normalise_address(one) for one in parts))
    except AddressError as error:
        raise UsageError(
            "that is not an address that mail can reach: {reason}", reason=error
        ) from error


def clean_reason(reason: str) -> str:
    """A reason in one line, not endless."""
    return " ".join(read_text(reason).split())[:_LONGEST_REASON]
