"""The sample publication three months on: readers who came and left, editions sent, one that waits.

Its posts are those of content/ on the days they are dated, with a few more of its last week.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from threading import Semaphore

from sqlalchemy import select, update

from service.audience.exchange import ImportRow
from service.delivery.by_hand import ByHand
from service.delivery.feedback import apply_events
from service.membership import import_readers, leave_newsletter
from service.model.edition import Edition
from service.model.editor import COMMAND, Actor, ActorKind, Role
from service.model.event import EventKind, ProviderEvent, RejectReason
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.sending import send_by_hand
from service.staff import add_editor, change_account, print_sign_in_link
from service.store.installation import record_scan
from service.store.stated_readers import record_stated_readers
from service.store.tables import batches, deliveries, subscribers, webhook_messages
from service.web.desk.parts import DeskParts
from service.webhooks import add_webhook
from tests.fakes.house import TOKYO, House
from tests.fakes.provider import NO_MAILBOX, Ending, ProgrammedProvider
from tests.fakes.street_texts import POSTS, SETTINGS, THURSDAYS
from tests.fakes.waiting import wait_until

CONTENT = Path(__file__).parents[2] / "content"
FIRST, LAST = date(2026, 8, 24), date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 10, 20, tzinfo=TOKYO)
SERVICE = "https://news.kawaraban.example.jp"
NORA = Actor(ActorKind.EDITOR, 2, "Nora Finch")
OWNERS = {"en": "nora@kawaraban.example.jp", "ja": "sumi@kawaraban.example.jp"}

_CHANGED = "2026-11-03-katsuji-ten"
_FAMILY = ("yamamoto", "ogawa", "sakura", "inoue", "kato", "mori", "abe", "hara", "ueda", "oka")
_GIVEN = ("hanako", "kenta", "mio", "yui", "sho", "aoi", "rin", "taro", "nao", "jun", "emi", "ken")
_HOSTS = ("example.jp", "mail.example.jp", "example.com", "example.org")

_STATED = {
    ("feed.xml", "Feedly"): 412,
    ("feed.xml", "Inoreader"): 57,
    ("feed.json", "NewsBlur"): 31,
}


@dataclass
class StreetPaper:
    """The house, and its provider, which lets calls through when told to."""

    house: House
    provider: ProgrammedProvider
    turnstile: Semaphore
    chance: Random

    @property
    def extra(self) -> Edition:
        """The edition by hand, which nobody sent yet."""
        return self.house.list_editions()[-1]

    @property
    def weekly(self) -> Edition:
        """The next one of the schedule, which waits."""
        return next(one for one in reversed(self._list_weekly()) if one.frozen_at is None)

    @property
    def past(self) -> Edition:
        """The last one of the schedule that was sent."""
        return next(one for one in reversed(self._list_weekly()) if one.frozen_at is not None)

    def make_link(self, address: str) -> str:
        """The path of a link that signs an editor in."""
        works = self.house.app.works
        reception = DeskParts(works, self.house.site / "var" / "uploads").reception
        link = print_sign_in_link(works.database, reception, address, works.clock(), by=COMMAND)
        return link.removeprefix(SERVICE)

    def find_request(self) -> EmailMessage:
        """The mail that asked for an answer to the edition of the week, the longest of those."""
        asked = []
        for path in (self.house.site / "var" / "outbox").glob("*/*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            if not mail["List-Id"] and OWNERS["en"] in str(mail["To"]):
                asked.append(mail)
        return max(asked, key=lambda mail: len(mail.as_bytes()))

    def let_through(self, calls: int) -> None:
        """Let the provider take so many calls, and wait until it has."""
        taken = len(self.provider.calls) + calls
        self.turnstile.release(calls)
        wait_until(lambda: len(self.provider.calls) >= taken, "the provider took them")

    def wait(self) -> None:
        """Until a call is let through."""
        self.turnstile.acquire()

    def hear_the_clock(self) -> None:
        """As if the clock had just looked at the posts."""
        works = self.house.app.works
        with works.database.writing() as connection:
            record_scan(connection, works.clock())

    def _list_weekly(self) -> list[Edition]:
        return [one for one in self.house.list_editions() if one.cadence is Cadence.WEEKLY]


def print_paper(site: Path) -> StreetPaper:
    """Live through three months in a folder whose database is migrated."""
    house = House(site, "")
    (site / "kawaraban.toml").write_text(SETTINGS, encoding="utf-8")
    house.restart()
    paper = StreetPaper(house, ProgrammedProvider(), Semaphore(0), Random(1868))  # noqa: S311 — for variety, not for secrets
    _seat_editors(house)
    house.clock.now = datetime.combine(FIRST, time(7), TOKYO)
    for path in _list_posts(date.min, FIRST):
        _lay_down(house, path.name, path.read_text("utf-8"))
    house.tick(house.clock.now)
    outbox = house.app
    _use_provider(paper)
    _add_readers(paper, 1300)
    for number in range((LAST - FIRST).days):
        _live_through(paper, FIRST + timedelta(days=number))
    # From here on mail is laid down as files: so the editors' mail can be looked at.
    taking = house.app
    house.app = outbox
    _live_through(paper, LAST)
    house.app = taking
    _report_back(paper)
    _prepare_extra(house)
    _answer_messages(house)
    with house.app.works.database.writing() as connection:
        record_stated_readers(connection, _STATED, NOW)
    paper.provider.before_answer = paper.wait
    return paper


def _seat_editors(house: House) -> None:
    database, now = house.app.works.database, house.clock()
    for address, name, role, language in (
        (OWNERS["ja"], "松葉 すみ", Role.OWNER, "ja"),
        (OWNERS["en"], "Nora Finch", Role.OWNER, "en"),
        ("akari@kawaraban.example.jp", "青木 灯", Role.EDITOR, "ja"),
        ("tofuya@kawaraban.example.jp", "豆腐屋", Role.VIEWER, "ja"),
    ):
        editor = add_editor(database, address, name, role, now, by=COMMAND)
        change_account(database, editor.editor_id, name, language, now, by=COMMAND)


def _use_provider(paper: StreetPaper) -> None:
    works, provider = paper.house.app.works, paper.provider
    press = replace(works.press, capabilities=provider.capabilities, account=provider.account)
    mailbag = replace(works.mailbag, provider=provider)
    paper.house.app = replace(paper.house.app, works=replace(works, press=press, mailbag=mailbag))


def _live_through(paper: StreetPaper, day: date) -> None:
    """A morning's mail, and then what a day brings."""
    house = paper.house
    eight = datetime.combine(day, time(8), TOKYO)
    if day.isoformat() == "2026-11-16":
        query = select(subscribers.c.address).where(subscribers.c.subscriber_id % 97 == 0)
        with house.app.works.database.reading() as connection:
            gone = connection.execute(query).scalars().all()
        paper.provider.program = [Ending(refusals=dict.fromkeys(gone, NO_MAILBOX))] * 20
    house.tick(eight)
    house.clock.now = eight + timedelta(hours=1)
    _add_readers(paper, paper.chance.randint(3, 12) + (22 if day.day == 10 else 0))
    _lose_readers(paper, paper.chance.randint(0, 3))
    for path in _list_posts(day, day + timedelta(days=1)):
        _lay_down(house, path.name, path.read_text("utf-8"))
    for name, (title, category, tag, body) in POSTS.items():
        if name.startswith(day.isoformat()):
            front = f'tags: ["{tag}"]\ncategories: ["{category}"]\n'
            front += "lang: en\n" if category == "Letters" else ""
            house.write(name, house.clock.now, title=title, body=body, front=front)
    weeks, rest = divmod((day - FIRST).days - 3, 7)
    if not rest and weeks < len(THURSDAYS):
        title, body = THURSDAYS[weeks]
        house.write(f"{day}-koyomi", house.clock.now, title=title, body=body,
                    front="categories: [町のこと]\n")  # fmt: skip
    if day.isoformat() == "2026-11-12":
        _change_post(house)
        _connect_services(house)
    for hours in (1.5, 2):
        house.tick(eight + timedelta(hours=hours))


