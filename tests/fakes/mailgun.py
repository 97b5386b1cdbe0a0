"""Mailgun's messages endpoint: its form, its merging, its documented answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, ClassVar
from urllib.parse import parse_qs

from tests.fakes.http_provider import FakeApi, Json

API_KEY = "test-key"

_RATE_WORDS = (
    "Domain example.com is not allowed to send: account-requests-per-sec limit exceeded, "
    "try again after 120 seconds"
)
_MARK = re.compile(r"%[A-Za-z_][A-Za-z0-9_.:-]*%")
_BUILT_IN_LINKS = ("unsubscribe_url", "tag_unsubscribe_url", "mailing_list_unsubscribe_url")


class FakeMailgun(FakeApi):
    """POST /v3/{domain}/messages."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "400": {"status": 400, "json": {"message": "to parameter is not a valid address: a@b"}},
        "400-from": {
            "status": 400,
            "json": {"message": "'from' parameter is not a valid address. please check"},
        },
        "400-quoted": {
            "status": 400,
            "json": {"message": "'to' parameter is not a valid address. please check"},
        },
        "400-account": {
            "status": 400,
            "json": {"message": "Domain example.com is not allowed to send: account disabled"},
        },
        "401": {"status": 401, "body": "Forbidden", "headers": {"Content-Type": "text/plain"}},
        "401-json": {"status": 401, "json": "Forbidden"},
        "402": {"status": 402, "json": {"message": "Request failed"}},
        "403": {"status": 403, "json": {"message": "Access denied"}},
        "404": {"status": 404, "json": {"message": "Domain not found: example.com"}},
        "413": {"status": 413, "body": "<h1>413 Request Entity Too Large</h1>"},
        "429": {"status": 429, "json": {"message": "Too many requests"}},
        "429-words": {"status": 429, "json": {"message": _RATE_WORDS}},
        "429-seconds": {
            "status": 429,
            "json": {"message": "Too many requests"},
            "headers": {"Retry-After": "17"},
        },
        "429-date": {
            "status": 429,
            "json": {"message": "Too many requests"},
            "headers": {
                "Date": "Mon, 20 Oct 2025 00:00:00 GMT",
                "Retry-After": "Mon, 20 Oct 2025 00:05:00 GMT",
            },
        },
        "500": {"status": 500, "json": {"message": "Internal Server Error"}},
    }

    def takes(self, path: str) -> bool:
        return re.fullmatch(r"/v3/[^/]+/messages", path) is not None

    def answer_elsewhere(self) -> Json:
        return {"status": 200, "body": "Mailgun Magnificent API"}

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        expected = base64.b64encode(f"api:{API_KEY}".encode()).decode()
        is_known = headers.get("authorization") == f"Basic {expected}"
        return None if is_known else self.behaviours["401"]

    def read(self, headers: Mapping[str, str], body: bytes) -> Json:
        return {"fields": parse_form(headers["Content-Type"], body)}

    def expand(self, request: Json) -> list[Json]:
        return expand(request["fields"])

    def answer_question(self, path: str, headers: Mapping[str, str]) -> Json:
        """GET /v3/{domain}/events: a page of what was accepted under a tag."""
        found = re.fullmatch(r"(/v3/[^/]+/events)(?:/([0-9]+)/(.+)|\?(.+))", path)
        if found is None:
            return {"status": 404, "json": {"message": "not found"}}
        if objection := self.find_objection(headers):
            return objection
        asked = parse_qs(found[4]) if found[4] else {"tags": [found[3]], "limit": ["100"]}
        tag, size = asked["tags"][0], int(asked["limit"][0])
        first = int(found[2] or 0)
        items = self._list_accepted(tag)[first : first + size]
        here = f"http://{headers['host']}{found[1]}"
        paging = {"next": f"{here}/{first + size}/{tag}", "previous": here}
        return {"status": 200, "json": {"items": items, "paging": paging}}

    def _list_accepted(self, tag: str) -> list[Json]:
        taken = [one for one in self.ledger.requests if one["accepted"]]
        return [
            {
                "event": "accepted",
                "recipient": address,
                "tags": [tag],
                "message": {"headers": {"message-id": f"{number}@mailgun.example"}},
            }
            for number, request in enumerate(taken, start=1)
            if ("o:tag", tag) in [tuple(field) for field in request["fields"]]
            for address in dict(request["fields"])["to"].split(",")
        ]

    def confirm(self, request: Json) -> Json:
        number = len(self.ledger.requests)
        answer = {"id": f"<{number}@mailgun.example>", "message": "Queued. Thank you."}
        return {"status": 200, "json": answer}


def parse_form(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a multipart/form-data body in order."""
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = []
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        fields.append((str(name), payload.decode("utf-8")))
    return fields


def expand(fields: list[tuple[str, str]]) -> list[Json]:
    """Return one mail a recipient, its own values merged wherever a mark stands."""
    form = dict(fields)
    variables: dict[str, dict[str, Any]] = json.loads(form.get("recipient-variables", "{}"))
    addresses = [address.strip() for address in form["to"].split(",")]
    merged = {"from", "subject", "text", "html"}
    return [
        {
            "to": address if "recipient-variables" in form else form["to"],
            "headers": [
                [name[2:], _merge(value, address, variables)]
                for name, value in fields
                if name.startswith("h:")
            ],
            **{name: _merge(form.get(name, ""), address, variables) for name in sorted(merged)},
        }
        for address in addresses
    ]


def _merge(content: str, address: str, variables: dict[str, dict[str, Any]]) -> str:
    """Return `content` merged, or a complaint where it would depend on how that is done.

    Nobody outside knows whether Mailgun replaces its marks one after the other or in one pass,
    so a request must come out the same either way.
    """
    built_in = {f"%{name}%": "https://mailgun.example/u" for name in _BUILT_IN_LINKS}
    built_in |= {"%recipient%": address, "%recipient_email%": address}
    own = {f"%recipient.{key}%": str(value) for key, value in variables.get(address, {}).items()}
    replaced = content
    for mark, value in (*built_in.items(), *own.items(), *built_in.items()):
        replaced = replaced.replace(mark, value)
    scanned = _MARK.sub(lambda found: (own | built_in).get(found[0], found[0]), content)
    return scanned if scanned == replaced else f"AMBIGUOUS: {scanned} / {replaced}"
