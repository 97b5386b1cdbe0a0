"""What Mailgun answers to a batch, and what that proves.

Sources: Mailgun's published OpenAPI (POST /v3/{domain_name}/messages); its page "API response
codes"; what is known from elsewhere says so.
"""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

from service.errors import RefusedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.model.wording import word
from service.outbound.client import Reply
from service.providers.answers import describe, find_text, parse_json
from service.providers.calls import NOT_NOW

# Which answers prove that the batch was not taken. 400, 401, 429: OpenAPI. 403 and 404: "API
# response codes" (a 404 need not be JSON). 413: its gateway's own page, as users of its clients
# mailgun-js and mailgun-php report it for bodies over the limit.
_REFUSALS = {
    400: (Scope.BATCH, "bad_request"),
    401: (Scope.ACCOUNT, "unauthorized"),
    403: (Scope.ACCOUNT, "forbidden"),
    404: (Scope.ACCOUNT, "not_found"),
    413: (Scope.BATCH, "too_large"),
    429: (Scope.ACCOUNT, "rate_limited"),
}
# Every other 400 is about what readers share, and halving would blame one after the other for it.
# "'to' parameter is not a valid address", as users of its clients report it.
_ABOUT_READER = re.compile(r"\bto'? parameter")
_ANY_BODY = frozenset({404, 413})
_BARE_WORD = frozenset({401, 403})


def read_message_id(reply: Reply) -> str:
    """Return the one id of the batch; raises RefusedError and UnsureError."""
    answer = parse_json(reply.body)
    message_id = find_text(answer, "id")
    if reply.status == HTTPStatus.OK and message_id and find_text(answer, "message"):
        return message_id
    if reply.status in _REFUSALS and _is_documented(reply, answer):
        raise RefusedError(_name_refusal(reply, find_text(answer, "message")))
    raise UnsureError(
        "{provider} answered {status} with something that proves nothing",
        provider="Mailgun",
        status=reply.status,
    )


def _is_documented(reply: Reply, answer: object) -> bool:
    if reply.status in _ANY_BODY or find_text(answer, "message"):
        return True
    return reply.status in _BARE_WORD and (
        isinstance(answer, str) or reply.body.strip() == b"Forbidden"
    )


def _name_refusal(reply: Reply, message: str) -> Refusal:
    scope, code = _REFUSALS[reply.status]
    if reply.status == HTTPStatus.BAD_REQUEST and not _ABOUT_READER.search(message):
        scope, code = Scope.ACCOUNT, "bad_message"
    detail = describe(message) or word(
        "{provider} answered {status}", provider="Mailgun", status=str(int(reply.status))
    )
    if reply.status != HTTPStatus.TOO_MANY_REQUESTS:
        return Refusal(scope, code, detail)
    return Refusal(scope, code, detail, retry_after=reply.retry_after or _read_wait(message))


def _read_wait(message: str) -> timedelta:
    # The published example of a 429 says it in words and shows no Retry-After.
    seconds = re.search(r"try again after ([0-9]{1,6}) seconds", message)
    return timedelta(seconds=int(seconds[1])) if seconds else NOT_NOW
