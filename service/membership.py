"""The road of a reader: added, confirmed, left, erased; in and out as sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from service.audience.addresses import normalise_address
from service.audience.caps import may_send_confirmation
from service.audience.consent import row_consent
from service.audience.erasure import hash_address, list_hashes
from service.audience.exchange import ExportRow, ImportRow
from service.audience.tokens import KeyRing, Purpose, read_link, sign_link
from service.editions.render import MailRenderer
from service.errors import NotAllowedError, TokenError, UsageError
from service.model.newsletter import Newsletter, find_newsletter
from service.model.publication import Publication, Sender
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store import notices, subscribers, suppressions
from service.store.database import Database
from service.store.news import open_newsletter
from service.store.notices import Notice
from service.store.subscribers import NewSubscription, Reader
from service.store.suppressions import Suppression
from service.store.wake import Wake

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Register:
    """What the reader's road needs: which newsletters, how links are signed, how notices leave."""

    publication: Publication
    sender: Sender
    newsletters: Mapping[str, Newsletter]
    key_ring: KeyRing
    renderer: MailRenderer
    account: str
    installation: str
    wake: Wake

    def find_newsletter(self, newsletter_id: str) -> Newsletter:
        """The configured newsletter; raises UsageError naming those there are."""
        return find_newsletter(self.newsletters, newsletter_id)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of an import; they add up to all of them."""

    added: int
    already: int
    suppressed: int
    erased: int
    confirmations: int


def import_readers(
    database: Database,
    register: Register,
    rows: Sequence[ImportRow],
    *,
    newsletter_id: str | None,
    state: SubscriptionState,
    source: str,
    now: datetime,
) -> ImportReport:
    """Subscribe everybody who may be; again is harmless.

    Suppressed addresses are left out, and so are erased ones: only they themselves come back.
    Pending readers are asked by mail to confirm, at most once a day.
    """
    wanted = [_compose(register, row, newsletter_id, state, source, now) for row in rows]
    with database.writing() as connection:
        for newsletter in register.newsletters.values():
            open_newsletter(connection, newsletter.newsletter_id, now)
        allowed, suppressed, erased = _sift(connection, register, wanted)
        added, already = subscribers.add_subscriptions(connection, allowed, now)
        batch_ids = _ask_to_confirm(connection, register, added, now)
        register.wake(connection, batch_ids)
    log.info("readers imported", added=len(added), already=already)
    return ImportReport(len(added), already, suppressed, erased, len(batch_ids))


def find_reader(database: Database, register: Register, purpose: Purpose, token: str) -> Reader:
    """Whose link this is; raises TokenError when it is nobody's, or of a reader erased since."""
    subject = read_link(register.key_ring, purpose, token)
    if not subject.startswith("s") or not subject[1:].isdigit():
        raise TokenError("this link is for something else")
    with database.reading() as connection:
        reader = subscribers.find_subscription(connection, int(subject[1:]))
    if reader is None or reader.subscriber.address is None:
        raise TokenError("this link belongs to somebody who was erased")
    return reader


def confirm_subscription(
    database: Database, register: Register, token: str, now: datetime
) -> Reader:
    """Make a pending subscription active; pressing twice changes nothing the second time."""
    reader = find_reader(database, register, Purpose.CONFIRM, token)
    if reader.subscription.state is SubscriptionState.PENDING:
        _set_state(database, reader, SubscriptionState.ACTIVE, now)
    return find_reader(database, register, Purpose.CONFIRM, token)


def unsubscribe(database: Database, register: Register, token: str, now: datetime) -> Reader:
    """End a subscription, for every batch not yet claimed; twice is the same as once."""
    reader = find_reader(database, register, Purpose.UNSUBSCRIBE, token)
    if reader.subscription.state is not SubscriptionState.UNSUBSCRIBED:
        _set_state(database, reader, SubscriptionState.UNSUBSCRIBED, now)
    return find_reader(database, register, Purpose.UNSUBSCRIBE, token)


def remove_reader(database: Database, address: str, now: datetime) -> int:
    """Unsubscribe an address from everything; how many subscriptions that ended."""
    with database.writing() as connection:
        subscriber = subscribers.find_subscriber(connection, normalise_address(address))
        if subscriber is None:
            raise NotAllowedError("there is no reader with this address")
        return subscribers.end_subscriptions(connection, subscriber.subscriber_id, now)


def erase_reader(database: Database, register: Register, address: str, now: datetime) -> bool:
    """Forget an address but for a keyed hash; False when a batch under way must settle first.

    Either way nothing more is sent: the subscriptions end at once.
    """
    normal = normalise_address(address)
    with database.writing() as connection:
        subscriber = subscribers.find_subscriber(connection, normal)
        if subscriber is None:
            raise NotAllowedError("there is no reader with this address")
        subscribers.end_subscriptions(connection, subscriber.subscriber_id, now)
        suppressions.add_suppression(
            connection,
            Suppression(
                address=None,
                address_hash=hash_address(register.key_ring.current, normal),
                reason=SuppressionReason.ERASED,
                note="",
                created_at=now,
            ),
        )
        subscribers.ask_to_erase(connection, subscriber.subscriber_id, now)
        return subscriber.subscriber_id in subscribers.complete_erasures(connection)


