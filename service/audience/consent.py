"""Consent: what is written down about how a reader came to be here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.audience.exchange import ExportRow
from service.model.subscriber import Consent

IMPORT_TEXT = "Brought in by an editor, who holds the reader's consent."


def import_consent(source: str, now: datetime) -> Consent:
    """Return the consent of a reader whom an editor brings in from `source` (a file's name)."""
    return Consent(source=f"import: {source}", text=IMPORT_TEXT, given_at=now)


def asked_consent(row: ExportRow, source: str, now: datetime) -> Consent:
    """Return what is known of somebody whom nothing proves to have agreed.

    Without words of the row's own there are none: those of the button are recorded once it is
    pressed.
    """
    return replace(row_consent(row, source, now), text=row.consent_text)


def row_consent(row: ExportRow, source: str, now: datetime) -> Consent:
    """Return the row's own consent where it brings one, else that of the import.

    A consent without its own date counts from the confirmation or the sign-up.
    """
    if not (row.consent_source or row.consent_text):
        return import_consent(source, now)
    given_at = row.consent_given_at or row.confirmed_at or row.created_at or now
    return Consent(row.consent_source or f"import: {source}", row.consent_text, given_at)


def vouched_consent(row: ExportRow, source: str, now: datetime) -> Consent:
    """Return the consent that an editor vouches for, as they say where it comes from.

    When somebody signed up elsewhere stays known.
    """
    given_at = row.consent_given_at or row.created_at or now
    return Consent(source=source, text=IMPORT_TEXT, given_at=given_at)
