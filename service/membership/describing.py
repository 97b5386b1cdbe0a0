"""A subscription as documents show it, to a program or at the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from service.store.consents import PastConsent
from service.store.subscribers import Reader


def describe_subscription(reader: Reader, former: Sequence[PastConsent]) -> dict[str, object]:
    """What somebody chose and agreed to for one newsletter, now and `former`ly."""
    one = reader.subscription
    return {
        "newsletter": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": one.topics,
        "language": one.language,
        "send_hour": one.send_hour,
        "timezone": one.timezone,
        "served_through": one.served_through,
        "created_at": one.created_at,
        "confirmed_at": one.confirmed_at,
        "ended_at": one.ended_at,
        "consent": asdict(reader.consent),
        "former_consents": [asdict(one) for one in former],
    }
