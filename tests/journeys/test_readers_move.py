"""Readers in from other services, out as sheets, in again elsewhere, and out for good."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from service.audience.exchange import stream_export
from service.audience.intake import Intake
from service.audience.suppressed import SuppressedRow, read_suppressed, stream_suppressed
from service.engine.works import run_pass
from service.membership import (
    export_readers,
    export_suppressions,
    import_readers,
    restore_suppressions,
)
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.subscriber import Consent, SubscriptionState, SuppressionReason
from service.store import suppressions
from service.store.database import Database
from service.store.new_subscriptions import NewSubscription, add_subscriptions
from service.store.news import open_newsletter
from service.store.suppressions import Suppression
from service.store.tables import subscribers as subscriber_rows
from service.store.tables import subscriptions
from service.store.tables import suppressions as suppression_rows
from tests.fakes.house import MONDAY, House
from tests.fakes.paper import open_sheet
from tests.fakes.small_site import MONDAY as SENT_ON
from tests.fakes.small_site import Site

MAILCHIMP = "Email Address,First Name,OPTIN_TIME,CONFIRM_TIME,LEID,EUID,TAGS\n"
TWO = (
    'cadences = ["daily", "weekly"]\ndefault_cadence = "weekly"\n'
    'topics = ["AI", "宇宙"]\nsend_at = "08:00"\nweekday = "mon"\n'
)


def write(site: Site, name: str, text: str) -> str:
    path = site.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def export_mailchimp(site: Site) -> list[str]:
    """The three sheets of an audience, with a reader who is here already in each."""
    at, later = "2024-03-14 09:12:31", "2024-03-14 09:14:00"
    here = "2030-01-01 00:00:00"
    return [
        write(
            site,
            "subscribed_1.csv",
            f'{MAILCHIMP}proven@example.jp,Ada,{at},{later},1,e,"""銭湯"",""VIP"""\n'
            f"asked@example.jp,,{at},{at},2,e,\nhana@example.jp,,{at},{later},3,e,\nbroken,,,,,,\n",
        ),
        write(
            site,
            "unsubscribed_1.csv",
            f"Email Address,UNSUB_TIME\nleft@example.jp,{later}\nken@example.jp,{here}\n"
            f"proven@example.jp,\n",
        ),
        write(
            site,
            "cleaned_1.csv",
            f"Email Address,CLEAN_TIME\nbounced@example.jp,{at}\nmio@example.jp,{at}\n",
        ),
    ]


def test_an_audience_of_mailchimp_comes_in_as_it_was(week: Site) -> None:
    sheets = export_mailchimp(week)[:1] + export_mailchimp(week)[2:]
    words = ("subscribers", "import", *sheets, "--newsletter", "weekly")
    foreseen = week.ask(*words, "--dry-run")
    assert not foreseen["done"]
    assert week.run("subscribers", "show", "proven@example.jp").exit_code == 1
    report = week.ask(*words, "--yes")
    assert report["done"]
    told = (
        "added",
        "proven",
        "asked",
        "unsubscribed",
        "already",
        "blocked",
        "barred",
        "unreadable",
    )
    assert [report[name] for name in told] == [2, 1, 1, 0, 1, 2, 2, 1]
    assert [foreseen[name] for name in told] == [report[name] for name in told]
    assert report["origins"] == ["mailchimp"]
    assert report["ignored_tags"] == {"VIP": 1}
    (proven,) = week.ask("subscribers", "show", "proven@example.jp")["subscriptions"]
    assert (proven["state"], proven["topics"]) == ("active", ["銭湯"])
    assert proven["confirmed_at"] == "2024-03-14T09:14:00+00:00"
    assert proven["consent"]["given_at"] == "2024-03-14T09:12:31+00:00"
    (asked,) = week.ask("subscribers", "show", "asked@example.jp")["subscriptions"]
    assert asked["state"] == "pending"
    reasons = {
        one["address"]: one["reason"] for one in week.ask("suppressions", "list")["suppressions"]
    }
    assert reasons == {"bounced@example.jp": "hard_bounce", "mio@example.jp": "hard_bounce"}


def test_a_second_import_of_the_same_sheets_changes_nothing(week: Site) -> None:
    words = ("subscribers", "import", *export_mailchimp(week), "--newsletter", "weekly", "--yes")
    first = week.ask(*words)
    kinds = ("added", "unsubscribed", "ended", "blocked", "confirmations")
    assert [first[name] for name in kinds] == [3, 2, 1, 2, 1]
    before = week.fine("subscribers", "export")
    again = week.ask(*words)
    assert [again[name] for name in kinds] == [0, 0, 0, 0, 0]
    assert week.fine("subscribers", "export") == before


def test_who_came_back_by_themselves_is_not_ended_by_an_older_list(week: Site) -> None:
    sheet = write(week, "left.csv", "Email Address,UNSUB_TIME\nken@example.jp,2024-01-01\n")
    report = week.ask("subscribers", "import", sheet, "--newsletter", "weekly")
    assert (report["already"], report["ended"]) == (1, 0)


def test_an_editor_vouches_for_those_whom_nothing_proves(week: Site) -> None:
    sheet = write(week, "form.csv", "_date,email\n2024-05-01T08:00:00Z,a@example.jp\n")
    words = ("subscribers", "import", sheet, "--newsletter", "weekly")
    assert week.run(*words, "--source", "the fair").exit_code == 2
    report = week.ask(*words, "--as", "confirmed", "--source", "the fair of 2024")
    assert (report["vouched"], report["confirmations"]) == (1, 0)
    (reader,) = week.ask("subscribers", "show", "a@example.jp")["subscriptions"]
    assert (reader["state"], reader["consent"]["source"]) == ("active", "the fair of 2024")
    assert reader["consent"]["given_at"] == "2024-05-01T08:00:00+00:00"


def test_a_sheet_read_as_another_service_wrote_it(week: Site) -> None:
    sheet = write(week, "odd.csv", "email,state\na@example.jp,cancelled\n")
    words = ("subscribers", "import", sheet, "--newsletter", "weekly", "--dry-run")
    assert week.ask(*words)["origins"] == ["plain"]
    assert week.ask(*words, "--from", "kit")["unsubscribed"] == 1
    assert week.run(*words, "--from", "ghost").exit_code == 0


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TOPIC = st.sampled_from(["AI", "宇宙", "a|b", "100%"])
ONE_LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12
).map(str.strip) | st.sampled_from(
    ["=1+1", "+81", "-x", "@a", "'=x", '"', "髙橋, 花子", "'t Hooft"]
)
INSTANT = st.integers(0, 2 * 10**15).map(lambda us: EPOCH + timedelta(microseconds=us))
STATE = st.sampled_from(SubscriptionState)


@st.composite
def readers(draw: st.DrawFn) -> NewSubscription:
    state = draw(STATE)
    return NewSubscription(
        address=draw(st.sampled_from("abcdefgh")) + "'+x@example.jp",
        name=draw(ONE_LINE),
        newsletter_id="weekly",
        state=state,
        cadence=draw(st.sampled_from([Cadence.DAILY, Cadence.WEEKLY])),
        language=draw(st.sampled_from(["ja", "en"])),
        consent=Consent(
            source=draw(ONE_LINE.filter(bool)),
            text=draw(ONE_LINE | st.sampled_from(["a\nb", "\ta", "\r\nx", "=a\n"])),
            given_at=draw(INSTANT),
        ),
        topics=draw(st.lists(TOPIC, unique=True).map(tuple)),
        send_hour=draw(st.none() | st.integers(0, 23)),
        timezone=draw(st.sampled_from([None, "Asia/Tokyo"])),
        created_at=draw(INSTANT),
        confirmed_at=draw(INSTANT if state is SubscriptionState.ACTIVE else st.none() | INSTANT),
        ended_at=draw(INSTANT) if state is SubscriptionState.UNSUBSCRIBED else None,
        reader_since=draw(INSTANT),
        paused_until=draw(st.none() | INSTANT),
    )


SUPPRESSED = st.builds(
    Suppression,
    st.sampled_from("abcdefghij").map(lambda name: f"{name}'+x@example.jp"),
    st.none(),
    st.sampled_from(SuppressionReason),
    ONE_LINE,
    INSTANT,
)


def list_everything(connection: Connection) -> tuple[Sequence[object], ...]:
    """All that is said of readers, but for the numbers that rows have here."""
    kept = [
        column
        for table in (subscriber_rows, subscriptions)
        for column in table.c
        if not column.name.endswith(("_id", "_mark", "_through")) or column.name == "newsletter_id"
    ]
    joined = select(*kept).join(
        subscriptions, subscriptions.c.subscriber_id == subscriber_rows.c.subscriber_id
    )
    columns = [one for one in suppression_rows.c if one.name != "suppression_id"]
    barred = connection.execute(select(*columns)).all()
    return sorted(connection.execute(joined).all(), key=str), sorted(barred, key=str)


def carry_over(source: Database, target: Database, house: House) -> None:
    """Both sheets out of one database and into the other."""
    people = "".join(stream_export(export_readers(source, None, MONDAY, by=COMMAND)))
    rows = export_suppressions(source, MONDAY, by=COMMAND)
    barred = read_suppressed(open_sheet("".join(stream_suppressed(rows))))
    read = (one for one in barred or () if isinstance(one, SuppressedRow))
    restore_suppressions(target, read, "x.csv", MONDAY, by=COMMAND)
    taken = Intake([open_sheet(encode(people))], UTC)
    stream = taken.stream_rows()
    while part := list(islice(stream, 2)):
        import_readers(
            target,
            house.app.works.register,
            part,
            newsletter_id=None,
            state=SubscriptionState.PENDING,
            source="x.csv",
            now=MONDAY,
        )
    assert taken.outline.problems == ()


def encode(sheet: str) -> bytes:
    """As a Japanese spreadsheet writes it, where it can and nobody could take it for UTF-8."""
    try:
        content = sheet.encode("cp932")
        content.decode("utf-8")
    except UnicodeEncodeError:
        return sheet.encode("utf-8")
    except UnicodeDecodeError:
        # Some characters, as the cent sign, come back from CP932 as another.
        return content if content.decode("cp932") == sheet else sheet.encode("utf-8")
    return sheet.encode("utf-8")


def test_an_export_makes_an_equal_database(
    open_house: Callable[[str], House], migrated_file: Path, tmp_path: Path
) -> None:
    house = open_house(TWO)
    run_pass(house.app.works, MONDAY - timedelta(days=1))
    target = house.app.works.database
    shutil.copyfile(migrated_file, tmp_path / "other.db")
    source = Database(f"sqlite:///{tmp_path / 'other.db'}")
    with source.writing() as connection:
        open_newsletter(connection, "weekly", MONDAY)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(readers(), max_size=5, unique_by=lambda one: one.address),
        st.lists(SUPPRESSED, max_size=3, unique_by=lambda one: one.address),
    )
    def survive(people: list[NewSubscription], barred: list[Suppression]) -> None:
        for database in (source, target):
            with database.writing() as connection:
                empty(connection)
        with source.writing() as connection:
            add_subscriptions(connection, people, MONDAY)
            suppressions.add_suppressions(connection, barred)
        carry_over(source, target, house)
        with source.reading() as one, target.reading() as other:
            assert list_everything(one) == list_everything(other)

    survive()
    source.close()
    with target.writing() as connection:
        empty(connection)


def empty(connection: Connection) -> None:
    names = ("notices", "batches", "past_consents", "subscriptions", "subscribers", "suppressions")
    for name in names:
        connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DELETE FROM kawaraban_jobs.procrastinate_jobs")


def list_files_naming(folder: Path, address: str) -> list[str]:
    sought = address.encode()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if sought in path.read_bytes().lower()]


def test_nothing_on_the_disk_names_an_erased_reader(week: Site) -> None:
    data = week.folder / "var"
    sheet = write(
        week,
        "more.csv",
        "email,name\n" + "".join(f"r{n}@example.jp,Reader {n}\n" for n in range(300)),
    )
    words = ("subscribers", "import", sheet, "--newsletter", "weekly", "--as", "confirmed")
    week.fine(*words)
    week.fine("subscribers", "add", "pending@example.jp", "--newsletter", "weekly")
    week.fine("suppressions", "add", "r7@example.jp", "--note", "asked by phone")
    week.fine("tick", "--at", SENT_ON)
    erased = ("hana@example.jp", "pending@example.jp", "r7@example.jp", "r250@example.jp")
    assert all(list_files_naming(data, one) for one in erased)
    for one in erased:
        week.fine("subscribers", "erase", one, "--yes")
    assert {one: list_files_naming(data, one) for one in erased} == {one: [] for one in erased}
    assert list_files_naming(data, "r8@example.jp")
    assert (data / "kawaraban.db").exists()
