"""What an editor says of a batch that nobody else can vouch for."""

from __future__ import annotations

from datetime import datetime

from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.store import outcomes
from service.store.accounting import finish_editions
from service.store.batches import find_batch
from service.store.cancelling import cancel_rows
from service.store.database import Database
from service.store.editions import find_edition
from service.store.history import list_unvouched

NOT_SENT = "settled by hand: the provider never took it"


def settle_batch(database: Database, batch_id: int, now: datetime, *, was_accepted: bool) -> int:
    """Settle an unknown batch as accepted, or plan it again; how many readers that concerns.

    Raises NotAllowedError when the batch is not unknown (any more). What was not sent and
    belongs to an edition cancelled since is cancelled with it.
    """
    with database.writing() as connection:
        unvouched = {one.batch_id: one for one in list_unvouched(connection)}
        if batch_id not in unvouched:
            raise NotAllowedError(f"batch {batch_id} is not unknown; see: kawaraban unknown list")
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
        return unvouched[batch_id].rows
