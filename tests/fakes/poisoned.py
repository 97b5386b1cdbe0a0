"""A House in which others' texts want to run: in its files, its settings, and all its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import JSON, Column, Connection, Table, Text, insert, select, update

from service.engine.works import deliver_due, run_pass
from service.model.edition import EditionState
from service.model.editor import Role
from service.store.tables import metadata
from service.web.desk.visits import make_csrf
from tests.fakes.desk import make_link
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.payloads import PAYLOADS, pack
from tests.fakes.waiting import wait_until

NEXT = MONDAY + timedelta(days=7)
HUB = "https://127.0.0.1:9/"
"""A hub at a private address is never called: that is its failure."""

PARTS = 8
"""Among so many posts the payloads are divided."""

_ASKING = """
[[newsletters]]
id = "asking"
title = {title}
cadences = ["weekly", "daily"]
weekday = "tue"
approval = "required"
notice = "48h"
content = "full"
intro = {text}
"""

_SPARED_TABLES = frozenset(
    {
        "bodies",  # What was made safe when it was read: that road is taken by files.
        "events_seen",
        "former_paths",
        "installation",
        "newsletters",
        "news",
        "pings",
        "published_files",
        "removed_files",
        "signup_counts",
        "told",
    }
)
_SPARED = frozenset(
    {
        # What rows are found by, and words of our own that programs read.
        "accounts.account",
        "api_answers.answer",
        "api_answers.digest",
        "api_answers.key",
        "api_tokens.digest",
        "api_tokens.scopes",
        "approvals.answer",
        "attempts.outcome",
        "audit.actor_kind",
        "audit.subject",
        "batches.account",
        "batches.body_digest",
        "batches.envelope",
        "batches.key",
        "batches.kind",
        "batches.state",
        "corrections.newsletter_id",
        "deliveries.state",
        "editions.audience",
        "editions.cadence",
        "editions.excused",
        "editions.key",
        "editions.newsletter_id",
        "editions.state",
        "editions.trigger",
        "editors.language",
        "editors.role",
        "event_counts.kind",
        "files.code",
        "files.digest",
        "files.path",
        "files.rules_digest",
        "files.verdict",
        "hubs.hub",
        "imports.counts",
        "imports.file",
        "imports.newsletter_id",
        "imports.options",
        "imports.state",
        "notices.day",
        "notices.html",
        "notices.purpose",
        "notices.state",
        "posts.body_digest",
        "posts.date_source",
        "posts.enclosures",
        "posts.explicit_id",
        "posts.former_urls",
        "posts.hold",
        "posts.image",
        "posts.language",
        "posts.path",
        "posts.site_id",
        "posts.text_digest",
        "posts.uid",
        "posts.url",
        "posts.url_id",
        "published_feeds.kind",
        "pulls.revision",
        "pulls.source",
        "sessions.digest",
        "sign_ins.browser_digest",
        "signups.cadence",
        "signups.domain",
        "signups.language",
        "signups.network",
        "signups.newsletter_id",
        "stated_readers.path",
        "subscriptions.cadence",
        "subscriptions.language",
        "subscriptions.newsletter_id",
        "subscriptions.state",
        "subscriptions.timezone",
        "suppressions.address_hash",
        "suppressions.reason",
        "variants.html",
        "variants.key",
        "variants.language",
        "variants.post_ids",
        "webhook_messages.event",
        "webhook_messages.uid",
        "webhooks.events",
        "webhooks.former_key_id",
        "webhooks.former_salt",
        "webhooks.key_id",
        "webhooks.salt",
    }
)
"""Columns that hold nobody's text. A new column is poisoned until it is named here."""

_MACHINE_KEYS = frozenset({"code", "level", "kind", "line"})


def furnish(folder: Path, port: int) -> House:
    """A house at 127.0.0.1 with posts, mail sent, a draft, a quarantine: all of it wants to run.

    Its posts are read at its own address, so that their texts stand on pages of its origin.
    """
    house = House(folder, WEEKLY)
    settings = folder / "kawaraban.toml"
    settings.write_text(_rewrite_settings(settings.read_text("utf-8"), port), encoding="utf-8")
    house.restart()
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.com", *_list_addresses(), name=pack(part=1, parts=9))
    house.clock.now = MONDAY + timedelta(days=1)
    _write_posts(house)
    house.tick(MONDAY + timedelta(days=2))
    return house


