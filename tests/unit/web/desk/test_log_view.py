from __future__ import annotations

from datetime import UTC, datetime

from service.model.editor import COMMAND, Actor, ActorKind, AuditEntry
from service.model.publication import Publication
from service.web.desk.log_view import show_log
from service.words.catalogues import find_voice

SITE = Publication("瓦版", "https://a.example", "https://a.example", "", "ja", "Asia/Tokyo", "")
DONE = datetime(2026, 3, 9, 3, tzinfo=UTC)
NORA = Actor(ActorKind.EDITOR, 1, "Nora")
PROGRAM = Actor(ActorKind.TOKEN, 1, "calendar")


def test_an_entry_says_what_was_done_to_what_in_the_visitors_language() -> None:
    entries = [
        AuditEntry(4, DONE, NORA, "edition.schedule", "edition:3", {"leaves_at": DONE.isoformat()}),
        AuditEntry(3, DONE, PROGRAM, "edition.make", "edition:3", {"made": "by hand"}),
        AuditEntry(2, DONE, COMMAND, "editor.add", "editor:1", {"role": "owner"}),
        AuditEntry(1, DONE, NORA, "readers.export", "readers", {"newsletter": "weekly"}),
    ]
    lines = show_log(find_voice("ja"), SITE, {"weekly": "週のまとめ"}, entries)
    assert [(one.who, one.door, one.details, one.subject, one.path) for one in lines] == [
        ("Nora", "", ("2026年3月9日 12:00",), "配信号 第3号", "/desk/editions/3"),
        ("calendar", "トークン", ("手動",), "配信号 第3号", "/desk/editions/3"),
        ("kawaraban", "コマンド", ("管理者",), "編集者 1", ""),
        ("Nora", "", ("週のまとめ",), "読者", ""),
    ]


def test_what_nobody_wrote_or_nobody_can_use_is_left_out() -> None:
    detail = {"reason": "paused by an editor", "revision": 3, "note": ""}
    entry = AuditEntry(1, DONE, NORA, "edition.pause", "edition:3", detail)
    assert show_log(find_voice("ja"), SITE, {}, [entry])[0].details == ()
