"""Requests that count once, however often they are sent: by the Idempotency-Key of the caller.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Header, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from service.errors import KawarabanError, NotAllowedError, UsageError
from service.store import api_answers
from service.web.api.api import Api
from service.web.api.fields import Asked, Shown

Answer = TypeVar("Answer", bound=Shown)

IdempotencyKey = Annotated[
    str,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Yours, and new for everything that is to happen once more. The same key with "
        "the same body is answered as before, and nothing happens again; kept for 30 days.",
    ),
]

_KEPT_FOR = timedelta(days=30)
_GIVEN_UP_AFTER = timedelta(minutes=2)


def do_once(
    api: Api,
    request: Request,
    response: Response,
    key: str,
    asked: Asked,
    do: Callable[[str], Answer],
    kind: type[Answer],
) -> Answer:
    """Answer by what `do` gives, or as before; `do` is handed a key that no other token has.

    Raises NotAllowedError while the first request with the key is not answered, UsageError when
    it asked for something else. A request that was refused leaves its key free.
    """
    token_id, bare = request.state.token.api_token_id, key.strip('"')
    digest = hashlib.sha256(f"{request.url.path}\n{asked.model_dump_json()}".encode()).hexdigest()
    known = _claim(api, token_id, bare, digest)
    if known is not None:
        response.headers["Idempotency-Replayed"] = "true"
        return kind.model_validate_json(known)
    try:
        answer = do(f"api-{token_id}-{bare}")
    except (KawarabanError, SQLAlchemyError):
        with api.database.writing() as connection:
            api_answers.free_key(connection, token_id, bare)
        raise
    with api.database.writing() as connection:
        api_answers.record_answer(connection, token_id, bare, answer.model_dump_json())
    return answer


def _claim(api: Api, token_id: int, key: str, digest: str) -> str | None:
    """Take a key, or find what was answered under it."""
    now = api.clock()
    with api.database.writing() as connection:
        api_answers.forget_answers(connection, now - _KEPT_FOR)
        if api_answers.claim_key(connection, token_id, key, digest, now):
            return None
        known = api_answers.find_answer(connection, token_id, key)
        if known is None or known.digest != digest:
            raise UsageError("this Idempotency-Key came with another request; take a new one")
        if known.answer is not None:
            return known.answer
        if api_answers.reclaim_key(connection, token_id, key, now - _GIVEN_UP_AFTER, now):
            return None
        raise NotAllowedError("the first request with this Idempotency-Key is still under way")
