from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.audience.exchange import ImportRow
from service.audience.intake import Intake
from service.audience.origins import ORIGINS, choose_origin
from service.model.subscriber import SubscriptionState, SuppressionReason
from tests.fakes.paper import Taken, open_sheet, read_import, take

ACTIVE = SubscriptionState.ACTIVE
PENDING = SubscriptionState.PENDING
LEFT = SubscriptionState.UNSUBSCRIBED
BOUNCED = SuppressionReason.HARD_BOUNCE
COMPLAINED = SuppressionReason.COMPLAINT
BLOCKED = SuppressionReason.MANUAL

MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,'
    "CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,"
    "NOTES,TAGS"
)
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at"
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,"
    "deleted_at,labels,tiers"
)
SUBSTACK = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at"
BUTTONDOWN = "email,notes,metadata,tags,referrer_url,source,type,creation_date"
LISTED = f"{LISTMONK},subscription_status"
KIT = "first_name,email_address,state,created_at,tags"


def read(header: str, *rows: str) -> Taken:
    return read_import("\n".join([header, *rows]))


def stand(row: ImportRow) -> tuple[SubscriptionState | None, SuppressionReason | None]:
    return row.state, row.suppressed


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("mailchimp", MAILCHIMP),
        ("mailchimp", "Email Address,UNSUB_TIME,UNSUB_REASON,TAGS"),
        ("mailchimp", "Email Address,CLEAN_TIME,TAGS"),
        ("substack", SUBSTACK),
        ("ghost", GHOST),
        ("listmonk", LISTMONK),
        ("buttondown", BUTTONDOWN),
        ("kit", KIT),
        ("formspree", "_date,email,name,message"),
        ("kawaraban", "email,newsletter,state,consent_source,consent_text,consent_given_at"),
        ("plain", "email,name,state"),
        ("plain", "date,email"),
    ],
)
def test_a_service_is_known_by_its_columns(name: str, header: str) -> None:
    assert choose_origin(header.replace('"', "").split(",")).name == name


@pytest.mark.parametrize("name", list(ORIGINS))
def test_a_forced_service_reads_a_column_of_addresses_whatever_else_is_there(name: str) -> None:
    (row,) = read_import("foo,Email\n1,a@example.jp\n", origin=name).rows
    assert (row.address, *stand(row)) == ("a@example.jp", None, None)


def test_a_forced_service_finds_no_addresses_in_a_sheet_without_a_header() -> None:
    taken = read_import("a@example.jp\n", origin="mailchimp")
    assert (taken.rows, len(taken.problems)) == ((), 1)


def test_mailchimp_shows_who_confirmed_by_a_time_after_the_sign_up() -> None:
    signed, later = '"2024-03-14 09:12:31"', '"2024-03-14 09:14:00"'
    tags = '"""銭湯"",""a, b"""'
    taken = read(
        MAILCHIMP,
        f"a@x.jp,Ada,Lovelace,4,{signed},10.0.0.1,{later},10.0.0.1,,,,,Asia/Tokyo,JP,,{later},1,e1,,{tags}",
        f"b@x.jp,,,2,{signed},,{signed},,,,,,,,,{signed},2,e2,,",
        f"c@x.jp,,,2,,,{signed},,,,,,,,,{signed},3,e3,,",
    )
    assert [stand(row) for row in taken.rows] == [(ACTIVE, None), (None, None), (None, None)]
    ada = taken.rows[0]
    assert (ada.name, ada.tags, ada.timezone) == ("Ada Lovelace", ("銭湯", "a, b"), None)
    assert ada.created_at == ada.consent_given_at == datetime(2024, 3, 14, 9, 12, 31, tzinfo=UTC)
    assert ada.confirmed_at == datetime(2024, 3, 14, 9, 14, tzinfo=UTC)
    assert ada.consent_source == "Mailchimp"


def test_mailchimp_keeps_who_left_and_who_was_cleaned_in_sheets_of_their_own() -> None:
    at = datetime(2024, 5, 1, 8, tzinfo=UTC)
    (left,) = read("Email Address,UNSUB_TIME\n", "a@x.jp,2024-05-01 08:00:00").rows
    assert (*stand(left), left.ended_at) == (LEFT, None, at)
    (cleaned,) = read("Email Address,CLEAN_TIME\n", "b@x.jp,2024-05-01 08:00:00").rows
    assert (*stand(cleaned), cleaned.suppressed_at) == (None, BOUNCED, at)
    assert cleaned.suppressed_note == "Mailchimp: bounced"


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("subscribed_members_export_1.csv", (None, None)),
        ("unsubscribed_email_audience_export_1.csv", (LEFT, None)),
        ("cleaned_members_export_1.csv", (None, BOUNCED)),
        ("nonsubscribed_email_audience_export_1.csv", None),
    ],
)
def test_mailchimp_says_the_rest_by_the_name_of_the_file(
    name: str, stands: tuple[object, object] | None
) -> None:
    taken = take(Intake([open_sheet("Email Address,LEID,EUID\na@x.jp,1,e\n", name)], UTC))
    assert [stand(row) for row in taken.rows] == ([stands] if stands else [])
    assert taken.strangers == (stands is None)


