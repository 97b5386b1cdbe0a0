"""Whatever somebody does at the desk is in the log: once, with words for it, and what is not, not.

Each step presses one form; a route of the desk that nobody presses here fails the last test.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy
from sqlalchemy import func, select

from service.engine.works import freeze_between_passes
from service.membership import sign_up
from service.model.editor import AuditEntry, Role
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent
from service.store.accounts import open_account, pause_account
from service.store.audit import list_actions
from service.store.signups import hold_signups, list_signups_at
from service.store.tables import batches, sessions
from service.web.desk.desk import NEEDS
from service.web.desk.log_view import show_log
from service.web.desk.work_words import name_action
from service.words.catalogues import find_voice
from tests.fakes.desk import OpenDesk, Person, open_desk
from tests.fakes.house import MONDAY
from tests.journeys.desk.test_doors import list_desk_routes
from tests.journeys.desk.test_reader_lists import run

CHANGES_NOTHING = {"/desk/readers/search", "/desk/readers/suppressions/search"}
FRIDAY = MONDAY + timedelta(days=4)


@dataclass
class Presses:
    """An owner who presses forms, and looks into the log after each."""

    desk: OpenDesk
    olga: Person
    pressed: set[str] = field(default_factory=set)

    def press(self, page: str, **fields: Any) -> httpx.Response:  # noqa: ANN401
        """Press a form that leaves one entry."""
        return self.check(page, 1, lambda: self._send(page, fields))

    def press_in_vain(self, page: str, **fields: Any) -> httpx.Response:  # noqa: ANN401
        """Press a form that does nothing, and leaves none."""
        return self.check(page, 0, lambda: self._send(page, fields))

    def press_twice(self, page: str, **fields: Any) -> None:  # noqa: ANN401
        """Press a form whose second press has nothing left to do."""
        self.press(page, **fields)
        self.press_in_vain(page, **fields)

    def check(self, path: str, entries: int, act: Callable[[], httpx.Response]) -> httpx.Response:
        """Do something that leaves so many entries, each with words for it."""
        before = len(self.read())
        answer = act()
        log = self.read()
        fresh = log[: len(log) - before]
        actions = [one.action for one in fresh]
        assert len(actions) == entries, (path, answer.status_code, actions)
        voice = find_voice("ja")
        assert [one for one in actions if name_action(voice, one) == one] == []
        lines = show_log(voice, self.desk.house.app.works.register.publication, {}, fresh)
        assert [one for one in lines if re.search("[a-z_]+: ", " ".join(one.details))] == []
        assert not {one.subject for one in lines} & {one.subject for one in fresh}
        if entries:
            assert answer.status_code in {200, 303}, (path, answer.text)
            self.pressed.add(self.find_route(path))
        return answer

    def read(self) -> list[AuditEntry]:
        """The log, the newest first."""
        with self.desk.house.app.works.database.reading() as connection:
            return list_actions(connection, limit=500)

    def _send(self, page: str, fields: Mapping[str, Any]) -> httpx.Response:
        return self.olga.post(page, data={"csrf": self.olga.csrf, **fields})

    def find_route(self, path: str) -> str:
        """The route that an address belongs to."""
        return next(
            one.path
            for one in list_desk_routes(self.desk.app)
            if "POST" in (one.methods or ()) and one.path_regex.fullmatch(path)
        )

    def change(self, *statements: str, number: int = 0) -> None:
        """Let something happen to the thing of this number behind the desk's back."""
        with self.desk.house.app.works.database.writing() as connection:
            for statement in statements:
                connection.execute(sqlalchemy.text(statement), {"number": number})


@pytest.fixture
def presses(desk: OpenDesk) -> Iterator[Presses]:
    """At a desk with two newsletters, so that a reader of one can be given the other."""
    toml = desk.house.site / "kawaraban.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(f"{text}[[newsletters]]\nid = 'second'\ntitle = '別刷'\n", encoding="utf-8")
    desk.house.restart()
    with open_desk(desk.house) as opened:
        yield Presses(opened, opened.meet(Role.OWNER))


