"""The callbacks of Amazon SES: SNS's certificates fetched when new, its subscriptions confirmed.

Sources: SNS's pages "Verifying the signatures of Amazon SNS messages" and "Confirm the
subscription".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from service.errors import DeliveryError
from service.model.event import ProviderEvent
from service.outbound.client import OutboundClient
from service.providers import ses_events, sns

_TOTAL_FOR = timedelta(seconds=10)
"""SNS waits 15 seconds for an answer of ours."""

_KEPT = 8
"""Certificates that are remembered; SNS has one a region, and changes it once a year."""


class SesCallbacks:
    """Reads what SNS posts for the topics that are agreed on."""

    def __init__(self, client: OutboundClient) -> None:
        self._client = client
        self._certificates: dict[str, bytes] = {}

    def check_signature(
        self,
        headers: Mapping[str, str],  # noqa: ARG002
        body: bytes,
        topics: Sequence[str],
        *,
        now: datetime,
    ) -> None:
        """Raise CallbackError unless SNS signed the message for one of `topics` (ARNs), just now.

        A subscription of one of them is confirmed on the way. Raises DeliveryError when SNS does
        not answer: then it has to come again.
        """
        message = sns.read_message(body)
        url = sns.find_certificate_url(message, topics)
        certificate = self._certificates.get(url) or self._fetch(url)
        sns.check_message(message, certificate, topics, now=now)
        if len(self._certificates) >= _KEPT:
            self._certificates.clear()
        self._certificates[url] = certificate
        subscription_url = sns.find_subscription_url(message, topics)
        if subscription_url is not None:
            self._fetch(subscription_url)

    def parse_events(self, body: bytes) -> tuple[ProviderEvent, ...]:
        """Return what the message reports; raises CallbackError where it is no report of SES."""
        return ses_events.parse_events(body)

    def _fetch(self, url: str) -> bytes:
        reply = self._client.get(url, headers={}, total_for=_TOTAL_FOR)
        if reply.status != HTTPStatus.OK:
            raise DeliveryError(f"SNS answered {reply.status} where it has its certificates")
        return reply.body
