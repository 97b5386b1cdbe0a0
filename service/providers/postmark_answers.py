"""What Postmark answers to a batch, message by message, and what its codes prove.

Sources: the table of error codes on Postmark's page "Overview"; its page "Send batch emails" (200
although single messages failed, answers in the order of the messages).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from service.errors import RefusedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.outbound.client import Reply
from service.providers.answers import Grounds, find_text, parse_json
from service.providers.base import Outcome
from service.providers.calls import NOT_NOW
from service.providers.conclude import conclude

# What the codes prove ("Overview"), for a message of the batch or for the whole call: nothing was
# sent. Any other code is no proof. 701 and its kind are answers of other endpoints.
_CODES = {
    10: Grounds(Scope.ACCOUNT, "bad_token"),
    100: Grounds(Scope.ACCOUNT, "maintenance", NOT_NOW),
    300: Grounds(Scope.BATCH, "invalid_request"),
    400: Grounds(Scope.ACCOUNT, "sender_not_found"),
    401: Grounds(Scope.ACCOUNT, "sender_not_confirmed"),
    402: Grounds(Scope.BATCH, "invalid_json"),
    403: Grounds(Scope.BATCH, "incompatible_json"),
    405: Grounds(Scope.ACCOUNT, "out_of_credits"),
    406: Grounds(Scope.RECIPIENT, "inactive"),
    409: Grounds(Scope.ACCOUNT, "json_required"),
    410: Grounds(Scope.BATCH, "too_many_messages"),
    412: Grounds(Scope.ACCOUNT, "account_pending"),
    413: Grounds(Scope.ACCOUNT, "account_may_not_send"),
    429: Grounds(Scope.ACCOUNT, "rate_limited", NOT_NOW),
    1235: Grounds(Scope.ACCOUNT, "stream_not_found"),
    1236: Grounds(Scope.ACCOUNT, "stream_cannot_send"),
}
# Which codes come with which status, where the whole call is answered so: "Overview".
_STATUSES = {
    401: {10},
    422: {300, 400, 401, 402, 403, 405, 409, 410, 412, 413, 1235, 1236},
    429: {429},
    503: {100},
}
# Whose fault a 300 is stands in its words only (collected by django-anymail).
_ABOUT_READER = re.compile(r"(Invalid|Error\s+parsing)\s+'To'", re.IGNORECASE)
_ABOUT_SENDER = re.compile(r"(Invalid|Error\s+parsing)\s+'(From|Reply-?To)'", re.IGNORECASE)
# So a success may say that the only recipient gets nothing (found by django-anymail).
_INACTIVE = "inactive addresses"


@dataclass(frozen=True, slots=True)
class _Unsure:
    reason: str


_Answer = str | Refusal | _Unsure
"""The provider's id of a message that was taken, or why it was not or may not have been."""


def read_outcome(reply: Reply, row_ids: Sequence[int]) -> Outcome:
    """Return who was taken, of recipients asked for in this order.

    Raises RefusedError when nobody was, for the account's or the whole request's sake, and
    UnsureError when the answer does not say what became of everybody.
    """
    answers = _read_answers(reply, len(row_ids))
    return _tell_apart(dict(zip(row_ids, answers, strict=True)))


def _read_answers(reply: Reply, count: int) -> list[_Answer]:
    """Return what became of each message, in their order."""
    answer = parse_json(reply.body)
    if reply.status == HTTPStatus.OK and isinstance(answer, list) and len(answer) == count:
        return [_read_one(one) for one in answer]
    code = _find_code(answer)
    if code is not None and code in _STATUSES.get(reply.status, ()):
        raise RefusedError(_name_refusal(code, answer, reply.retry_after))
    raise UnsureError(
        "{provider} answered {status} with something that proves nothing",
        provider="Postmark",
        status=reply.status,
    )


def _read_one(answer: object) -> _Answer:
    message_id, code = find_text(answer, "MessageID"), _find_code(answer)
    if code is not None and code in _CODES:
        return _name_refusal(code, answer, None)
    # "Delivery may be delayed" comes with an id and without a code (found by django-anymail).
    if code not in (0, None) or not message_id:
        return _Unsure(f"Postmark answered this message with code {code}, which proves nothing")
    if _INACTIVE in find_text(answer, "Message"):
        return _name_refusal(406, answer, None)
    return message_id


def _find_code(answer: object) -> int | None:
    code = answer.get("ErrorCode") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _name_refusal(code: int, answer: object, retry_after: timedelta | None) -> Refusal:
    message = find_text(answer, "Message")
    grounds = _CODES[code]
    if code == 300 and _ABOUT_READER.match(message):
        grounds = Grounds(Scope.RECIPIENT, "invalid_address")
    elif code == 300 and _ABOUT_SENDER.match(message):
        grounds = Grounds(Scope.ACCOUNT, "invalid_sender")
    return grounds.refuse(message, retry_after=retry_after)


def _tell_apart(answers: Mapping[int, _Answer]) -> Outcome:
    """Raise RefusedError when all of them were refused for what they share."""
    return conclude(
        {row: one for row, one in answers.items() if isinstance(one, str)},
        {row: one for row, one in answers.items() if isinstance(one, Refusal)},
        {row: one.reason for row, one in answers.items() if isinstance(one, _Unsure)},
    )