def work_on_editions(presses: Presses) -> None:
    """From a draft to what is said of it afterwards."""
    house, press = presses.desk.house, presses.press
    vain, twice = presses.press_in_vain, presses.press_twice
    for number in range(3):
        house.write(f"n{number}", MONDAY + timedelta(days=number + 1))
    house.tick(FRIDAY)
    ids = [house.find_post_id(f"n{number}") for number in range(3)]
    draft: dict[str, Any] = {"newsletter": "weekly", "do": "make", "posts": ids[:2]}
    root = "/desk/editions"
    page = press(f"{root}/new", key="k1", **draft).headers["location"].partition("?")[0]
    vain(f"{root}/new", key="k1", **draft)
    revision = itertools.count()
    press(f"{page}/add", revision=next(revision), path="n2.md")
    vain(f"{page}/words", revision=0, subject="遅すぎた")
    press(f"{page}/order", revision=next(revision), order=f"{ids[1]},{ids[0]}")
    press(f"{page}/leave-out", revision=next(revision), post_id=ids[0])
    press(f"{page}/take-back", revision=next(revision), post_id=ids[0])
    press(f"{page}/words", revision=next(revision), subject="号外")
    twice(f"{page}/test", addresses="one@desk.example")
    press(f"{page}/schedule", revision=next(revision), at="2025-10-19T07:30")
    seen = next(revision)
    twice(f"{page}/approve", revision=seen)
    press(f"{page}/hold", reason="one@example.com に確認中")
    vain(f"{page}/send", revision=next(revision), readers="9")
    press(f"{page}/send", revision=seen + 1, readers="2")
    freeze_between_passes(house.app.works, house.clock.now)
    for verb in ("pause", "resume"):
        press(f"{page}/{verb}")
        vain(f"{page}/{verb}")
    house.go_on()
    number = int(page.rpartition("/")[2])
    presses.change(
        "UPDATE deliveries SET state = 'refused', reason = 'full' WHERE delivery_id = "
        "(SELECT min(delivery_id) FROM deliveries WHERE edition_id = :number)",
        number=number,
    )
    press(f"{page}/retry")
    house.go_on()
    vain(f"{page}/retry")
    press(f"{page}/corrections", text="人名の誤りです")
    twice(f"{page}/corrections/1/withdraw")
    batch = find_batch(presses, number)
    presses.change(
        "UPDATE batches SET state = 'unknown' WHERE batch_id = :number",
        "UPDATE deliveries SET state = 'unknown' WHERE batch_id = :number",
        number=batch,
    )
    twice(f"{page}/unknown/{batch}/settle", accepted="true")
    other = press(f"{root}/new", key="k2", **draft).headers["location"].partition("?")[0]
    twice(f"{other}/cancel", reason="やめた")


def find_batch(presses: Presses, edition_id: int) -> int:
    with presses.desk.house.app.works.database.reading() as connection:
        query = select(func.max(batches.c.batch_id)).where(batches.c.edition_id == edition_id)
        return int(connection.execute(query).scalar_one())


def work_on_accounts_and_posts(presses: Presses) -> None:
    house, press, twice = presses.desk.house, presses.press, presses.press_twice
    with house.app.works.database.writing() as connection:
        open_account(connection, "outbox")
        pause_account(connection, "outbox", "refused", house.clock.now)
    twice("/desk/accounts/resume", account="outbox")
    post = house.find_post_id("n0")
    press(f"/desk/posts/{post}/hold", note="確認中")
    press(f"/desk/posts/{post}/release")
    page = presses.olga.get("/desk/posts").text
    box = re.search(rf'name="post" value="({post}\.\w+)"', page)
    assert box is not None
    press("/desk/posts/chosen", word="hold", post=[box[1]])
    presses.change("UPDATE posts SET hold = 'mass' WHERE post_id = :number", number=post)
    twice("/desk/posts/release-mass")


