"""What Resend answers to a batch, and what that proves.

Sources: Resend's published OpenAPI (POST /emails/batch); its pages "Errors" and "Batch Validation
Modes"; what is known from elsewhere says so.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from service.errors import RefusedError, UnsureError
from service.model.delivery import Scope
from service.outbound.client import Reply
from service.providers.answers import Grounds, find_text, parse_json

_ACCOUNT = Grounds(Scope.ACCOUNT, "account")
_BATCH = Grounds(Scope.BATCH, "bad_request")
# What names no `to` is about what readers share: halving would blame one after the other for it.
_SHARED = Grounds(Scope.ACCOUNT, "bad_message")

# Which answers prove that the batch was not taken, by status and `name`: "Errors". A batch is
# taken as a whole or not at all ("Batch Validation Modes": strict unless asked for otherwise).
# Not here: 409, whose names say that an earlier call under our key was taken or still runs; 5xx.
_REFUSALS = {
    (400, "invalid_idempotency_key"): _ACCOUNT,
    (400, "validation_error"): _BATCH,
    (401, "missing_api_key"): _ACCOUNT,
    (401, "restricted_api_key"): _ACCOUNT,
    (403, "invalid_api_key"): _ACCOUNT,
    (403, "restricted_api_key"): _ACCOUNT,
    (403, "suspended_api_key"): _ACCOUNT,
    (403, "invalid_permission"): _ACCOUNT,
    (403, "validation_error"): _ACCOUNT,
    (404, "not_found"): _ACCOUNT,
    (405, "method_not_allowed"): _ACCOUNT,
    (422, "invalid_from_address"): _ACCOUNT,
    (422, "invalid_parameter"): _BATCH,
    (422, "missing_required_field"): _BATCH,
    # Not on the page with this status, but what its clients show for a wrong address.
    (422, "validation_error"): _BATCH,
    # For "invalid characters" in the sender's name (found by django-anymail).
    (451, "security_error"): _ACCOUNT,
    (429, "rate_limit_exceeded"): Grounds(
        Scope.ACCOUNT, "rate_limit_exceeded", timedelta(seconds=1)
    ),
    (429, "daily_quota_exceeded"): Grounds(
        Scope.ACCOUNT, "daily_quota_exceeded", timedelta(hours=1)
    ),
    (429, "monthly_quota_exceeded"): _ACCOUNT,
}


def read_ids(reply: Reply, count: int) -> list[str]:
    """Return the id of each of `count` messages; raises RefusedError and UnsureError."""
    answer = parse_json(reply.body)
    if reply.status == HTTPStatus.OK and isinstance(answer, dict) and not answer.get("errors"):
        data = answer.get("data")
        ids = [find_text(one, "id") for one in data] if isinstance(data, list) else []
        if len(ids) == count and all(ids):
            return ids
    name, message = find_text(answer, "name"), find_text(answer, "message")
    grounds = _REFUSALS.get((reply.status, name))
    if grounds is None:
        raise UnsureError(
            "{provider} answered {status} with something that proves nothing",
            provider="Resend",
            status=reply.status,
        )
    if grounds is _BATCH and "`to`" not in message:
        grounds = _SHARED
    raise RefusedError(grounds.refuse(f"{name}: {message}", retry_after=reply.retry_after))
