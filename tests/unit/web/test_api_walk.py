"""Whatever the desk does, the API does: every route of the desk against the operations for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import Mount

from service.app import build_doors
from service.web.api.api import ROOT
from service.web.api.document import TAGS
from service.web.api.examples import REQUESTS
from tests.fakes.house import WEEKLY, House
from tests.fakes.routes import list_routes, unwrap

ONE = "/desk/editions/{edition_id}"
READER = "/desk/readers/{reader_id}"
LIST = "/desk/readers/lists/{list_id}"
WEBHOOK = "/desk/settings/webhooks/{webhook_id}"

DONE = {
    "GET /desk": "show_status list_accounts list_newsletters list_editions show_readership",
    "POST /desk/accounts/resume": "resume_account",
    "GET /desk/posts": "list_posts list_files",
    "GET /desk/posts/{post_id}": "show_post show_story show_changes",
    "GET /desk/posts/{post_id}/preview": "show_text",
    "POST /desk/posts/release-mass": "release_mass",
    "POST /desk/posts/chosen": "handle_posts",
    "POST /desk/posts/{post_id}/hold": "hold_post",
    "POST /desk/posts/{post_id}/release": "release_post",
    "GET /desk/editions": "list_editions list_newsletters",
    "GET /desk/editions/new": "list_newsletters list_posts",
    "POST /desk/editions/new": "foresee_edition make_edition",
    f"GET {ONE}": "show_edition list_events list_corrections list_unknown show_unknown",
    f"GET {ONE}/preview": "show_variant",
    f"GET {ONE}/preview/{{number}}": "show_variant",
    f"GET {ONE}/add": "list_posts",
    f"POST {ONE}/add": "add_post",
    f"POST {ONE}/order": "order_posts",
    f"POST {ONE}/leave-out": "leave_out",
    f"POST {ONE}/take-back": "take_back",
    f"POST {ONE}/words": "set_words",
    f"POST {ONE}/approve": "approve_edition",
    f"POST {ONE}/schedule": "schedule_edition",
    f"POST {ONE}/send": "send_edition",
    f"POST {ONE}/hold": "hold_edition",
    f"POST {ONE}/pause": "pause_edition",
    f"POST {ONE}/resume": "resume_edition",
    f"POST {ONE}/cancel": "cancel_edition",
    f"POST {ONE}/retry": "retry_edition",
    f"POST {ONE}/test": "test_edition",
    f"POST {ONE}/corrections": "add_correction",
    f"POST {ONE}/corrections/{{correction_id}}/withdraw": "withdraw_correction",
    f"POST {ONE}/unknown/{{batch_id}}/settle": "settle_unknown",
    f"GET {ONE}/progress": "show_progress",
    "GET /desk/readers": "list_subscribers show_readership list_signups",
    "POST /desk/readers/search": "search_subscribers find_subscriber",
    "POST /desk/readers/export": "export_subscribers",
    "POST /desk/readers/waiting/let-go": "let_signups_go",
    "POST /desk/readers/waiting/drop": "drop_signups",
    "POST /desk/readers/add": "add_subscriber",
    "GET /desk/readers/lists": "list_imports",
    "POST /desk/readers/lists": "upload_list",
    f"GET {LIST}": "show_import",
    f"GET {LIST}/mistakes.csv": "show_import",
    f"POST {LIST}/import": "bring_in_list",
    f"POST {LIST}/drop": "drop_list",
    "GET /desk/readers/suppressions": "list_suppressions",
    "POST /desk/readers/suppressions/search": "find_suppression",
    "POST /desk/readers/suppressions": "add_suppression",
    "POST /desk/readers/suppressions/remove": "remove_suppression",
    f"GET {READER}": "show_subscriber list_subscriber_editions",
    f"GET {READER}/outlook": "show_outlook",
    f"POST {READER}/add": "add_subscriber",
    f"POST {READER}/leave": "end_subscription remove_subscriber",
    f"POST {READER}/confirm": "ask_subscriber_again",
    f"POST {READER}/link": "show_link",
    f"POST {READER}/erase": "erase_subscriber",
    f"GET {READER}/choices": "show_subscriber",
    f"POST {READER}/choices": "change_subscription pause_subscriber",
    "GET /desk/feeds": "list_feeds show_remarks list_hubs",
    "GET /desk/settings": "list_editors list_sessions",
    "POST /desk/settings": "change_editor",
    "POST /desk/settings/sessions/{session_id}/end": "end_session",
    "GET /desk/settings/editors": "list_editors list_sessions",
    "POST /desk/settings/editors": "add_editor",
    "POST /desk/settings/editors/{editor_id}/role": "change_editor",
    "POST /desk/settings/editors/{editor_id}/remove": "remove_editor",
    "GET /desk/settings/tokens": "list_tokens",
    "POST /desk/settings/tokens": "issue_token",
    "POST /desk/settings/tokens/{token_id}/revoke": "revoke_token",
    "GET /desk/settings/log": "list_actions",
    "GET /desk/settings/webhooks": "list_webhooks",
    "POST /desk/settings/webhooks": "add_webhook",
    f"GET {WEBHOOK}": "show_webhook",
    f"POST {WEBHOOK}/secret": "show_secret",
    f"POST {WEBHOOK}/rotate": "rotate_webhook",
    f"POST {WEBHOOK}/test": "test_webhook",
    f"POST {WEBHOOK}/start": "start_webhook",
    f"POST {WEBHOOK}/remove": "remove_webhook",
    f"POST {WEBHOOK}/messages/{{message_id}}/again": "redeliver_message",
}
"""What each route of the desk shows or does, and the operations by which a program has it."""

APART = {
    "GET /desk/sign-in": "a token is shown with each request instead",
    "POST /desk/sign-in": "a token is shown with each request instead",
    "GET /desk/sign-in/{token}": "a token is shown with each request instead",
    "POST /desk/sign-in/{token}": "a token is shown with each request instead",
    "POST /desk/sign-out": "a token is revoked instead, a browser's session ended",
    "GET /desk/approve/{token}": "the mailed link of one editor; a program approves or holds",
    "POST /desk/approve/{token}": "the mailed link of one editor; a program approves or holds",
    "GET /desk/readers/add": "an empty form",
    f"GET {READER}/erase": "a question before the button",
    "GET /desk/outbox": "mail laid down as files, for whoever tries it out",
    "GET /desk/outbox/{folder}/{file}": "mail laid down as files, for whoever tries it out",
    "GET /desk/outbox/{folder}/{file}/html": "mail laid down as files, for whoever tries it out",
}
"""What programs have no use for, and why."""


@dataclass(frozen=True)
class Doors:
    """The routes behind the doors of a house."""

    desk: frozenset[str]
    operations: dict[str, APIRoute]


@pytest.fixture(scope="module")
def doors(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    site = tmp_path_factory.mktemp("site")
    (site / "var").mkdir()
    shutil.copyfile(migrated_file, site / "var" / "kawaraban.db")
    house = House(site, WEEKLY)
    app = unwrap(build_doors(house.app, host="127.0.0.1", scan_within=None))
    api = next(one.app for one in app.routes if isinstance(one, Mount) and one.path == ROOT)
    assert isinstance(api, FastAPI)
    yield Doors(
        frozenset(
            f"{method} {route.path}"
            for route in list_routes(app)
            for method in (route.methods or set()) - {"HEAD"}
            if route.path.startswith("/desk")
        ),
        {route.unique_id: route for route in list_routes(api) if route.include_in_schema},
    )
    house.app.close()


def test_every_route_of_the_desk_has_its_operations_or_a_reason(doors: Doors) -> None:
    assert not DONE.keys() & APART.keys()
    assert sorted(doors.desk) == sorted({**DONE, **APART})


def test_every_operation_named_for_the_desk_is_there(doors: Doors) -> None:
    named = {name for names in DONE.values() for name in names.split()}
    assert named - doors.operations.keys() == set()


def test_every_operation_does_something_of_the_desk_or_looks_at_it(doors: Doors) -> None:
    named = {name for names in DONE.values() for name in names.split()}
    assert doors.operations.keys() - named == {"show_newsletter"}


def test_every_body_in_json_has_an_example_that_fits(doors: Doors) -> None:
    taking = {
        name: one.body_field.field_info.annotation
        for name, one in doors.operations.items()
        if one.body_field
    }
    assert sorted(taking) == sorted(REQUESTS)
    for name, shape in taking.items():
        assert shape is not None
        TypeAdapter(shape).validate_python(REQUESTS[name])


def test_every_operation_says_what_it_does_in_a_line_under_a_known_heading(doors: Doors) -> None:
    for name, route in doors.operations.items():
        assert route.summary, name
        assert len(route.summary) < 100, name
        assert not route.summary.endswith("."), name
    assert {tag for route in doors.operations.values() for tag in route.tags} == TAGS.keys()
