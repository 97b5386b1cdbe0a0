"""The road of those who work at the desk: signing in, and who may do what."""

from __future__ import annotations

from service.staff.access import (
    SIGN_IN_LIVES_FOR,
    ask_to_sign_in,
    end_session,
    find_visitor,
    is_usable_link,
    print_sign_in_link,
    sign_in,
)
from service.staff.programs import issue_token, revoke_token, verify_token
from service.staff.seats import add_editor, change_account, remove_editor, set_role

__all__ = [
    "SIGN_IN_LIVES_FOR",
    "add_editor",
    "ask_to_sign_in",
    "change_account",
    "end_session",
    "find_visitor",
    "is_usable_link",
    "issue_token",
    "print_sign_in_link",
    "remove_editor",
    "revoke_token",
    "set_role",
    "sign_in",
    "verify_token",
]
