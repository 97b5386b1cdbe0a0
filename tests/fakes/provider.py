"""A provider inside the process, told beforehand how each call ends; it keeps its own ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from service.errors import DeliveryError, NotSentError, RefusedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.message import OutgoingBatch
from service.providers.base import Capabilities, Outcome, Prepared

BAD_REQUEST = Refusal(Scope.BATCH, "invalid", "one recipient is no good")
TOO_MANY = Refusal(Scope.ACCOUNT, "rate", "slow down", retry_after=timedelta(minutes=1))
NO_ACCOUNT = Refusal(Scope.ACCOUNT, "unauthorized", "the key is wrong")
NO_MAILBOX = Refusal(Scope.RECIPIENT, "no_mailbox", "there is no such mailbox")
FULL = Refusal(Scope.RECIPIENT, "full", "try later", retry_after=timedelta(hours=1))


@dataclass(frozen=True)
class Ending:
    """How a call ends. `takes` says whether the mail goes out whatever is answered."""

    error: DeliveryError | None = None
    takes: bool = True
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()


ACCEPT = Ending()
LOST_REPLY = Ending(UnsureError("the reply was lost"))
LOST_REQUEST = Ending(UnsureError("the request was lost"), takes=False)
NOT_SENT = Ending(NotSentError("no connection"), takes=False)


def refuse(refusal: Refusal) -> Ending:
    return Ending(RefusedError(refusal), takes=False)


@dataclass
class Call:
    """One request as it came over the wire."""

    key: str
    body: bytes
    addresses: tuple[str, ...]


class ProgrammedProvider:
    """Takes calls in order of its program, then accepts; knows a key for as long as it says."""

    def __init__(self, *, same_key_for: timedelta | None = None, batch_limit: int = 100) -> None:
        self.capabilities = Capabilities(
            batch_limit=batch_limit,
            byte_limit=25_000_000,
            merges=True,
            same_key_for=same_key_for,
        )
        self.account = "fake"
        self.program: list[Ending] = []
        self.calls: list[Call] = []
        self.delivered: Counter[str] = Counter()
        self.mail: list[tuple[str, str]] = []
        self.before_answer: Callable[[], None] = lambda: None
        self._taken: set[tuple[str, str]] = set()

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """The whole batch as JSON, so that any difference shows."""
        content = {
            "subject": batch.subject,
            "html": batch.html,
            "text": batch.text,
            "headers": batch.headers,
            "from": batch.sender.email,
            "date": batch.dated_at.isoformat(),
            "to": [[one.address, dict(one.values)] for one in batch.recipients],
        }
        ids = tuple(one.row_id for one in batch.recipients)
        return Prepared(batch.key, "application/json", (json.dumps(content).encode(),), ids)

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """End as programmed; a known key is taken once."""
        ready()
        ending = self.program.pop(0) if self.program else ACCEPT
        addresses = [to[0] for to in json.loads(prepared.bodies[0])["to"]]
        self.calls.append(Call(prepared.key, prepared.bodies[0], tuple(addresses)))
        if ending.takes:
            self._take(prepared, [one for one in addresses if one not in ending.refusals])
        self.before_answer()
        if ending.error is not None:
            raise ending.error
        rows = dict(zip(addresses, prepared.row_ids, strict=True))
        refusals = {rows[one]: why for one, why in ending.refusals.items() if one in rows}
        return Outcome(
            message_ids=dict.fromkeys(prepared.row_ids, prepared.key),
            refusals=refusals,
            unsure={rows[one]: "no answer for it" for one in ending.unsure if one in rows},
        )

    def has_taken(self, account: str, key: str) -> bool:
        """Whether a call under this key was taken, as the account's own log would show."""
        return (account, key) in self._taken

    def _take(self, prepared: Prepared, addresses: list[str]) -> None:
        if (
            self.capabilities.same_key_for is not None
            and (self.account, prepared.key) in self._taken
        ):
            return
        self._taken.add((self.account, prepared.key))
        self.delivered.update(addresses)
        text = json.loads(prepared.bodies[0])["text"]
        self.mail += [(address, text) for address in addresses]
