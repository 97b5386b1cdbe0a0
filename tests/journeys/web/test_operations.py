from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.audience.tokens import Purpose
from service.model.editor import COMMAND
from service.model.feed import FeedSettings
from service.model.webhook import WebhookEvent
from service.store.pings import HubHealth, Ping, ask_pings, record_hub_failure
from service.store.webhook_messages import record_event
from service.store.webhooks import stop_webhook
from service.webhooks import add_webhook
from tests.unit.web.conftest import NOW, Browser, Furnish, House


def read_metrics(client: Browser) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_a_living_process_says_so(shared: Browser) -> None:
    answer = shared.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"


def test_a_service_that_can_work_is_ready(shared: Browser) -> None:
    answer = shared.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"database": "ok", "schema": "ok", "scan": "ok"},
    }


@pytest.mark.parametrize(("late", "status"), [(299, 200), (300, 200), (301, 503)])
def test_a_clock_that_stands_still_makes_it_unready(
    furnish: Furnish, late: int, status: int
) -> None:
    house = furnish(clock=lambda: NOW + timedelta(seconds=late))
    with house.open() as client:
        assert client.get("/readyz").status_code == status


def test_a_process_without_a_clock_is_not_judged_by_its_scans(furnish: Furnish) -> None:
    house = furnish(clock=lambda: NOW + timedelta(days=9), scan_within=None)
    with house.open() as client:
        assert client.get("/readyz").json()["checks"] == {"database": "ok", "schema": "ok"}


def lose_schema(house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def lose_scan(house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("UPDATE installation SET last_scan_at = NULL")


def lose_table(house: House) -> None:
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE installation RENAME TO elsewhere")


@pytest.mark.parametrize(
    ("lose", "check", "says"),
    [
        (lose_schema, "schema", "does not fit: run kawaraban migrate"),
        (lose_scan, "scan", "too long ago"),
        (lose_table, "database", "does not answer"),
    ],
)
def test_what_stands_in_the_way_is_named(
    client: Browser, house: House, lose: Callable[[House], None], check: str, says: str
) -> None:
    lose(house)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["ready"], answer.json()["checks"][check]) == (False, says)
    assert client.get("/healthz").status_code == 200


def test_everything_is_counted(shared: Browser) -> None:
    metrics = read_metrics(shared)
    assert metrics['kawaraban_subscriptions{state="active"}'] == 1
    assert metrics['kawaraban_notices{state="planned"}'] == 1
    assert metrics['kawaraban_batches{state="planned"}'] == 1
    assert metrics['kawaraban_batches{state="unknown"}'] == 0
    assert metrics['kawaraban_deliveries{state="accepted"}'] == 0
    assert metrics['kawaraban_editions{state="frozen"}'] == 0
    assert metrics['kawaraban_files{verdict="draft"}'] == 1
    assert metrics['kawaraban_files{verdict="not a post"}'] == 0
    assert metrics["kawaraban_published_files"] == 19
    assert metrics["kawaraban_send_held"] == 0
    assert metrics["kawaraban_last_scan_age_seconds"] == 0


def test_counts_follow_what_happens(house: House, client: Browser) -> None:
    client.post(f"/confirm/{house.sign(Purpose.CONFIRM, 'pending')}")
    assert read_metrics(client)['kawaraban_subscriptions{state="active"}'] == 2


def test_no_address_is_among_the_metrics(shared: Browser) -> None:
    assert not re.search("@|example", shared.get("/metrics").text)


def test_metrics_are_for_this_network_alone(house: House) -> None:
    for peer, status in (("127.0.0.1", 200), ("10.1.2.3", 200), ("8.8.8.8", 404), ("x", 404)):
        with house.open((peer, 50000)) as client:
            assert client.get("/metrics").status_code == status
            passed_on = client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
            assert passed_on.status_code == 404


def test_hubs_and_what_aggregators_state_are_counted(house: House) -> None:
    hub = "https://hub.example/"
    feeds = replace(house.parts.feeds, settings=FeedSettings(hubs=(hub,)))
    house = House(replace(house.parts, feeds=feeds))
    with house.open() as client:
        client.get("/feed.xml", headers={"User-Agent": "Feedbin feed-id:1 - 12 subscribers"})
        client.get("/feed.xml", headers={"User-Agent": 'x" } 9 (9 subscribers)'})
    with house.parts.database.writing() as connection:
        ask_pings(connection, [Ping(hub, "https://kawara.example/feed.xml", 1, NOW)])
        record_hub_failure(connection, HubHealth(hub), "it answered 503", NOW, NOW)
    with house.open() as client:
        metrics = read_metrics(client)
    assert metrics[f'kawaraban_pings{{hub="{hub}"}}'] == 1
    assert metrics[f'kawaraban_hub_failures{{hub="{hub}"}}'] == 1
    stated = {name: count for name, count in metrics.items() if "feed_readers" in name}
    assert stated == {'kawaraban_feed_readers{aggregator="Feedbin",feed="/feed.xml"}': 12}


def test_webhooks_and_what_waits_for_them_are_counted(house: House) -> None:
    database = house.parts.database
    ring = house.parts.register.key_ring
    for name in ("a", "b"):
        url, events = f"https://{name}.example/", ["edition.sent"]
        add_webhook(database, ring, url, events, by=COMMAND, now=NOW)
    with database.writing() as connection:
        record_event(connection, WebhookEvent.EDITION_SENT, {}, NOW)
        stop_webhook(connection, 1, "it answered 410", NOW)
    with house.open() as client:
        metrics = read_metrics(client)
    assert metrics['kawaraban_webhooks{state="stopped"}'] == 1
    assert metrics['kawaraban_webhooks{state="well"}'] == 1
    assert metrics["kawaraban_webhook_messages"] == 2
