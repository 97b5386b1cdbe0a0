"""The roads of mail: from a due schedule, or an editor's word, to batches for the engine."""

from __future__ import annotations

from service.sending.accounts import resume_account
from service.sending.arranging import arrange_edition, schedule_edition
from service.sending.correcting import add_correction, withdraw_correction
from service.sending.freezing import (
    freeze,
    freeze_due_editions,
    freeze_waiting_editions,
    hold_unmade,
    make_by_hand,
    may_freeze,
    send_by_hand,
)
from service.sending.leaving import send_edition_now
from service.sending.moving import (
    approve_edition,
    cancel_edition,
    hold_edition,
    pause_edition,
    resume_edition,
)
from service.sending.schedule import Opened, find_next_due, number_news, open_due_editions

__all__ = [
    "Opened",
    "add_correction",
    "approve_edition",
    "arrange_edition",
    "cancel_edition",
    "find_next_due",
    "freeze",
    "freeze_due_editions",
    "freeze_waiting_editions",
    "hold_edition",
    "hold_unmade",
    "make_by_hand",
    "may_freeze",
    "number_news",
    "open_due_editions",
    "pause_edition",
    "resume_account",
    "resume_edition",
    "schedule_edition",
    "send_by_hand",
    "send_edition_now",
    "withdraw_correction",
]
