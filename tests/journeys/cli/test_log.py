"""Each command that changes readers, posts, editors or tokens leaves one entry, and no address."""

from __future__ import annotations

from service.model.editor import COMMAND, AuditEntry
from service.store.audit import list_actions
from service.store.database import Database
from tests.fakes.small_site import Site

SHEET = "sheet.csv"


def read_log(site: Site) -> list[AuditEntry]:
    """The oldest first."""
    database = Database(f"sqlite:///{site.folder}/var/kawaraban.db")
    with database.reading() as connection:
        found = list_actions(connection, limit=500)
    database.close()
    return found[::-1]


def write_sheet(site: Site, text: str) -> str:
    sheet = site.folder / SHEET
    sheet.write_text(text, encoding="utf-8")
    return str(sheet)


def run_all(site: Site, *commands: str) -> list[tuple[str, str]]:
    """The entries that these leave, whatever becomes of them; each of them leaves one or none."""
    before = len(read_log(site))
    for command in commands:
        known = len(read_log(site))
        site.run(*command.split())
        assert len(read_log(site)) - known <= 1, command
    new = read_log(site)[before:]
    assert {one.actor for one in new} <= {COMMAND}
    assert "@" not in str([(one.subject, one.detail) for one in new]).replace("…@…", "")
    return [(one.action, one.subject) for one in new]


def test_what_commands_do_to_readers_is_in_the_log_once(week: Site) -> None:
    sheet = write_sheet(week, "email\na@example.jp\nb@example.jp\n")
    assert run_all(
        week,
        "subscribers add new@example.jp --newsletter weekly",
        f"subscribers import {sheet} --newsletter weekly --as confirmed",
        "subscribers export --newsletter weekly",
        "subscribers link ken@example.jp",
        "subscribers remove ken@example.jp",
        "subscribers erase ken@example.jp --yes",
        "suppressions add mio@example.jp --note mio@example.jp",
        "suppressions add stranger@example.jp",
        "suppressions remove mio@example.jp",
        "suppressions export",
        f"suppressions import {sheet} --reason left",
    ) == [
        ("reader.add", "reader:4"),
        ("readers.import", "readers"),
        ("readers.export", "readers"),
        ("reader.link", "reader:2"),
        ("reader.remove", "reader:2"),
        ("reader.erase", "reader:2"),
        ("suppression.add", "reader:3"),
        ("suppression.add", "suppressions"),
        ("suppression.remove", "reader:3"),
        ("suppressions.export", "suppressions"),
        ("suppressions.import", "suppressions"),
    ]


def test_what_commands_do_to_posts_editors_and_tokens_is_in_the_log_once(week: Site) -> None:
    assert run_all(
        week,
        "posts hold yu.md",
        "posts release yu.md",
        "editors add anna@example.jp",
        "editors add bert@example.jp",
        "editors link anna@example.jp",
        "editors remove bert@example.jp",
        "tokens add site --scope read",
        "tokens revoke 1",
    ) == [
        ("post.hold", "post:2"),
        ("post.release", "post:2"),
        ("editor.add", "editor:1"),
        ("editor.add", "editor:2"),
        ("editor.link", "editor:1"),
        ("editor.remove", "editor:2"),
        ("token.issue", "token:1"),
        ("token.revoke", "token:1"),
    ]


def test_what_is_refused_or_changes_nothing_is_not_in_the_log(week: Site) -> None:
    sheet = write_sheet(week, "email\na@example.jp\n")
    assert (
        run_all(
            week,
            "subscribers add hana@example.jp --newsletter weekly",
            "subscribers add x@example.jp --newsletter nosuch",
            f"subscribers import {sheet} --newsletter weekly --dry-run",
            "subscribers waiting --drop flood.example",
            "subscribers link nobody@example.jp",
            "subscribers remove nobody@example.jp",
            "subscribers erase nobody@example.jp --yes",
            "suppressions remove nobody@example.jp",
            "posts hold nosuch.md",
            "posts release --mass",
            "editors link nobody@example.jp",
            "tokens revoke 7",
        )
        == []
    )