def _rewrite_settings(written: str, port: int) -> str:
    title, text = (_quote(_make_plain(pack(part=part, parts=9))) for part in (2, 3))
    written = written.replace('"https://example.jp"', f'"http://127.0.0.1:{port}"', 1)
    written = written.replace("http://localhost:8000", f"http://127.0.0.1:{port}")
    written = written.replace('"試験新聞"', f"{title}\ndescription = {text}\nauthor = {text}")
    written = written.replace('"ウィークリー"', title)
    topics = [_make_plain(one) for one in PAYLOADS[:6]]
    written += f"topics = {json.dumps(topics)}\n" + _ASKING.format(title=title, text=text)
    forms = f"forms = {{ footer = {text} }}\n[feeds]\nstylesheet = true\nhubs = [{_quote(HUB)}]\n"
    forms += "[sender]"
    return written.replace("[sender]", forms)


def _list_addresses() -> Iterator[str]:
    """Valid addresses that look like markup."""
    yield from ("'onfocus='canary'@example.com", "{{7*7}}${canary}`@example.com")
    yield from ("&lt/img/src=x@example.com", "=cmd|'!a1@example.com", "-2+3@example.com")


def _write_posts(house: House) -> None:
    for part in range(PARTS):
        chosen = PAYLOADS[part::PARTS]
        lines = [_one_line(one) for one in chosen]
        front = {
            "description": pack(part=part, parts=PARTS),
            "tags": lines[: 3 if part else 30],
            "categories": [lines[4], "研究"],
            "author": _one_line(pack(most=300, part=part, parts=PARTS)),
            "image": "javascript:canary(0)//x.png" if part else 'x.png"onerror="canary(0)',
        }
        if part == PARTS - 1:
            front |= dict.fromkeys(("slug", "lang", "series", "subtitle", "layout"), lines[5])
            front |= {"canonical_url": "javascript:canary(0)", "redirect_from": lines[:3]}
        house.write(
            name_post(part),
            MONDAY + timedelta(days=1),
            title=_quote(pack(most=1900, part=part, parts=PARTS)),
            body="\n\n".join(["はじめに。" * 30, *chosen]),
            front="".join(f"{name}: {_quote(value)}\n" for name, value in front.items()),
        )
    for number, broken in enumerate(("date: ", "tags: [", "title: {x: ")):
        text = f"---\n{broken}{_quote(pack(part=4, parts=9))}\n---\n{pack()}\n"
        name = f"broken{number}\"'><svg onload=canary({number})>.md"
        (house.site / "posts" / name).write_text(text, encoding="utf-8")


def name_post(part: int) -> str:
    """The name of the file with this part of the payloads; every other is one itself."""
    return f"p{part}\"'><img src=x onerror=canary({part})>{{{{7}}}}" if part % 2 else f"p{part}"


def _quote(value: object) -> str:
    """As JSON, which YAML and TOML read alike where it is ASCII."""
    return json.dumps(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _make_plain(text: str) -> str:
    """On one line, without the characters that settings refuse."""
    return "".join(one for one in _one_line(text) if one.isprintable())


class Owner:
    """An owner's browser, which sends the desk's own forms with what wants to run in each."""

    def __init__(self, house: House, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        self.client.headers["user-agent"] = "Mozilla/5.0 " + pack(most=150, part=27, parts=60)
        path = make_link(house, Role.OWNER).removeprefix(url)
        assert self.client.post(path, headers=OURS).status_code == 303
        self.cookie = self.client.cookies["kawaraban-desk"]
        self.csrf = make_csrf(self.cookie)

    def press(self, path: str, **fields: Any) -> httpx.Response:  # noqa: ANN401
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers=OURS)


OURS = {"sec-fetch-site": "same-origin"}


def fill_desk(house: House, owner: Owner) -> None:
    """Whatever forms take, taken: names, notes, words, a list of readers, webhooks."""
    text = pack(most=450, part=5, parts=9)
    line = _one_line(pack(most=150, part=6, parts=9))
    for part in range(PARTS - 1):
        # What the gate found in them is looked through, and let go.
        owner.press(f"/desk/posts/{house.find_post_id(name_post(part))}/release", note=line)
    house.tick(NEXT)
    edition = next(one for one in house.list_editions() if one.state is EditionState.FINISHED)
    for path, fields in (
        ("/desk/settings", {"name": line, "language": "ja"}),
        (
            "/desk/settings/editors",
            {"address": "bert@example.jp", "role": "viewer", "name": line},
        ),
        ("/desk/settings/tokens", {"name": line, "scopes": ["read"], "days": "90"}),
        (
            "/desk/settings/webhooks",
            {"url": "https://canary.example/?x='onload=", "events": ["edition.sent"]},
        ),
        ("/desk/settings/webhooks/1/test", {}),
        (f"/desk/posts/{house.find_post_id(name_post(7))}/hold", {"note": text}),
        (
            "/desk/editions/new",
            {
                "newsletter": "weekly",
                "key": "k1",
                "do": "make",
                "posts": [house.find_post_id(name_post(part)) for part in (2, 3)],
                "subject": line,
                "intro": "\n\n".join(PAYLOADS),
            },
        ),
        (f"/desk/editions/{edition.edition_id}/corrections", {"text": "\n\n".join(PAYLOADS[::3])}),
        ("/desk/readers/suppressions", {"address": "s@example.com", "note": line}),
        (
            "/desk/readers/add",
            {
                "address": "n@example.com",
                "newsletter": "weekly",
                "name": line,
                "manner": "vouched",
                "note": line,
            },
        ),
    ):
        answer = owner.press(path, **fields)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text)
    _upload_list(owner)
    for _ in range(3):
        house.clock.advance(minutes=1)
        run_pass(house.app.works, house.clock.now)
        deliver_due(house.app.works)


