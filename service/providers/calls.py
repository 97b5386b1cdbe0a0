"""One call to a provider's HTTP API, and what its failing before the first byte means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from service.errors import NotSentError, RefusedError
from service.model.delivery import Refusal, Scope
from service.outbound.client import OutboundClient, Reply
from service.providers.base import Prepared

NOT_NOW = timedelta(minutes=1)
"""How long to wait when a provider says "not now" and not until when."""


def post_batch(
    client: OutboundClient,
    url: str,
    prepared: Prepared,
    headers: Mapping[str, str],
    *,
    total_for: timedelta,
    ready: Callable[[], None],
) -> Reply:
    """Post a batch of one body once and return the whole answer, whatever it is.

    Raises whatever `ready` raises, RefusedError when nothing was sent, and UnsureError when no
    whole answer came back.
    """
    try:
        return client.post(
            url,
            content=prepared.bodies[0],
            headers={**headers, "Content-Type": prepared.content_type},
            total_for=total_for,
            ready=ready,
        )
    except NotSentError as error:
        refusal = Refusal(Scope.ACCOUNT, "unreachable", str(error), retry_after=NOT_NOW)
        raise RefusedError(refusal) from error