@pytest.mark.parametrize(
    ("header", "row", "stands"),
    [
        (SUBSTACK, "a@x.jp,true,,yearly,false,2024-05-01T08:00:00.000Z,", (None, None)),
        (SUBSTACK, "a@x.jp,false,,other,true,2024-05-01T08:00:00.000Z,", (LEFT, None)),
        (GHOST, "6,a@x.jp,Ada,,true,,,2024-05-01T08:00:00.000Z,,,", (None, None)),
        (GHOST, "6,a@x.jp,Ada,,false,,,2024-05-01T08:00:00.000Z,,,", (LEFT, None)),
        (GHOST, "6,a@x.jp,,,true,,,2024-05-01T08:00:00Z,2024-06-01T08:00:00Z,,", (LEFT, None)),
        (LISTMONK, "u,a@x.jp,Ada,{},enabled,2024-05-01 08:00:00 +0000 UTC,", (None, None)),
        (LISTMONK, "u,a@x.jp,Ada,{},enabled,2024-05-01 17:00:00 +0900 JST,", (None, None)),
        (LISTMONK, "u,a@x.jp,Ada,{},disabled,2024-05-01 08:00:00.00 +0000 +0000,", (LEFT, None)),
        (LISTMONK, "u,a@x.jp,Ada,,blocklisted,2024-05-01 08:00:00 +0000 UTC,", (None, BLOCKED)),
        (LISTED, "u,a@x.jp,A,,enabled,2024-05-01T08:00:00Z,,confirmed", (ACTIVE, None)),
        (LISTED, "u,a@x.jp,A,,enabled,2024-05-01T08:00:00Z,,unsubscribed", (LEFT, None)),
        (BUTTONDOWN, "a@x.jp,,,,,,regular,2024-05-01T08:00:00Z", (None, None)),
        (BUTTONDOWN, "a@x.jp,,,,,,unactivated,2024-05-01T08:00:00Z", (PENDING, None)),
        (BUTTONDOWN, "a@x.jp,,,,,,removed,2024-05-01T08:00:00Z", (LEFT, None)),
        (BUTTONDOWN, "a@x.jp,,,,,,undeliverable,2024-05-01T08:00:00Z", (None, BOUNCED)),
        (BUTTONDOWN, "a@x.jp,,,,,,complained,2024-05-01T08:00:00Z", (None, COMPLAINED)),
        (KIT, "Ada,a@x.jp,active,2024-05-01 08:00:00 UTC,", (None, None)),
        (KIT, "Ada,a@x.jp,inactive,2024-05-01T08:00:00Z,", (PENDING, None)),
        (KIT, "Ada,a@x.jp,cancelled,2024-05-01T08:00:00Z,", (LEFT, None)),
        (KIT, "Ada,a@x.jp,bounced,2024-05-01T08:00:00Z,", (None, BOUNCED)),
        (KIT, "Ada,a@x.jp,complained,2024-05-01T08:00:00Z,", (None, COMPLAINED)),
        ("_date,email,_subject", "2024-05-01T08:00:00.000Z,a@x.jp,hi", (None, None)),
    ],
)  # fmt: skip
def test_how_somebody_stands_with_another_service(
    header: str, row: str, stands: tuple[object, object]
) -> None:
    taken = read(header, row)
    assert taken.problems == ()
    (found,) = taken.rows
    assert stand(found) == stands
    assert found.created_at == found.consent_given_at == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert found.address == "a@x.jp"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (GHOST, '6,a@x.jp,,,true,,,,,"VIP, 銭湯",'),
        (LISTMONK, 'u,a@x.jp,,"{""tags"": [""VIP"", ""銭湯""], ""city"": ""Edo""}",enabled,,'),
        (BUTTONDOWN, "a@x.jp,,,\"['VIP', '銭湯']\",,,regular,"),
        (KIT, 'Ada,a@x.jp,active,,"VIP, 銭湯"'),
    ],
)
def test_tags_of_another_service_are_read(header: str, row: str) -> None:
    assert [one.tags for one in read(header, row).rows] == [("VIP", "銭湯")]


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        (LISTMONK, "u,a@x.jp,,{,enabled,,", "attributes: it must be JSON"),
        (LISTMONK, "u,a@x.jp,,,lost,,", "status: it must be one of enabled"),
        (GHOST, "6,a@x.jp,,,perhaps,,,,,,", "subscribed_to_emails: it must be one of"),
        (KIT, "Ada,a@x.jp,CA,,", "state: it must be one of active"),
    ],
)
def test_what_a_service_never_says_is_reported_and_not_guessed(
    header: str, row: str, reason: str
) -> None:
    (problem,) = read(header, row).problems
    assert problem.line == 2
    assert problem.reason.startswith(reason)
