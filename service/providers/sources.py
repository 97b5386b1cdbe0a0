"""Every provider that calls back, and what reads its callbacks."""

from __future__ import annotations

from collections.abc import Mapping

from service.outbound.client import OutboundClient
from service.providers import (
    brevo_events,
    mailgun_events,
    postmark_events,
    resend_events,
    sendgrid_events,
)
from service.providers.events import EventSource, Hook
from service.providers.ses_callbacks import SesCallbacks


def open_hooks(
    secrets: Mapping[str, tuple[str, ...]], client: OutboundClient
) -> Mapping[str, Hook]:
    """Return who may call back, by kind of provider; `client` fetches what a reader asks for."""
    sources: Mapping[str, EventSource] = {
        "brevo": brevo_events,
        "mailgun": mailgun_events,
        "postmark": postmark_events,
        "resend": resend_events,
        "sendgrid": sendgrid_events,
        "ses": SesCallbacks(client),
    }
    return {name: Hook(source, secrets.get(name, ())) for name, source in sources.items()}
