"""What the OpenAPI document says of the API beyond the shapes: for whoever writes a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from service.model.editor import Scope
from service.web.api.examples import REQUESTS
from service.web.api.problems import MEDIA_TYPE, Problem, write_example

ABOUT = """\
What the editors' desk does, for programs.

**Tokens.** Every request shows a token: `Authorization: Bearer kawaraban_…`. Each address needs one
scope, which `x-needs` and `security` name; a token may have several, and each stands for itself.

**Values.** Moments are ISO 8601 in UTC, such as `2026-11-21T23:00:00Z`; in a request they need an
offset. What is known by a number here is so in every answer. Readers' addresses stand in bodies
only, never in the address of a request.

**Lists** come a page at a time: hand `next` back as `cursor` until it is null.

**Errors** are problem details (RFC 9457, `application/problem+json`). `detail` says in English what
is wrong; `mistakes` name each place in the request, `needs` the scope that the token lacks.

**Editions.** A change names the `revision` that was seen, in the body or as `If-Match`; when
somebody else was quicker the answer is 409, and nothing has changed.

**Once.** `POST /editions` needs an `Idempotency-Key`: the same key with the same body is answered
as before, and nothing is made again."""

_SCOPES = {
    Scope.READ: "posts, editions, newsletters, feeds, status: never a reader's address",
    Scope.POSTS: "hold and release posts",
    Scope.EDITIONS: "arrange, hold, pause and cancel editions",
    Scope.SEND: "whatever lets mail leave",
    Scope.SUBSCRIBERS: "readers and suppressions, with their addresses",
    Scope.ADMIN: "editors, sessions, tokens, the log, webhooks, provider accounts",
}
TAGS: Mapping[str, str] = MappingProxyType(
    {
        "status": "What needs a person.",
        "newsletters": "What is due next, to how many, and how each newsletter grew.",
        "accounts": "Accounts at mail providers, and those that wait for a person.",
        "posts": "Posts, what the gate found in them, and an editor's word on them.",
        "files": "Files that are no post, and why.",
        "editions": "Editions: seen, arranged, approved, sent, stopped, and accounted for.",
        "corrections": "What a later edition says was wrong in an earlier one.",
        "unknown": "Batches of which nobody can say whether the provider took them.",
        "feeds": "What is published, how fresh it is, and who reads it.",
        "hubs": "Hubs that are told when a feed changes.",
        "subscribers": "Readers, with their addresses and their history.",
        "signups": "Sign-ups that wait for the mail that asks them to confirm.",
        "imports": "Lists of readers: looked through first, then brought in.",
        "suppressions": "Addresses that nothing is sent to.",
        "webhooks": "Services that are told what happens.",
        "editors": "Who may sign in at the desk.",
        "sessions": "Browsers that are signed in.",
        "tokens": "What programs show to use this API.",
        "audit": "What was done, and by whom.",
    }
)
_MEANINGS: Mapping[int, str] = MappingProxyType(
    {
        400: "The body cannot be read.",
        401: "No token, or none that counts.",
        403: "The token lacks the scope that `needs` names.",
        404: "There is no such thing, or no longer.",
        409: "The state of things does not permit it; `detail` says what does.",
        413: "The body is too large.",
        415: "The body is not what this address takes.",
        422: "The request asks for what cannot be; `mistakes` say where.",
        500: "A mistake of ours; nothing is known of what was done.",
        503: "The database does not answer; try again after `Retry-After`.",
    }
)
_HEADERS = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 503: "Retry-After"}


def describe_handler(handler: Callable[..., Any], needs: Scope) -> tuple[str, str]:
    """What an operation is called, and all of its docstring with the scope it needs."""
    text = inspect.getdoc(handler) or ""
    return text.partition("\n")[0].removesuffix("."), f"{text}\n\nNeeds the scope `{needs}`."


def describe_failure(status: int) -> dict[str, Any]:
    """An answer that is a problem."""
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": write_example(status),
    }
    described: dict[str, Any] = {
        "description": _MEANINGS.get(status, HTTPStatus(status).phrase),
        "content": {MEDIA_TYPE: content},
    }
    if status in _HEADERS:
        described["headers"] = {_HEADERS[status]: {"schema": {"type": "string"}}}
    return described


def complete_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document with problems, tokens, and an example for each body in JSON."""
    components = document["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    components["schemas"] |= components["schemas"]["Problem"].pop("$defs")
    components["securitySchemes"] = {"token": _describe_tokens()}
    document["tags"] = [{"name": name, "description": says} for name, says in TAGS.items()]
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content and operation["operationId"] in REQUESTS:
                content["application/json"]["example"] = REQUESTS[operation["operationId"]]
    return document


def _describe_tokens() -> dict[str, str]:
    scopes = "; ".join(f"{scope}: {what}" for scope, what in _SCOPES.items())
    return {"type": "http", "scheme": "bearer", "description": f"Scopes: {scopes}."}
