"""What an SMTP server's answers prove, by where in the session they were given.

Sources: RFC 5321, 4.2 and 4.3.2 (codes by command; any 4xx or 5xx: the mail was not taken), RFC
3463 and RFC 5248 (enhanced codes), RFC 4954, 4 and 6 (sign-in), RFC 3207, 4 (STARTTLS).
"""

from __future__ import annotations

import re
from datetime import timedelta

from service.model.delivery import Refusal, Scope
from service.outbound.smtp import Answer, Stage
from service.providers.answers import Grounds
from service.providers.calls import NOT_NOW

_ENHANCED = re.compile(r"(?m)^[45]\.([0-9]{1,3})\.([0-9]{1,3})\b")
# "Not now" is mostly greylisting, which wants a quarter of an hour, or a mailbox that is full.
_LATER = timedelta(minutes=15)

_CLOSING = Grounds(Scope.ACCOUNT, "closing", NOT_NOW)
_SYSTEM = Grounds(Scope.ACCOUNT, "out_of_order", NOT_NOW)
_NOT_YET = Grounds(Scope.RECIPIENT, "put_off", _LATER)
_NO_MAILBOX = Grounds(Scope.RECIPIENT, "no_mailbox")
_NOT_ALLOWED = Grounds(Scope.ACCOUNT, "not_allowed")
_SENDER = Grounds(Scope.ACCOUNT, "sender_refused")
_TOO_LARGE = Grounds(Scope.BATCH, "too_large")
_POLICY = Grounds(Scope.BATCH, "policy")
_CONTENT = Grounds(Scope.BATCH, "content_refused")

_SERVER_CLOSES = 421
_SIGN_IN_CODES = {530, 534, 535, 538}
_COMMAND_CODES = {500, 502, 503, 504}
_MAILBOX_CODES = {501, 511, 521, 550, 551, 553, 556}
_SIZE_CODE = 552
_THROTTLED = 454
# X.1.7 and X.1.8 are about the sender's address; the others of X.1 are about the reader's.
_SENDER_DETAILS = {(1, 7), (1, 8)}
_TOO_LARGE_DETAILS = {(2, 3), (3, 4)}


def judge(answer: Answer) -> Refusal:
    """Return what a refusal proves; `answer` has a 4xx or 5xx code."""
    code, detail = answer.code, _find_detail(answer.text)
    if code == _SERVER_CLOSES:
        grounds = _CLOSING
    elif answer.stage in (Stage.OPENING, Stage.SIGN_IN):
        grounds = _SYSTEM if code < 500 else Grounds(Scope.ACCOUNT, _name_code(answer.stage))
    elif code < 500:
        grounds = _judge_put_off(answer, detail)
    else:
        grounds = _judge_refused(answer, detail)
    return grounds.refuse(f"{code} {answer.text}")


def _find_detail(text: str) -> tuple[int, int] | None:
    """Return subject and detail of the enhanced code at the beginning of a line."""
    found = _ENHANCED.search(text)
    return (int(found[1]), int(found[2])) if found else None


def _name_code(stage: Stage) -> str:
    return "unauthorized" if stage is Stage.SIGN_IN else "turned_away"


def _judge_put_off(answer: Answer, detail: tuple[int, int] | None) -> Grounds:
    is_system = detail is not None and detail[0] == 3
    if answer.stage is Stage.SENDER or is_system or answer.code == _THROTTLED:
        return _SYSTEM
    return _NOT_YET


def _judge_refused(answer: Answer, detail: tuple[int, int] | None) -> Grounds:
    code, stage = answer.code, answer.stage
    if code in _SIGN_IN_CODES or code in _COMMAND_CODES:
        return _NOT_ALLOWED
    if detail in _TOO_LARGE_DETAILS or (detail is None and code == _SIZE_CODE):
        return _TOO_LARGE
    if stage is Stage.SENDER or detail in _SENDER_DETAILS:
        return _SENDER
    if detail is not None:
        if detail[0] in (1, 2):
            return _NO_MAILBOX
        return _POLICY if stage is Stage.RECIPIENT else _CONTENT
    if stage is Stage.RECIPIENT:
        return _NO_MAILBOX if code in _MAILBOX_CODES else _POLICY
    return _CONTENT