def work_on_readers(presses: Presses) -> None:
    press, root = presses.press, "/desk/readers"
    vain, twice = presses.press_in_vain, presses.press_twice
    press(f"{root}/export")
    new = {"address": "new@example.com", "newsletter": "weekly", "manner": "ask"}
    page = press(f"{root}/add", **new).headers["location"].partition("?")[0]
    presses.desk.house.clock.advance(days=2)
    twice(f"{page}/confirm")
    press(f"{page}/link")
    press(f"{page}/choices", zone="Europe/London")
    press(f"{page}/add", newsletter="second", manner="vouched", note="on paper")
    twice(f"{page}/leave", newsletter="weekly")
    vain(f"{page}/erase", address="other@example.com")
    press(f"{page}/erase", address="new@example.com")
    barred = f"{root}/suppressions"
    twice(barred, address="bad@example.com", note="asked")
    twice(f"{barred}/remove", address="bad@example.com")
    let_wait(presses, "good.jp", "bad.jp")
    press(f"{root}/waiting/let-go", domain="good.jp")
    press(f"{root}/waiting/drop", domain="bad.jp")
    for _ in range(2):
        upload(presses)
    run(presses.desk)
    press(f"{root}/lists/1/import")
    press(f"{root}/lists/2/drop")


def let_wait(presses: Presses, *domains: str) -> None:
    """Sign-ups that wait behind a cap."""
    works, now = presses.desk.house.app.works, presses.desk.house.clock.now
    consent = Consent("form", "", now)
    for domain in domains:
        address = f"s@{domain}"
        wanted = Signup(address, "weekly", Cadence.WEEKLY, (), "ja", None, consent, "")
        sign_up(works.database, [wanted], "")
        with works.database.writing() as connection:
            held = list_signups_at(connection, domain, "", 9)
            until = now + timedelta(days=1)
            hold_signups(connection, [one.signup_id for one in held], until)


def upload(presses: Presses) -> None:
    path, olga = "/desk/readers/lists", presses.olga
    fields = {"csrf": olga.csrf, "newsletter": "weekly", "as": "pending"}
    files = {"file": ("readers.csv", "email\none@example.org\n")}
    presses.check(path, 1, lambda: olga.post(path, data=fields, files=files))


def work_on_settings(presses: Presses) -> None:
    press, root = presses.press, "/desk/settings"
    vain, twice = presses.press_in_vain, presses.press_twice
    press(root, name="Olga", language="ja")
    press(f"{root}/editors", address="bert@desk.example", role="viewer", name="Bert")
    press(f"{root}/editors/2/role", role="editor")
    vain(f"{root}/editors/1/remove")
    press(f"{root}/editors/2/remove")
    press(f"{root}/tokens", name="site", scopes=["read"], days="90")
    press(f"{root}/tokens/1/revoke")
    hooks = f"{root}/webhooks"
    press(hooks, url="https://crm.example/hook", events=["edition.sent"])
    for verb in ("secret", "rotate", "test", "messages/1/again"):
        press(f"{hooks}/1/{verb}")
    presses.change("UPDATE webhooks SET stopped_at = created_at, stopped_for = 'x'")
    twice(f"{hooks}/1/start")
    press(f"{hooks}/1/remove")
    presses.desk.meet(Role.OWNER)
    press(f"{root}/sessions/{find_newest_session(presses)}/end")
    press("/desk/sign-out")


def find_newest_session(presses: Presses) -> int:
    with presses.desk.house.app.works.database.reading() as connection:
        return int(connection.execute(select(func.max(sessions.c.session_id))).scalar_one())


def test_each_thing_that_is_done_is_in_the_log_once(presses: Presses) -> None:
    work_on_editions(presses)
    work_on_accounts_and_posts(presses)
    work_on_readers(presses)
    work_on_settings(presses)
    routes = {
        one.path
        for one in list_desk_routes(presses.desk.app)
        if "POST" in (one.methods or ()) and NEEDS in (one.openapi_extra or {})
    }
    assert routes - presses.pressed == CHANGES_NOTHING
    assert not re.search(r"\w@", repr([(one.subject, one.detail) for one in presses.read()]))
