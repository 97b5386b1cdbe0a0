"""What a program does to readers, posts, editors, tokens and webhooks is in the log, once each.

And it is there in the transaction that does it: without the entry nothing is done.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sqlalchemy import text
from starlette.routing import Mount
from starlette.types import ASGIApp

from service.engine.lists import ListRunner
from service.membership import sign_up
from service.model.editor import ActorKind, AuditEntry, Role
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent
from service.staff import sign_in
from service.store.audit import list_actions
from tests.fakes.desk import make_link
from tests.fakes.house import House
from tests.fakes.programs import OpenApi, Program
from tests.fakes.routes import list_routes, unwrap

OTHER_ROOMS = {"accounts", "corrections", "editions", "unknown"}
LOOKS = {"/subscribers/search", "/subscribers/search-many", "/suppressions/search"}
NO_LOG = "CREATE TRIGGER no_log BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
NORA = {"address": "nora@example.com"}
CARD = {**NORA, "newsletter": "weekly", "is_confirmed": True, "vouched_by": "card of x@y.jp"}
HOOK = {"url": "https://crm.example.com/hook", "events": ["edition.sent"]}


class Steps:
    """A program that does one thing after the other, and looks into the log after each."""

    def __init__(self, house: House, program: Program) -> None:
        self.house = house
        self.program = program
        self.done: list[tuple[str, str]] = []

    def do(
        self,
        actions: str,
        method: str,
        path: str,
        body: object = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Do something that leaves these entries; without any it is refused, or changes nothing.

        What cannot be written down is not done either.
        """
        options = options or {"json": body or {}}
        if actions:
            self.change(NO_LOG)
            stood = self._dump()
            assert self.program.ask(method, path, **options).status_code == 500
            assert self._dump() == stood
            self.change("DROP TRIGGER no_log")
        known = self._read()[0].audit_id
        answer = self.program.ask(method, path, **options)
        new = [one for one in self._read() if one.audit_id > known]
        assert " ".join(one.action for one in new) == actions, (path, answer.text)
        assert {one.actor.kind for one in new} <= {ActorKind.TOKEN}
        assert "@" not in str([one.detail for one in new]).replace("…@…", "")
        if actions:
            assert answer.is_success, answer.text
            self.done.append((method, path.partition("?")[0]))

    def list_undone(self, app: ASGIApp) -> list[tuple[str, str]]:
        """What changes something and was not done by any step."""
        mount = next(one for one in unwrap(app).routes if isinstance(one, Mount))
        return [
            (method, one.path)
            for one in list_routes(mount.app)
            for method in (one.methods or set()) - {"GET"}
            if one.path not in LOOKS and one.tags[0] not in OTHER_ROOMS
            if not any(
                how == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), what)
                for how, what in self.done
            )
        ]

    def change(self, statement: str) -> None:
        with self.house.app.works.database.writing() as connection:
            connection.execute(text(statement))

    def _dump(self) -> list[str]:
        """All that is kept, but when the token was used."""
        with sqlite3.connect(self.house.site / "var" / "kawaraban.db") as connection:
            connection.execute("UPDATE api_tokens SET used_at = NULL")
            found = list(connection.iterdump())
            connection.rollback()
        connection.close()
        return found

    def _read(self) -> list[AuditEntry]:
        with self.house.app.works.database.reading() as connection:
            return list_actions(connection, limit=3)


def work_on_readers(do: Steps, house: House) -> None:
    do.do("reader.add", "POST", "/subscribers", CARD)
    do.do("", "POST", "/subscribers", CARD)
    do.do("reader.choose", "PATCH", "/subscribers/4/newsletters/weekly", {"send_hour": 7})
    do.do("", "PATCH", "/subscribers/4/newsletters/weekly", {"cadence": "monthly"})
    do.do("reader.choose", "POST", "/subscribers/4/pause", {"until": "2030-01-01T00:00:00Z"})
    do.do("reader.link", "POST", "/subscribers/4/link")
    do.do("reader.remove", "DELETE", "/subscribers/4/newsletters/weekly")
    do.do("", "DELETE", "/subscribers/4/newsletters/weekly")
    do.do("", "POST", "/subscribers/4/remove")
    do.do("reader.erase", "POST", "/subscribers/4/erase")
    do.do("reader.remove", "POST", "/subscribers/1/remove")
    asked = {"address": "asked@example.com", "newsletter": "weekly"}
    do.do("reader.add", "POST", "/subscribers", asked)
    do.do("", "POST", "/subscribers/5/ask-again")
    house.clock.advance(hours=25)
    do.do("reader.ask", "POST", "/subscribers/5/ask-again")
    do.do("readers.export", "POST", "/subscribers/export")


