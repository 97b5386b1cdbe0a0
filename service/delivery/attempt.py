"""One attempt at a claimed batch: its bytes, the call, and how to write down what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from service.delivery.envelope import open_envelope
from service.delivery.mailbag import Clock, Mailbag
from service.delivery.recording import Ending, Record
from service.errors import (
    DeliveryError,
    NotAllowedError,
    NotSentError,
    RefusedError,
    UnsupportedError,
    UnsureError,
)
from service.model.delivery import Batch, BatchKind
from service.model.edition import Rendered
from service.model.message import OutgoingBatch
from service.providers.base import Outcome
from service.store import claims
from service.store.database import Database
from service.store.notices import find_notice_content
from service.store.variants import find_variant

_DATABASE_WAS_AWAY = "the database did not answer before the first byte"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed batch with its envelope, between the claim and the record."""

    database: Database
    bag: Mailbag
    batch: Batch
    envelope: Mapping[str, Any]
    is_replay: bool
    clock: Clock

    def run(self) -> Callable[[], Ending]:
        """Send; what is returned records the end, by what it proves, and may be called again."""
        record = Record(self.database, self.batch, self.clock, is_replay=self.is_replay)
        try:
            outcome = self._send()
        except RefusedError as error:
            return partial(record.record_refused, error.refusal)
        except UnsupportedError as error:
            return partial(record.stop_edition, str(error))
        except NotSentError as error:
            return partial(record.record_not_sent, str(error))
        except _ClaimLostError as error:
            return partial(record.record_not_sent, str(error))
        except UnsureError as error:
            return partial(record.record_unsure, str(error))
        except DeliveryError as error:
            return partial(record.stop_edition, str(error))
        except (OperationalError, InterfaceError):
            # A provider has no database: it was asked for what to send, or for the claim.
            return partial(record.record_not_sent, _DATABASE_WAS_AWAY)
        return partial(record.record_accepted, outcome)

    def _send(self) -> Outcome:
        prepared = self.bag.provider.prepare(self._open())
        ready = partial(self._record_digest, prepared.digest)
        return self.bag.provider.send(prepared, total_for=self.bag.total_for, ready=ready)

    def _open(self) -> OutgoingBatch:
        with self.database.reading() as connection:
            content = _find_content(connection, self.batch)
        ring = self.bag.head.key_ring
        return open_envelope(self.envelope, self.batch.edition_id, content, ring)

    def _record_digest(self, digest: str) -> None:
        """Write down, right before the first byte, what is sent; a replay must be the same bytes.

        A claim that was lost, or would run out before the call does, sends nothing.
        """
        with self.database.writing() as connection:
            until = self.clock() + self.bag.total_for
            if claims.record_body_digest(connection, self.batch, digest, until):
                return
            sent_before = claims.find_body_digest(connection, self.batch.batch_id)
        if sent_before not in ("", digest):
            raise DeliveryError("the replay would differ from what was sent: settle it by hand")
        raise _ClaimLostError


def _find_content(connection: Connection, batch: Batch) -> Rendered:
    if batch.kind is BatchKind.NOTICE:
        return find_notice_content(connection, batch.batch_id)[1]
    if batch.variant_id is None:
        raise DeliveryError(f"batch {batch.batch_id} has no variant")
    return find_variant(connection, batch.variant_id).rendered


class _ClaimLostError(NotAllowedError):
    """The claim ran out, or another attempt has the batch; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("the claim ran out before the first byte")
