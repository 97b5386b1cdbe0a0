"""What an editor says of a batch that nobody else can vouch for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError
from service.model.delivery import DeliveryState
from service.model.edition import EditionState
from service.model.editor import Actor
from service.store import outcomes
from service.store.accounting import finish_editions
from service.store.audit import record_action
from service.store.batches import Tried, find_batch, list_attempts
from service.store.cancelling import cancel_rows
from service.store.claims import find_envelope
from service.store.database import Database
from service.store.editions import find_edition
from service.store.erasures import complete_erasures
from service.store.history import list_unvouched
from service.store.notices import find_notice_content
from service.store.rows import list_row_ids
from service.store.variants import find_variant

NOT_SENT = "settled by hand: the provider never took it"


@dataclass(frozen=True, slots=True)
class Described:
    """What a person looks for in a provider's log: the key it was sent under, and its readers."""

    account: str
    key: str
    subject: str
    attempts: tuple[Tried, ...]
    addresses: tuple[str, ...]


def describe_unknown(connection: Connection, batch_id: int) -> Described:
    """What was sent to whom in an unknown batch; raises NotAllowedError when it is none."""
    if batch_id not in {one.batch_id for one in list_unvouched(connection)}:
        raise NotAllowedError(
            "batch {batch} is not unknown; see: kawaraban unknown list", batch=batch_id
        )
    batch = find_batch(connection, batch_id)
    envelope = find_envelope(connection, batch_id) or {}
    unknown = set(list_row_ids(connection, batch, (DeliveryState.UNKNOWN,)))
    subject = (
        find_notice_content(connection, batch_id)[1].subject
        if batch.variant_id is None
        else find_variant(connection, batch.variant_id).rendered.subject
    )
    return Described(
        account=batch.account,
        key=envelope.get("key", ""),
        subject=subject,
        attempts=tuple(list_attempts(connection, batch_id)),
        addresses=tuple(row[3] for row in envelope.get("rows", ()) if row[0] in unknown),
    )


def settle_batch(
    database: Database, batch_id: int, now: datetime, *, was_accepted: bool, by: Actor
) -> int:
    """Settle an unknown batch as accepted, or plan it again; how many readers that concerns.

    Raises NotAllowedError when the batch is not unknown (any more). What was not sent and
    belongs to an edition cancelled since is cancelled with it.
    """
    with database.writing() as connection:
        unvouched = {one.batch_id: one for one in list_unvouched(connection)}
        if batch_id not in unvouched:
            raise NotAllowedError(
                "batch {batch} is not unknown; see: kawaraban unknown list", batch=batch_id
            )
        batch = find_batch(connection, batch_id)
        if was_accepted:
            outcomes.record_outcome(connection, batch, message_ids={}, refusals={}, now=now)
        else:
            outcomes.record_not_sent(connection, batch, detail=NOT_SENT, not_before=None, now=now)
            if batch.edition_id is not None:
                edition = find_edition(connection, batch.edition_id)
                if edition.state is EditionState.CANCELLED:
                    cancel_rows(connection, edition.edition_id)
        finish_editions(connection, now)
        complete_erasures(connection)
        # Test mail and mail to one reader belong to no edition.
        subject = f"edition:{batch.edition_id}" if batch.edition_id else f"batch:{batch_id}"
        detail = {"batch": batch_id, "outcome": "accepted" if was_accepted else "not-sent"}
        record_action(connection, by, "edition.settle", subject, detail, now)
        return unvouched[batch_id].rows