def work_on_addresses(do: Steps, house: House) -> None:
    do.do("suppression.add", "POST", "/suppressions", NORA)
    do.do("", "POST", "/suppressions", NORA)
    do.do("suppression.remove", "POST", "/suppressions/remove", {**NORA, "note": "a@b.jp"})
    do.do("", "POST", "/suppressions/remove", NORA)
    for number in (1, 2):
        sheet = f"email\nlisted{number}@example.com\n"
        do.do("list.upload", "POST", "/imports?newsletter=weekly", content=sheet)
    ListRunner(house.app.works, house.site / "var" / "uploads").look()
    do.do("list.import", "POST", "/imports/1/bring-in")
    do.do("", "POST", "/imports/1/bring-in")
    do.do("list.drop", "POST", "/imports/2/drop")
    do.do("", "POST", "/imports/2/drop")
    works, now = house.app.works, house.clock.now
    for domain in ("good.jp", "bad.jp"):
        wanted = Signup(
            f"s@{domain}", "weekly", Cadence.WEEKLY, (), "ja", None, Consent("form", "", now), ""
        )
        sign_up(works.database, [wanted], "")
    for actions in ("signups.let_go", ""):
        do.do(actions, "POST", "/signups/let-go", {"domain": "good.jp"})
    for actions in ("signups.drop", ""):
        do.do(actions, "POST", "/signups/drop", {"domain": "bad.jp"})


def work_on_posts(do: Steps, house: House) -> None:
    post = house.find_post_id("n0")
    do.do("post.hold", "POST", f"/posts/{post}/hold")
    do.do("post.release", "POST", f"/posts/{post}/release")
    do.do("", "POST", "/posts/4711/hold")
    chosen = {"word": "hold", "posts": [{"post": house.find_post_id("n1")}, {"post": post}]}
    do.do("post.hold post.hold", "POST", "/posts/handle", chosen)
    do.do("", "POST", "/posts/handle", chosen)
    do.change("UPDATE posts SET hold = 'mass' WHERE hold IS NOT NULL")
    do.do("post.release_mass", "POST", "/posts/release-mass")
    do.do("", "POST", "/posts/release-mass")


def work_on_staff(do: Steps, house: House) -> None:
    do.do("editor.add", "POST", "/editors", {"address": "eva@desk.example", "role": "owner"})
    do.do("account.change", "PATCH", "/editors/1", {"name": "Eva"})
    do.do("", "PATCH", "/editors/1", {"role": "viewer"})
    do.do("", "DELETE", "/editors/1")
    token = make_link(house, Role.EDITOR).rpartition("/")[2]
    works = house.app.works
    assert sign_in(works.database, works.register.key_ring, token, "", "", works.clock())
    for actions in ("session.end", ""):
        do.do(actions, "DELETE", "/sessions/1")
    do.do("editor.role", "PATCH", "/editors/2", {"role": "viewer"})
    do.do("editor.remove", "DELETE", "/editors/2")
    do.do("token.issue", "POST", "/tokens", {"name": "site", "scopes": ["read"]})
    do.do("token.revoke", "DELETE", "/tokens/2")
    do.do("webhook.add", "POST", "/webhooks", HOOK)
    for verb in ("secret", "rotate", "test"):
        do.do(f"webhook.{verb}", "POST", f"/webhooks/1/{verb}")
    do.do("webhook.redeliver", "POST", "/webhooks/1/messages/1/redeliver")
    do.do("", "POST", "/webhooks/1/start")
    do.change("UPDATE webhooks SET stopped_at = created_at")
    do.do("webhook.start", "POST", "/webhooks/1/start")
    do.do("webhook.remove", "DELETE", "/webhooks/1")


def test_each_thing_that_a_program_does_is_in_the_log_once(api: OpenApi, house: House) -> None:
    steps = Steps(house, api.meet())
    for work in (work_on_readers, work_on_addresses, work_on_posts, work_on_staff):
        work(steps, house)
    assert steps.list_undone(api.app) == []
