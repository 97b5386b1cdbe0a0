"""What an event means for the mail, its reader and their address. Pure; no provider's word here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from service.model.delivery import DeliveryState
from service.model.event import EventKind, ProviderEvent, RejectReason
from service.model.subscriber import SuppressionReason

SOFT_LIMIT = 5
"""On so many days mail came back for now: then the address is given up ..."""

SOFT_SPAN = timedelta(days=14)
"""... when the first and the last of them are so far apart ..."""

SOFT_WINDOW = timedelta(days=120)
"""... and none is older than this: readers of a monthly mail have one chance a month."""

_CODE = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?!\.?[0-9])")
_REPLY = re.compile(r"(?<![0-9.])[45][0-9]{2}(?!\.?[0-9])")

# RFC 3463, with the registry of RFC 5248: the mailbox or its domain does not exist.
_NOBODY_THERE = {(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (4, 4)}
# Said of everything, an unknown mailbox too: then the provider's word and the text decide.
_SAYS_NOTHING = {(0, 0), (5, 0)}
# What a class of answers is about when it is not the address: 5 the protocol, 6 the content, 7
# security and policy. 1.7 and 1.8 are the sender's address.
_OUR_CLASSES = {5, 6, 7}
_OUR_CODES = {(1, 7), (1, 8), (3, 4)}
# What servers say in words where they give no telling code.
_POLICY = re.compile(
    r"spam|blacklist|block ?list|blocked|reputation|policy|dmarc|\bspf\b|dkim|spamhaus|denied"
    r"|unsolicited|rate.?limit",
    re.IGNORECASE,
)

_STATES = {
    EventKind.DEFERRED: DeliveryState.DEFERRED,
    EventKind.DELIVERED: DeliveryState.DELIVERED,
    EventKind.BOUNCED: DeliveryState.BOUNCED,
    EventKind.REJECTED: DeliveryState.BOUNCED,
    EventKind.FAILED: DeliveryState.BOUNCED,
    EventKind.COMPLAINED: DeliveryState.COMPLAINED,
}
_BOUNCES = (EventKind.BOUNCED, EventKind.REJECTED, EventKind.FAILED)
_OUR_FAULT = (RejectReason.BLOCKED, RejectReason.SPAM)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from one event.

    `state` is where its row goes (None: it stays), `reason` why, in words without an address.
    `suppress` is why the address is written to no more. `is_soft`: it counts as a day on which
    mail came back for now; `is_alive`: such days are forgotten. `leaves`: the reader left.
    """

    state: DeliveryState | None = None
    reason: str = ""
    suppress: SuppressionReason | None = None
    is_soft: bool = False
    is_alive: bool = False
    leaves: bool = False

    @property
    def blames_somebody(self) -> bool:
        """Whether the address may be given up for it."""
        return self.is_soft or self.suppress is not None


def judge_event(event: ProviderEvent) -> Judgement:
    """Return what follows from an event; what is only said about us never blames an address."""
    state = _STATES.get(event.kind)
    if event.kind is EventKind.COMPLAINED:
        return Judgement(state, "complaint", suppress=SuppressionReason.COMPLAINT)
    if event.kind is EventKind.UNSUBSCRIBED:
        return Judgement(leaves=True)
    if event.kind is EventKind.DELIVERED:
        return Judgement(state, is_alive=True)
    if event.kind not in _BOUNCES:
        return Judgement(state)
    reason = _describe(event)
    if event.reject_reason is RejectReason.UNSUBSCRIBED:
        return Judgement(state, reason, leaves=True)
    return Judgement(state, reason, suppress=_find_blame(event), is_soft=_is_soft(event))


def blames_us(said: str) -> bool:
    """Whether a server turned the mail or its sender away, rather than having no such mailbox."""
    if codes := _find_codes(said):
        return any(code[0] in _OUR_CLASSES or code in _OUR_CODES for code in codes)
    return _POLICY.search(said) is not None


def is_worn_out(days: Collection[date]) -> bool:
    """Whether an address is given up to which mail came back for now on these days."""
    if not days:
        return False
    last = max(days)
    recent = [day for day in days if last - day <= SOFT_WINDOW]
    return len(set(recent)) >= SOFT_LIMIT and last - min(recent) >= SOFT_SPAN


def _find_blame(event: ProviderEvent) -> SuppressionReason | None:
    """Why the address is given up at once, None where it is not or not yet."""
    if event.reject_reason is RejectReason.SPAM and event.is_permanent:
        # The provider did not even try: this reader complained before.
        return SuppressionReason.COMPLAINT
    if not event.is_permanent or _is_about_us(event):
        return None
    if event.reject_reason is RejectReason.INVALID:
        return SuppressionReason.HARD_BOUNCE
    codes = _find_codes(event.diagnostic)
    is_gone = not codes or bool(_NOBODY_THERE & codes)
    if event.reject_reason is RejectReason.BOUNCED and is_gone:
        return SuppressionReason.HARD_BOUNCE
    return None


def _is_soft(event: ProviderEvent) -> bool:
    """Whether the address was in the way, but perhaps not for ever."""
    if event.reject_reason not in (RejectReason.BOUNCED, RejectReason.TIMED_OUT):
        return False
    return _find_blame(event) is None and not _is_about_us(event)


def _is_about_us(event: ProviderEvent) -> bool:
    """Whether the provider says so, or the receiving server."""
    return event.reject_reason in _OUR_FAULT or blames_us(event.diagnostic)


def _find_codes(said: str) -> set[tuple[int, int]]:
    """The subject and detail of every telling code in what the receiving server said."""
    found = _CODE.findall(said)
    return {(int(subject), int(detail)) for _, subject, detail in found} - _SAYS_NOTHING


def _describe(event: ProviderEvent) -> str:
    """The reason in our words and the server's code; its text might say who it is about."""
    code = _CODE.search(event.diagnostic) or _REPLY.search(event.diagnostic)
    words = (event.reject_reason.value if event.reject_reason else "", code[0] if code else "")
    return " ".join(filter(None, words)) or event.kind.value
