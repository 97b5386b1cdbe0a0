"""What SES answers to SendBulkEmail, entry by entry, and what its words prove.

Sources: the published service model of SES v2 (errors of SendBulkEmail, BulkEmailEntryResult); the
API reference's page "Common errors"; the developer guide's "Errors related to the sending quotas".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus

from service.errors import RefusedError, UnsureError
from service.model.delivery import Refusal, Scope
from service.outbound.client import Reply
from service.providers.answers import Grounds, describe, find_text, parse_json
from service.providers.base import Outcome
from service.providers.calls import NOT_NOW
from service.providers.conclude import conclude

# The rate is counted by the second, the quota over the last 24 hours.
_SOON = timedelta(seconds=5)
_QUOTA = timedelta(hours=1)
_DENIED = Grounds(Scope.ACCOUNT, "access_denied")
_KEY = Grounds(Scope.ACCOUNT, "unauthorized")
_CLOCK = Grounds(Scope.ACCOUNT, "clock_wrong")
_THROTTLED = Grounds(Scope.ACCOUNT, "throttled", _SOON)

# What the whole call is refused with: model, errors of SendBulkEmail.
_ERRORS = {
    (429, "TooManyRequestsException"): _THROTTLED,
    (400, "LimitExceededException"): Grounds(Scope.ACCOUNT, "quota", _QUOTA),
    (400, "AccountSuspendedException"): Grounds(Scope.ACCOUNT, "suspended"),
    (400, "SendingPausedException"): Grounds(Scope.ACCOUNT, "sending_paused"),
    (400, "MailFromDomainNotVerifiedException"): Grounds(Scope.ACCOUNT, "sender_not_verified"),
    (404, "NotFoundException"): Grounds(Scope.ACCOUNT, "not_found"),
    (400, "MessageRejected"): Grounds(Scope.BATCH, "message_rejected"),
    (400, "BadRequestException"): Grounds(Scope.BATCH, "bad_request"),
    # "Common errors".
    (400, "ThrottlingException"): _THROTTLED,
    (400, "AccessDeniedException"): _DENIED,
    (403, "AccessDeniedException"): _DENIED,
    (403, "OptInRequired"): _DENIED,
    (400, "NotAuthorized"): _DENIED,
    (403, "ExpiredTokenException"): _KEY,
    (403, "IncompleteSignature"): _KEY,
    (403, "InvalidClientTokenId"): _KEY,
    (403, "InvalidSignatureException"): _KEY,
    (403, "MissingAuthenticationTokenException"): _KEY,
    (403, "SignatureDoesNotMatch"): _KEY,
    (403, "UnrecognizedClientException"): _KEY,
    (400, "RequestExpired"): _CLOCK,
    (403, "RequestExpired"): _CLOCK,
}
# What a single entry is answered with: model, BulkEmailStatus and its description.
_STATUSES = {
    "MESSAGE_REJECTED": Grounds(Scope.BATCH, "message_rejected"),
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": Grounds(Scope.ACCOUNT, "sender_not_verified"),
    "CONFIGURATION_SET_NOT_FOUND": Grounds(Scope.ACCOUNT, "configuration_set_not_found"),
    "TEMPLATE_NOT_FOUND": Grounds(Scope.ACCOUNT, "template_not_found"),
    "ACCOUNT_SUSPENDED": Grounds(Scope.ACCOUNT, "suspended"),
    "ACCOUNT_THROTTLED": _THROTTLED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Grounds(Scope.ACCOUNT, "quota", _QUOTA),
    "INVALID_SENDING_POOL_NAME": Grounds(Scope.ACCOUNT, "sending_pool"),
    "ACCOUNT_SENDING_PAUSED": Grounds(Scope.ACCOUNT, "sending_paused"),
    "CONFIGURATION_SET_SENDING_PAUSED": Grounds(Scope.ACCOUNT, "sending_paused"),
    "INVALID_PARAMETER": Grounds(Scope.BATCH, "invalid_parameter"),
    "TRANSIENT_FAILURE": Grounds(Scope.RECIPIENT, "transient", NOT_NOW),
    "FAILED": Grounds(Scope.BATCH, "failed"),
}
# An account in the sandbox, or a sender that was never verified: no reader's fault.
_NOT_VERIFIED = "not verified"
_NO_WORD = "SES answered an entry with something that proves nothing"


def read_outcome(reply: Reply, row_ids: Sequence[int]) -> Outcome:
    """Return who was taken, of recipients asked for in this order.

    Raises RefusedError when nobody was, for the account's or the whole request's sake, and
    UnsureError when the answer does not say what became of anybody.
    """
    answer = parse_json(reply.body)
    results = answer.get("BulkEmailEntryResults") if isinstance(answer, dict) else None
    if reply.status != HTTPStatus.OK:
        raise _name_error(reply, answer)
    if not isinstance(results, list) or len(results) != len(row_ids):
        raise UnsureError(
            "{provider} answered {status} with something that proves nothing",
            provider="SES",
            status=200,
        )
    return _tell_apart(dict(zip(row_ids, results, strict=True)))


def _name_error(reply: Reply, answer: object) -> RefusedError | UnsureError:
    named = reply.headers.get("x-amzn-errortype") or find_text(answer, "__type")
    # The header may go on with an address, the body's name may stand after a namespace.
    kind = named.partition(":")[0].rpartition("#")[2]
    message = find_text(answer, "message") or find_text(answer, "Message")
    grounds = _ERRORS.get((reply.status, kind))
    if grounds is None:
        return UnsureError(
            "{provider} answered {status} with something that proves nothing",
            provider="SES",
            status=reply.status,
        )
    refusal = _refuse(grounds, f"{kind}: {message}", reply.retry_after)
    return RefusedError(refusal)


def _tell_apart(results: Mapping[int, object]) -> Outcome:
    accepted: dict[int, str] = {}
    refusals: dict[int, Refusal] = {}
    unsure: dict[int, str] = {}
    for row_id, result in results.items():
        status, message_id = find_text(result, "Status"), find_text(result, "MessageId")
        if status == "SUCCESS" and message_id:
            accepted[row_id] = message_id
        elif status in _STATUSES:
            said = f"{status}: {find_text(result, 'Error')}"
            refusals[row_id] = _refuse(_STATUSES[status], said, None)
        else:
            unsure[row_id] = _NO_WORD
    if len(unsure) == len(results):
        raise UnsureError(_NO_WORD)
    return conclude(accepted, refusals, unsure)


def _refuse(grounds: Grounds, said: str, retry_after: timedelta | None) -> Refusal:
    if grounds.scope is Scope.BATCH and _NOT_VERIFIED in said:
        return Refusal(Scope.ACCOUNT, "sender_not_verified", describe(said))
    return grounds.refuse(said, retry_after=retry_after)
