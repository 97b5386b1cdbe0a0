"""The lists that providers keep of whom they do not write to, page by page as they publish them.

An entry in each has a number where its address should be: it cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.contract.providers.published import find_mistakes

Json = dict[str, Any]

UNREADABLE = "7 is not of type 'string'"


def find_page_mistakes(contract: Json, path: str, kind: str, name: str) -> set[str]:
    """Return what `contract` has against the pages of `kind` whose address holds `name`."""
    content = contract["paths"][path]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"]
    pages = [page for url, page in LISTS[kind]("http://127.0.0.1").items() if name in url]
    assert pages
    return {mistake for page in pages for mistake in find_mistakes(contract, schema, page)}


def list_mailgun(url: str) -> Json:
    base = "/v3/a.jp"

    def page(name: str, *addresses: object, after: str = "last") -> Json:
        words: Json = {
            "code": "550",
            "error": "5.1.1 gone",
            "created_at": "Thu, 11 Dec 2025 01:49:40 UTC",
        }
        words |= {"tags": ["*"]} if name == "unsubscribes" else {}
        here = dict.fromkeys(("first", "last", "previous"), f"{url}{base}/{name}")
        paging = here | {"next": f"{url}{base}/{name}?page={after}"}
        return {"items": [{"address": one, **words} for one in addresses], "paging": paging}

    first = {
        f"{base}/complaints?limit=100": page("complaints", "angry@a.jp"),
        f"{base}/bounces?limit=100": page("bounces", "gone@a.jp", "lost@a.jp", after="second"),
        f"{base}/bounces?page=second": page("bounces", "late@a.jp", 7),
        f"{base}/unsubscribes?limit=100": page("unsubscribes", "left@a.jp"),
    }
    ends = {f"{base}/{name}?page=last": page(name) for name in ("complaints", "bounces")}
    return first | ends | {f"{base}/unsubscribes?page=last": page("unsubscribes")}


def list_sendgrid(_url: str) -> Json:
    def page(*addresses: object) -> list[Json]:
        words = {"created": 1443651154, "reason": "550 gone", "status": "5.1.1", "ip": "10.0.0.1"}
        return [{"email": one, **words} for one in addresses]

    lists = {
        "spam_reports": [page("angry@a.jp")],
        "bounces": [page("gone@a.jp", "lost@a.jp"), page("late@a.jp", 7)],
        "invalid_emails": [page("typo@a.jp")],
        "unsubscribes": [page("left@a.jp")],
    }
    return _by_offset({f"/v3/suppression/{name}?": found for name, found in lists.items()})


def list_brevo(_url: str) -> Json:
    def entry(address: object, code: str) -> Json:
        reason = {"code": code, "message": "so it is"}
        blocked = {"senderEmail": "news@example.com", "blockedAt": "2025-05-01T12:30:00Z"}
        return {"email": address, "reason": reason, **blocked}

    listed = [
        [entry("angry@a.jp", "contactFlaggedAsSpam"), entry("gone@a.jp", "hardBounce")],
        [entry("left@a.jp", code) for code in ("unsubscribedViaMA", "unsubscribedViaEmail")],
        [entry("barred@a.jp", "adminBlocked"), entry(7, "hardBounce")],
    ]
    pages = [{"count": 6, "contacts": page} for page in listed]
    path = "/smtp/blockedContacts?sort=asc&"
    starts = [f"{path}limit=100&offset={start}" for start in (0, 2, 4, 6)]
    return dict(zip(starts, [*pages, {"count": 6}], strict=True))


def _by_offset(lists: Mapping[str, list[list[Json]]]) -> Json:
    answers: Json = {}
    for url, found in lists.items():
        start = 0
        for page in [*found, []]:
            answers[f"{url}limit=100&offset={start}"] = page
            start += len(page)
    return answers


def list_postmark(_url: str) -> Json:
    def answer(*found: tuple[object, str], reason: str) -> Json:
        when = {"CreatedAt": "2025-12-10T08:58:33-05:00", "SuppressionReason": reason}
        return {"Suppressions": [{"EmailAddress": one, "Origin": by, **when} for one, by in found]}

    by_reason = {
        "SpamComplaint": answer(("angry@a.jp", "Recipient"), reason="SpamComplaint"),
        "HardBounce": answer(("gone@a.jp", "Recipient"), (7, "Recipient"), reason="HardBounce"),
        "ManualSuppression": answer(
            *(("left@a.jp", "Recipient"), ("barred@a.jp", "Customer"), ("worse@a.jp", "Admin")),
            reason="ManualSuppression",
        ),
    }
    none = dict.fromkeys(by_reason, answer(reason=""))
    none["HardBounce"] = answer(("lost@a.jp", "Recipient"), reason="HardBounce")
    return {
        f"/message-streams/{stream}/suppressions/dump?SuppressionReason={name}": page
        for stream, found in (("broadcast", by_reason), ("outbound", none))
        for name, page in found.items()
    }


def list_resend(_url: str) -> Json:
    def entry(address: object, origin: str, number: int) -> Json:
        when = {"source_id": "e1", "created_at": "2025-10-06 23:47:56.678+00"}
        return {"id": f"e&{number}", "email": address, "origin": origin, **when}

    first = [entry("angry@a.jp", "complaint", 1), entry("gone@a.jp", "bounce", 2)]
    second = [entry("barred@a.jp", "manual", 3), entry(7, "bounce", 4)]
    path = "/suppressions?limit=100"
    return {
        path: {"object": "list", "has_more": True, "data": first},
        f"{path}&after=e%262": {"object": "list", "has_more": False, "data": second},
    }


def list_ses(_url: str) -> Json:
    def page(*found: tuple[object, str], **more: str) -> Json:
        entries = [
            {"EmailAddress": one, "Reason": why, "LastUpdateTime": 1.5e9} for one, why in found
        ]
        return {"SuppressedDestinationSummaries": entries, **more}

    path = "/v2/email/suppression/addresses?PageSize=100"
    first = page(("angry@a.jp", "COMPLAINT"), ("gone@a.jp", "BOUNCE"), NextToken="a+/=&b")
    return {path: first, f"{path}&NextToken=a%2B%2F%3D%26b": page((7, "BOUNCE"))}


LISTS: Mapping[str, Callable[[str], Json]] = {
    "brevo": list_brevo,
    "mailgun": list_mailgun,
    "postmark": list_postmark,
    "resend": list_resend,
    "sendgrid": list_sendgrid,
    "ses": list_ses,
}
