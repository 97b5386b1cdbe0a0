"""A request for each operation that takes JSON, as the document shows it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_BY_HAND = {
    "newsletter": "weekly",
    "posts": ["2026-11-21-extra.md"],
    "subject": "An extra edition",
    "intro": "*The editors* have news that cannot wait.",
    "leaves_at": "2026-11-21T23:00:00+09:00",
}

REQUESTS: Mapping[str, Any] = MappingProxyType(
    {
        "hold_post": {"note": "the numbers are being checked"},
        "release_post": {"note": "checked"},
        "handle_posts": {
            "word": "hold",
            "posts": [{"post": 812, "stand": "0f3a9c1be4d27785"}, {"post": 805}],
            "note": "the numbers are being checked",
        },
        "release_mass": {"seen_at": "2026-11-21T06:00:00Z", "note": "the archive of 2019"},
        "make_edition": {**_BY_HAND, "readers": 20000},
        "foresee_edition": _BY_HAND,
        "approve_edition": {"revision": 2},
        "send_edition": {"revision": 2, "readers": 20000},
        "test_edition": {"addresses": ["desk@example.com"], "variant": 1},
        "pause_edition": {"reason": "a wrong link in the first story"},
        "cancel_edition": {"reason": "the story was withdrawn"},
        "hold_edition": {"reason": "waits for a picture"},
        "order_posts": {"revision": 0, "posts": [812, 805]},
        "leave_out": {"revision": 1, "post": 805},
        "take_back": {"revision": 2, "post": 805},
        "add_post": {"revision": 3, "post": "2026-11-20-late.md"},
        "set_words": {"revision": 4, "subject": "This week", "intro": "Good *morning*."},
        "schedule_edition": {"revision": 5, "leaves_at": "2026-11-22T08:00:00+09:00"},
        "add_correction": {"text": "The bridge opens on *Monday*, not on Sunday."},
        "find_subscriber": {"address": "nora@example.com"},
        "search_subscribers": {"beginning": "nora", "limit": 50},
        "add_subscriber": {
            "address": "nora@example.com",
            "newsletter": "weekly",
            "cadence": "weekly",
            "topics": ["culture"],
            "name": "Nora Finch",
            "is_confirmed": True,
            "vouched_by": "a signed card of 2026-11-20",
        },
        "pause_subscriber": {"until": "2026-12-24T00:00:00+09:00"},
        "change_subscription": {"topics": [], "send_hour": 7, "timezone": "Europe/Paris"},
        "let_signups_go": {"domain": "example.com"},
        "drop_signups": {"domain": "example.com"},
        "find_suppression": {"address": "nora@example.com"},
        "add_suppression": {"address": "nora@example.com", "note": "asked by telephone"},
        "remove_suppression": {"address": "nora@example.com", "note": "asked by telephone"},
        "settle_unknown": {"outcome": "accepted"},
        "resume_account": {"account": "resend"},
        "add_webhook": {"url": "https://hooks.example.com/news", "events": ["edition.sent"]},
        "add_editor": {"address": "nora@example.com", "role": "editor", "name": "Nora Finch"},
        "change_editor": {"role": "owner"},
        "issue_token": {
            "name": "nightly report",
            "scopes": ["read"],
            "expires_at": "2027-11-21T00:00:00Z",
        },
    }
)
