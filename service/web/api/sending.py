"""Whatever lets mail leave, or stops it: editions approved, sent, paused, and made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Response
from pydantic import Field
from starlette.requests import Request

from service.audience.addresses import normalise_address
from service.delivery.by_hand import ByHand
from service.delivery.forecast import HandOutlook, forecast_by_hand
from service.delivery.rehearsal import rehearse_edition
from service.delivery.retrying import retry_edition
from service.errors import NotAllowedError
from service.model.edition import Audience
from service.model.editor import Scope
from service.model.newsletter import Cadence
from service.sending import (
    approve_edition,
    cancel_edition,
    make_by_hand,
    pause_edition,
    resume_edition,
    send_edition_now,
)
from service.store.installation import require_no_send_hold
from service.web.api.api import Api
from service.web.api.arranging import ReasonAsked, Revision
from service.web.api.edition_shapes import (
    Cancelled,
    EditionSummary,
    Foreseen,
    Retried,
    Tested,
)
from service.web.api.editions import find_or_miss, show_summary
from service.web.api.fields import (
    Address,
    Asked,
    AskedCount,
    AskedMoment,
    AskedNumber,
    AskedYes,
    Line,
    Name,
    Number,
    Words,
)
from service.web.api.gate import actor_of
from service.web.api.once import IdempotencyKey, do_once

_MOST_POSTS = 500
_MOST_TESTS = 20


class ApprovalAsked(Asked):
    """What is approved: the edition as it was at a revision, or null, as it is."""

    revision: Revision | None = None


class SendAsked(Asked):
    """Which edition goes at once: as it was at a revision, to so many readers."""

    revision: Revision
    readers: AskedCount


class TestAsked(Asked):
    """To whom one mail of an edition goes as a test."""

    addresses: Annotated[list[Address], Field(min_length=1, max_length=_MOST_TESTS)]
    variant: AskedNumber = 1


class HandOutlookAsked(Asked):
    """An edition by hand.

    With posts (by path, ending of a path, or id) they go to everybody who does not have them all;
    with neither posts nor an introduction everybody gets what is news to them.
    """

    newsletter: Name
    posts: Annotated[list[Name], Field(max_length=_MOST_POSTS)] = Field(default_factory=list)
    cadences: Annotated[list[Cadence], Field(max_length=len(Cadence))] = Field(default_factory=list)
    topics: Annotated[list[Name], Field(max_length=200)] = Field(default_factory=list)
    subject: Annotated[Line, Field(max_length=300)] = ""
    intro: Words = ""
    leaves_at: AskedMoment | None = None


class HandEditionAsked(HandOutlookAsked):
    """An edition by hand, and to how many readers you expect it to go; null: to however many.

    One that `waits` is a draft, to be looked at and arranged: it leaves once it is approved.
    """

    readers: AskedCount | None = None
    waits: AskedYes = False


class Sending:
    """The addresses under /editions that let mail leave, or stop it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        send, one = Scope.SEND, "/editions/{edition}"
        look = (409,)
        api.act("/editions", self.make_edition, needs=send, status=201)
        api.act("/editions/foresee", self.foresee_edition, needs=Scope.READ, fails=look)
        api.act(f"{one}/approve", self.approve_edition, needs=send)
        api.act(f"{one}/send", self.send_edition, needs=send)
        api.act(f"{one}/test", self.test_edition, needs=send)
        api.act(f"{one}/resume", self.resume_edition, needs=send)
        api.act(f"{one}/retry", self.retry_edition, needs=send)
        api.act(f"{one}/pause", self.pause_edition, needs=Scope.EDITIONS)
        api.act(f"{one}/cancel", self.cancel_edition, needs=Scope.EDITIONS)

    def make_edition(
        self,
        request: Request,
        response: Response,
        asked: HandEditionAsked,
        idempotency_key: IdempotencyKey,
    ) -> EditionSummary:
        """Make an edition by hand, to leave at once, at `leaves_at`, or once it is approved.

        At once is a moment after the answer. With `waits` it is a draft, which no time lets go.
        """

        def make(key: str) -> EditionSummary:
            works, now = self._api.works, self._api.clock()
            by_hand = replace(_compose(asked, key), meant_for=asked.readers, waits=asked.waits)
            if not asked.waits:
                self._refuse_obstacles()
            outlook = forecast_by_hand(works.database, works.press, by_hand, now)
            _check_readers(outlook, asked.readers)
            made = make_by_hand(works.database, works.press, by_hand, now, by=actor_of(request))
            if not asked.waits:
                works.bell.ring()
            return show_summary(made)

        return do_once(self._api, request, response, idempotency_key, asked, make, EditionSummary)

    def foresee_edition(self, asked: HandOutlookAsked) -> Foreseen:
        """What an edition by hand would be, and to how many; nothing is made."""
        works = self._api.works
        by_hand = _compose(asked, "")
        outlook = forecast_by_hand(works.database, works.press, by_hand, works.clock())
        skipped: dict[str, int] = {}
        for shares in outlook.shares.values():
            for one in shares:
                if one.skipped:
                    skipped[one.skipped] = skipped.get(one.skipped, 0) + one.readers
        cadences = _count(outlook)
        return Foreseen(
            subject=outlook.subject,
            posts=[one.post_id for one in outlook.posts],
            readers=sum(cadences.values()),
            cadences=cadences,
            skipped=skipped,
        )

    def approve_edition(
        self, request: Request, edition: Number, asked: ApprovalAsked
    ) -> EditionSummary:
        """Let an edition go at its time, or at once when that is over."""
        find_or_miss(self._api, edition)
        works = self._api.works
        now, by = works.clock(), actor_of(request)
        done = approve_edition(works.database, edition, now, by=by, revision=asked.revision)
        works.bell.ring()
        return show_summary(done)

    def send_edition(self, request: Request, edition: Number, asked: SendAsked) -> EditionSummary:
        """Approve an edition as it was seen and let it go at once; of two who do, one wins.

        Its audience is fixed a moment later, where the clock runs: until then it is waiting.
        """
        find_or_miss(self._api, edition)
        self._refuse_obstacles()
        works = self._api.works
        done = send_edition_now(
            works.database,
            works.press,
            edition,
            asked.revision,
            asked.readers,
            works.clock(),
            by=actor_of(request),
        )
        works.bell.ring()
        return show_summary(done)

    def test_edition(self, request: Request, edition: Number, asked: TestAsked) -> Tested:
        """Mail one mail of an edition to a few addresses, marked as a test."""
        find_or_miss(self._api, edition)
        self._refuse_obstacles()
        works = self._api.works
        addresses = [normalise_address(one) for one in asked.addresses]
        now, by = works.clock(), actor_of(request)
        planned = rehearse_edition(
            works.database, works.press, edition, asked.variant, addresses, now, by=by
        )
        return Tested(planned=len(planned))

    def resume_edition(self, request: Request, edition: Number) -> EditionSummary:
        """Let a paused edition go on where it stopped."""
        find_or_miss(self._api, edition)
        works = self._api.works
        now, by = works.clock(), actor_of(request)
        done = resume_edition(works.database, works.press.wake, edition, now, by=by)
        return show_summary(done)

    def retry_edition(self, request: Request, edition: Number) -> Retried:
        """Try again for those it did not reach: never twice, and nobody who is unknown."""
        find_or_miss(self._api, edition)
        works = self._api.works
        provider, wake = works.mailbag.provider, works.press.wake
        now, by = works.clock(), actor_of(request)
        done = retry_edition(works.database, provider, wake, edition, now, by=by)
        return Retried.model_validate(done)

    def pause_edition(
        self, request: Request, edition: Number, asked: ReasonAsked
    ) -> EditionSummary:
        """Stop an edition that is being sent; a batch at the provider cannot be called back."""
        find_or_miss(self._api, edition)
        reason = asked.reason or "paused by a program"
        now, by = self._api.clock(), actor_of(request)
        done = pause_edition(self._api.database, edition, reason, now, by=by)
        return show_summary(done)

    def cancel_edition(self, request: Request, edition: Number, asked: ReasonAsked) -> Cancelled:
        """End an edition for good; readers not reached yet get its posts with the next one."""
        find_or_miss(self._api, edition)
        reason = asked.reason or "cancelled by a program"
        now, by = self._api.clock(), actor_of(request)
        done, cancelled = cancel_edition(self._api.database, edition, reason, now, by=by)
        return Cancelled(edition=show_summary(done), cancelled=cancelled)

    def _refuse_obstacles(self) -> None:
        """Raise NotAllowedError or SendHoldError while nothing may leave at all."""
        if self._api.works.obstacles:
            reasons = "; ".join(self._api.works.obstacles)
            raise NotAllowedError(f"no mail leaves until this is settled: {reasons}")
        with self._api.database.reading() as connection:
            require_no_send_hold(connection)


def _compose(asked: HandOutlookAsked, key: str) -> ByHand:
    return ByHand(
        newsletter_id=asked.newsletter,
        key=key,
        posts=tuple(asked.posts),
        audience=Audience(tuple(asked.cadences), tuple(asked.topics)),
        subject=asked.subject,
        intro=asked.intro,
        freeze_at=asked.leaves_at,
    )


def _count(outlook: HandOutlook) -> dict[str, int]:
    """Readers by cadence, those who get something."""
    return {
        cadence: sum(one.readers for one in shares if not one.skipped)
        for cadence, shares in outlook.shares.items()
    }


def _check_readers(outlook: HandOutlook, expected: int | None) -> None:
    """Raise NotAllowedError where it would go to another number; a made one is as it is."""
    found = sum(_count(outlook).values())
    if outlook.known is None and expected is not None and found != expected:
        raise NotAllowedError(
            f"this would go to {found:,} readers, and you expected {expected:,}: "
            "look at /editions/foresee again"
        )
