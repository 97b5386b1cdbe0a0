"""What became of an edition, as its page shows it: the sum, what came back, who is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from service.delivery.limits import GIVE_UP_AFTER
from service.delivery.settling import Described, describe_unknown
from service.model.delivery import Accounting, DeliveryState
from service.model.edition import Edition, EditionState
from service.model.newsletter import Newsletter
from service.model.publication import Publication
from service.store.accounting import tally_deliveries
from service.store.corrections import list_corrections
from service.store.event_counts import list_event_counts
from service.store.history import UnknownBatch, list_unvouched
from service.store.refusals import Refusals, count_refusals
from service.web.desk.edition_words import name_ends
from service.web.desk.plot import Plot, plot_events
from service.web.desk.refusal_words import say_refusal
from service.words.voice import Told, Voice

_MOST_BATCHES = 10
_SENT = (EditionState.FINISHED, EditionState.SENDING, EditionState.PAUSED, EditionState.FROZEN)


@dataclass(frozen=True, slots=True)
class Unclear:
    """A batch nobody can vouch for, with what to look for in the provider's log."""

    batch_id: int
    readers: int
    tried: str
    detail: Told | None
    account: str
    key: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A correction of this edition: `carried_by` the edition that said it, while none has, None."""

    correction_id: int
    text: str
    by: str
    carried_by: int | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Everything that is known of an edition after its freeze."""

    accounting: Accounting
    ends: list[tuple[str, int, str]]
    told: list[tuple[str, int]]
    refusals: list[tuple[str, int]]
    refused_for_now: int
    asked_until: str
    plot: Plot | None
    unclear: list[Unclear]
    notes: list[Note]
    may_retry: bool


def read_aftermath(
    connection: Connection, edition: Edition, voice: Voice, publication: Publication
) -> Aftermath:
    """Read it all; at most ten unclear batches are described."""
    tally = tally_deliveries(connection, edition.edition_id)
    count = tally.accounting
    refusals = count_refusals(connection, edition.edition_id, count)
    unclear = (
        [one for one in list_unvouched(connection) if one.edition_id == edition.edition_id]
        if count.unknown
        else []
    )
    events = list_event_counts(connection, edition.edition_id)
    return Aftermath(
        accounting=count,
        ends=name_ends(voice, count),
        told=_list_told(voice, tally.told),
        refusals=[(say_refusal(voice, why), many) for why, many in refusals.ended.items()],
        refused_for_now=refusals.for_now,
        asked_until=_say_until(voice, publication, refusals, GIVE_UP_AFTER),
        plot=plot_events(events, publication.zone, voice),
        unclear=[
            _show_unclear(voice, publication, one, describe_unknown(connection, one.batch_id))
            for one in unclear[:_MOST_BATCHES]
        ],
        notes=[
            Note(
                one.correction_id,
                one.text,
                one.created_by,
                one.edition_id,
                one.withdrawn_at is not None,
            )
            for one in list_corrections(connection, edition.newsletter_id)
            if one.about_edition_id == edition.edition_id
        ],
        may_retry=edition.state in _SENT and bool(count.refused or refusals.for_now),
    )


def may_be_corrected(
    edition: Edition, count: Accounting, newsletters: Mapping[str, Newsletter]
) -> bool:
    """Whether somebody got it, so that the next one may say what was wrong."""
    is_known = edition.newsletter_id in newsletters
    has_left = bool(count.accepted or count.unknown)
    was_sent = edition.state in _SENT or (edition.state is EditionState.CANCELLED and has_left)
    return is_known and edition.frozen_at is not None and was_sent


def _list_told(voice: Voice, told: Mapping[str, int]) -> list[tuple[str, int]]:
    names: Sequence[tuple[DeliveryState, str]] = (
        (DeliveryState.DELIVERED, voice.say_of("what providers told", "delivered")),
        (DeliveryState.DEFERRED, voice.say_of("what providers told", "delayed")),
        (DeliveryState.BOUNCED, voice.say_of("what providers told", "bounced")),
        (DeliveryState.COMPLAINED, voice.say_of("what providers told", "complained of")),
    )
    return [(name, told[state]) for state, name in names if told.get(state)]


def _say_until(voice: Voice, publication: Publication, refusals: Refusals, lasts: timedelta) -> str:
    if refusals.since is None:
        return ""
    return voice.write_moment(publication.localise(refusals.since + lasts))


def _show_unclear(
    voice: Voice, publication: Publication, one: UnknownBatch, described: Described
) -> Unclear:
    return Unclear(
        batch_id=one.batch_id,
        readers=one.rows,
        tried=voice.write_moment(publication.localise(one.first_claimed_at)),
        detail=voice.retell(one.detail) if one.detail else None,
        account=one.account,
        key=described.key,
        addresses=described.addresses,
    )