def _list_posts(since: date, until: date) -> Iterator[Path]:
    for path in sorted(CONTENT.glob("20*.md")):
        written = path.name[:10] if path.name[8:10].isdigit() else f"{path.name[:8]}20"
        if since <= date.fromisoformat(written) < until:
            yield path


def _lay_down(house: House, name: str, text: str) -> None:
    path = house.site / "posts" / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (house.clock.now.timestamp(),) * 2)


def _change_post(house: House) -> None:
    """Say after the mail what was wrong in it."""
    text = (CONTENT / f"{_CHANGED}.md").read_text("utf-8")
    changed = text.replace("十三段あるので", "十四段あるので").replace(
        "今月いっぱい", "十二月六日まで"
    )
    _lay_down(house, f"{_CHANGED}.md", changed)


def _add_readers(paper: StreetPaper, many: int) -> None:
    works = paper.house.app.works
    rows = _make_readers(paper.chance, many)
    asked = rows[: max(1, many // 9)]
    for state, some in (
        (SubscriptionState.PENDING, asked),
        (SubscriptionState.ACTIVE, rows[len(asked) :]),
    ):
        import_readers(
            works.database, works.register, some, newsletter_id="weekly", state=state,
            source="朗読会の用紙", now=works.clock(), vouched_by="朗読会の用紙",
        )  # fmt: skip


def _make_readers(chance: Random, many: int) -> list[ImportRow]:
    return [
        ImportRow(
            address=f"{chance.choice(_GIVEN)}.{chance.choice(_FAMILY)}{chance.randint(1, 99)}"
            f"@{chance.choice(_HOSTS)}",
            cadence=Cadence.DAILY if chance.random() < 0.1 else Cadence.WEEKLY,
            topics=("銭湯",) if chance.random() < 0.08 else None,
            line=line,
        )
        for line in range(1, many + 1)
    ]


def _lose_readers(paper: StreetPaper, many: int) -> None:
    works = paper.house.app.works
    for _ in range(many):
        number = paper.chance.randint(1, 1200)
        leave_newsletter(works.database, number, "weekly", works.clock(), by=COMMAND)


def _report_back(paper: StreetPaper) -> None:
    """What the provider told of the last edition: most at once, the rest over two days."""
    works, chance = paper.house.app.works, paper.chance
    edition = paper.past
    assert edition.frozen_at is not None
    query = (
        select(deliveries.c.delivery_id, batches.c.key)
        .join(batches, batches.c.batch_id == deliveries.c.batch_id)
        .where(deliveries.c.edition_id == edition.edition_id, deliveries.c.state == "accepted")
    )
    with works.database.reading() as connection:
        rows = connection.execute(query).all()
    ends = [EventKind.BOUNCED] * 41 + [EventKind.COMPLAINED] * 4
    ends += [EventKind.DELIVERED] * (len(rows) - len(ends))
    chance.shuffle(ends)
    for (delivery_id, key), kind in zip(rows, ends, strict=True):
        after = min(chance.expovariate(1 / 9), 47) if kind is not EventKind.DELIVERED else 0.2
        event = ProviderEvent(
            kind=kind,
            event_id=f"told-{delivery_id}",
            batch_key=key,
            row_id=delivery_id,
            occurred_at=edition.frozen_at + timedelta(hours=after),
            reject_reason=RejectReason.BOUNCED if kind is EventKind.BOUNCED else None,
            is_permanent=kind is EventKind.BOUNCED and chance.random() < 0.4,
            diagnostic="550 5.1.1 no such user" if kind is EventKind.BOUNCED else "",
        )
        apply_events(works.database, "fake", [event], event.occurred_at or works.clock())


def _prepare_extra(house: House) -> None:
    """An edition by hand that waits."""
    works = house.app.works
    house.clock.now = NOW
    asked = ByHand(
        "weekly", "gogai", posts=("2026-11-22-gogai.md",),
        subject="号外：橋の灯が一つ、消えています", waits=True,
    )  # fmt: skip
    send_by_hand(works.database, works.press, asked, NOW, by=COMMAND)


def _connect_services(house: House) -> None:
    works = house.app.works
    for url, events in (
        ("https://crm.example.jp/hooks/kawaraban", ("edition.sent", "subscriber.confirmed")),
        ("https://chat.example.com/hooks/T01/B02", ("post.published", "edition.drafted")),
    ):
        add_webhook(works.database, works.register.key_ring, url, events,
                    by=NORA, now=works.clock())  # fmt: skip


def _answer_messages(house: House) -> None:
    """The first service took all that it was told, the other is slow today."""
    told = update(webhook_messages).values(told_at=NOW, status=204, attempt=1)
    slow = update(webhook_messages).values(
        attempt=2, status=503, not_before=NOW + timedelta(minutes=5)
    )
    is_last = webhook_messages.c.created_at > NOW - timedelta(hours=1)
    with house.app.works.database.writing() as connection:
        connection.execute(told)
        connection.execute(slow.where(is_last).values(told_at=None))
