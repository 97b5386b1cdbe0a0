from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from service.membership import complete_erasures, forget_unconfirmed, sign_up
from service.membership.forgetting import KEEP_FOR
from service.model.edition import Rendered
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent, SubscriptionState, SuppressionReason
from service.store.address_changes import ask_for_change
from service.store.consents import renew_subscription
from service.store.database import Database
from service.store.new_subscriptions import NewSubscription
from service.store.news import open_newsletter
from service.store.notices import Notice, plan_notice
from service.store.signups import count_domains
from service.store.subscribers import find_subscriber_ids
from service.store.subscription_states import activate_subscription
from service.store.suppressions import Suppression, add_suppression, list_suppressions
from service.store.tables import notices, subscribers, subscriptions
from tests.fakes.world import NOON, add_readers, subscribe

FORM = Consent("form footer: https://example.jp/", "毎週月曜に届きます", NOON)
LATER = NOON + KEEP_FOR + timedelta(seconds=1)


def ask(address: str, consent: Consent = FORM, newsletter_id: str = "weekly") -> NewSubscription:
    wanted = subscribe(address, state=SubscriptionState.PENDING)
    return replace(wanted, consent=consent, newsletter_id=newsletter_id)


def list_kept(database: Database, now: datetime) -> set[str | None]:
    """The addresses that are there still, once everything due is forgotten."""
    forget_unconfirmed(database, now)
    complete_erasures(database)
    with database.reading() as connection:
        return set(connection.execute(select(subscribers.c.address)).scalars())


def test_whoever_never_confirmed_is_forgotten_after_a_month_without_a_trace(
    database: Database,
) -> None:
    add_readers(database, [ask("a@x.jp")])
    with database.writing() as connection:
        rendered = Rendered("subject", "", "<p>a@x.jp</p>", "a@x.jp")
        notice = Notice("confirm", "weekly", "a@x.jp", NOON.date(), rendered)
        plan_notice(connection, notice, account="fake", key_prefix="kb", now=NOON)
    assert list_kept(database, NOON + KEEP_FOR) == {"a@x.jp"}
    assert list_kept(database, LATER) == {None}
    with database.reading() as connection:
        [kept] = connection.execute(select(subscriptions)).mappings()
        assert (kept["consent_source"], kept["consent_text"], kept["topics"]) == ("", "", "")
        assert kept["state"] == SubscriptionState.UNSUBSCRIBED
        assert connection.execute(select(notices.c.address)).all() == []
        assert list_suppressions(connection) == []
    add_readers(database, [ask("a@x.jp")])
    assert find_state(database, "a@x.jp") == SubscriptionState.PENDING


def find_state(database: Database, address: str) -> str:
    with database.reading() as connection:
        reader = find_subscriber_ids(connection, [address])[address]
        query = select(subscriptions.c.state).where(subscriptions.c.subscriber_id == reader)
        return str(connection.execute(query).scalar_one())


def test_nobody_else_is_forgotten(database: Database) -> None:
    with database.writing() as connection:
        open_newsletter(connection, "times", NOON)
    imported = Consent("import: readers.csv, 2025-10-13", "", NOON)
    formspree = Consent("Formspree", "", NOON)
    late = replace(FORM, given_at=NOON + timedelta(days=1))
    kept = [
        subscribe("active@x.jp"),
        replace(subscribe("left@x.jp", state=SubscriptionState.UNSUBSCRIBED), consent=FORM),
        ask("imported@x.jp", imported),
        ask("brought@x.jp", formspree),
        ask("late@x.jp", late),
        ask("asked-again@x.jp"),
        ask("asked-again@x.jp", late, "times"),
        ask("reads-another@x.jp"),
        replace(subscribe("reads-another@x.jp"), newsletter_id="times", consent=FORM),
        ask("imported-for-another@x.jp"),
        ask("imported-for-another@x.jp", imported, "times"),
    ]
    others = [ask("moved@x.jp"), ask("bounced@x.jp")]
    add_readers(database, [*others, *kept])
    [returning] = add_readers(database, [ask("came-back@x.jp")])
    with database.writing() as connection:
        activate_subscription(connection, returning, NOON)
        renew_subscription(connection, returning, ask("came-back@x.jp"))
        moved = find_subscriber_ids(connection, ["moved@x.jp"])["moved@x.jp"]
        ask_for_change(connection, moved, "moved@x.jp", "new@x.jp", NOON)
        reason = SuppressionReason.HARD_BOUNCE
        add_suppression(connection, Suppression("bounced@x.jp", None, reason, "", NOON))
    addresses = {one.address for one in (*others, *kept)}
    assert list_kept(database, LATER) == addresses | {"came-back@x.jp"}


def test_a_sign_up_that_could_never_be_answered_is_dropped_after_a_month(
    database: Database,
) -> None:
    one = Signup("a@x.jp", "weekly", Cadence.WEEKLY, (), "ja", None, FORM, "")
    sign_up(database, [one], "")
    forget_unconfirmed(database, NOON + KEEP_FOR)
    with database.reading() as connection:
        assert count_domains(connection, 9) == [("x.jp", 1)]
    forget_unconfirmed(database, LATER)
    with database.reading() as connection:
        assert count_domains(connection, 9) == []