def _upload_list(owner: Owner) -> None:
    cells = [f'"{one}"' for one in (_one_line(p).replace('"', '""') for p in PAYLOADS)]
    rows = [f"r{number}@example.com,{cell},{cell}" for number, cell in enumerate(cells[::10])]
    rows += [f"{cell},x,{cell}" for cell in cells]
    sheet = "\n".join(["email,name," + cells[0], *rows]).encode()
    answer = owner.client.post(
        "/desk/readers/lists",
        data={"csrf": owner.csrf, "newsletter": "weekly", "as": "active", "source": pack(most=400)},
        files={"file": ("\"><img src=x onerror=canary(0)>'{{7}}.csv", sheet, "text/csv")},
        headers=OURS,
    )
    assert answer.status_code == 303, answer.text
    page = answer.headers["location"]
    wait_until(
        lambda: f"{page}/import" in owner.client.get(page).text, "the list is looked through"
    )
    assert owner.press(f"{page}/import").status_code == 303
    wait_until(lambda: "<progress" not in owner.client.get(page).text, "the list is read")


def fill_the_rest(connection: Connection, house: House) -> None:
    """A row where no form of the desk leads: what readers, aggregators and providers did."""
    now, account = house.clock.now, house.app.works.press.account
    consent = {"consent_source": "x", "consent_text": "x"}
    wanted = {"newsletter_id": "weekly", "cadence": "weekly", "language": "ja", "topics": "x"}
    rows: dict[str, dict[str, object]] = {
        "accounts": {
            "account": account,
            "paused_at": now,
            "paused_reason": "x",
            "unknown_in_a_row": 0,
        },
        "address_changes": {
            "subscriber_id": 1,
            "old_address": "x",
            "new_address": "x",
            "asked_at": now,
        },
        "past_consents": {**consent, "subscription_id": 1, "consent_at": now},
        "signups": {
            **wanted,
            **consent,
            "address": "w@example.com",
            "domain": "example.com",
            "network": "x",
            "asked_at": now,
            "not_before": now + timedelta(days=1),
        },
        "stated_readers": {
            "path": "feed.xml",
            "aggregator": "Feedbin",
            "readers": 12,
            "stated_at": now,
        },
    }
    for name, values in rows.items():
        connection.execute(insert(metadata.tables[name]).values(values))


def poison(connection: Connection, *, parts: int = 1) -> list[str]:
    """Append payloads to whatever stands in any column for texts; which columns that were.

    Rows have all of them, or take turns with so many parts of them.
    """
    texts = [pack(part=part, parts=parts) for part in range(parts)]
    poisoned: list[str] = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if table.name in _SPARED_TABLES or name in _SPARED:
                continue
            if isinstance(column.type, (JSON, Text)):
                turned = texts[len(poisoned) % parts :] + texts[: len(poisoned) % parts]
                poisoned += [name] if _poison_column(connection, table, column, turned) else []
    return poisoned


def _poison_column(
    connection: Connection, table: Table, column: Column[Any], texts: Sequence[str]
) -> bool:
    keys = list(table.primary_key.columns)
    rows = connection.execute(select(*keys, column)).all()
    filled = [row for row in rows if row[-1] is not None and row[-1] not in ([], {})]
    for number, row in enumerate(filled):
        text = mark(f"{table.name}.{column.name}") + texts[number % len(texts)]
        value = _append(row[-1], text, f"{row[0]}")
        where = [key == found for key, found in zip(keys, row[:-1], strict=True)]
        connection.execute(update(table).where(*where).values({column.name: value}))
    return bool(filled)


def mark(name: str) -> str:
    """What shows on a page that a text of this column stands there."""
    return f"⟦{name}⟧"


def _append(value: object, text: str, row: str) -> object:
    if isinstance(value, str):
        # A number, where no two may be alike.
        return f"{value}{text}{row}"
    if isinstance(value, Mapping):
        return {
            name: one if name in _MACHINE_KEYS else _append(one, text, row)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_append(one, text, row) for one in value]
    return value