def complete_erasures(database: Database) -> int:
    """Erase those who were waiting for a batch to settle; how many."""
    with database.writing() as connection:
        return len(subscribers.complete_erasures(connection))


def export_readers(connection: Connection, newsletter_id: str | None) -> Iterator[ExportRow]:
    """Every subscription, one by one, with everything needed to bring it in elsewhere."""
    for reader in subscribers.stream_readers(connection, newsletter_id):
        one = reader.subscription
        yield ExportRow(
            address=reader.subscriber.address or "",
            name=reader.subscriber.name,
            newsletter_id=one.newsletter_id,
            cadence=one.cadence,
            topics=one.topics,
            language=one.language,
            send_hour=one.send_hour,
            timezone=one.timezone,
            state=one.state,
            created_at=one.created_at,
            confirmed_at=one.confirmed_at,
            consent_source=reader.consent.source,
            consent_text=reader.consent.text,
            consent_given_at=reader.consent.given_at,
        )


def _compose(
    register: Register,
    row: ImportRow,
    newsletter_id: str | None,
    state: SubscriptionState,
    source: str,
    now: datetime,
) -> NewSubscription:
    wanted_id = newsletter_id or row.newsletter_id
    if not wanted_id:
        raise UsageError(
            f"line {row.line}: for which newsletter? name it with --newsletter, "
            "or in a column headed newsletter"
        )
    newsletter = register.find_newsletter(wanted_id)
    has_cadence = row.cadence in newsletter.cadences
    return NewSubscription(
        address=row.address,
        name=row.name,
        newsletter_id=newsletter.newsletter_id,
        state=row.state or state,
        cadence=row.cadence if row.cadence and has_cadence else newsletter.default_cadence,
        language=row.language or newsletter.language,
        consent=row_consent(row, source, now),
        topics=row.topics or (),
        send_hour=row.send_hour,
        timezone=row.timezone,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )


def _sift(
    connection: Connection, register: Register, wanted: Sequence[NewSubscription]
) -> tuple[list[NewSubscription], int, int]:
    """Leave out who must not be written to; how many were suppressed, how many erased."""
    hashes = {one.address: list_hashes(register.key_ring, one.address) for one in wanted}
    suppressed, erased = suppressions.find_suppressed(
        connection, list(hashes), [hash_ for all_ in hashes.values() for hash_ in all_]
    )
    gone = {address for address, all_ in hashes.items() if erased.intersection(all_)}
    allowed = [one for one in wanted if one.address not in suppressed and one.address not in gone]
    refused = sum(one.address in suppressed for one in wanted)
    return allowed, refused, len(wanted) - len(allowed) - refused


def _ask_to_confirm(
    connection: Connection, register: Register, subscription_ids: Sequence[int], now: datetime
) -> list[int]:
    pending = subscribers.list_pending(connection, subscription_ids)
    addresses = [reader.subscriber.address or "" for reader in pending]
    confirmed = subscribers.list_confirmed_addresses(connection, addresses)
    days = notices.list_notice_days(connection, Purpose.CONFIRM, addresses)
    today = now.astimezone(register.publication.zone).date()
    batch_ids: list[int] = []
    for reader in pending:
        address = reader.subscriber.address or ""
        sent = days.setdefault(address, [])
        if may_send_confirmation(sent, address in confirmed, today):
            sent.append(today)
            notice = _compose_confirmation(register, reader, now)
            if (batch_id := _plan(connection, register, notice, now)) is not None:
                batch_ids.append(batch_id)
    return batch_ids


def _compose_confirmation(register: Register, reader: Reader, now: datetime) -> Notice:
    one = reader.subscription
    token = sign_link(register.key_ring.current, Purpose.CONFIRM, f"s{one.subscription_id}")
    publication, sender = register.publication, register.sender
    rendered = register.renderer.render_notice(
        "confirm",
        one.language,
        {
            "publication": publication.title,
            "newsletter": register.find_newsletter(one.newsletter_id).title,
            "url": f"{publication.service_url}/confirm/{token}",
            "sender": sender.name,
            "postal_address": sender.postal_address,
            "contact": sender.contact,
        },
    )
    return Notice(
        purpose=Purpose.CONFIRM,
        topic=one.newsletter_id,
        address=reader.subscriber.address or "",
        day=now.astimezone(publication.zone).date(),
        rendered=rendered,
    )


def _plan(connection: Connection, register: Register, notice: Notice, now: datetime) -> int | None:
    return notices.plan_notice(
        connection,
        notice,
        account=register.account,
        key_prefix=f"kb-{register.installation}",
        now=now,
    )


def _set_state(database: Database, reader: Reader, state: SubscriptionState, now: datetime) -> None:
    with database.writing() as connection:
        subscribers.set_subscription_state(
            connection, reader.subscription.subscription_id, state, now
        )
