"""The door of those who host repositories: they say that somebody pushed, signed by a secret.

All that it does is to note that a pull is asked for, so a hook that is repeated, by whomever, is
harmless. How they sign:
GitHub    X-Hub-Signature-256: "sha256=" and the HMAC of the body in hex
Gitea     X-Gitea-Signature: the same HMAC in hex alone; Forgejo sends it as well
GitLab    X-Gitlab-Token: the secret itself
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from service.model.source import GitSource
from service.store.pulls import ask_pull
from service.web.parts import WebParts
from service.web.security import PRIVATE, PUSH_HOOK

log = structlog.get_logger(__name__)

_MOST_READ = 2_000_000
"""Bytes of a body that are looked into; longer ones are signed like the others, and believed."""

_EVENTS = ("x-github-event", "x-gitea-event", "x-gitlab-event")
_PUSHES = {"push", "push hook", "system hook"}


@dataclass(frozen=True, slots=True)
class Knock:
    """One request: the HMAC of its whole body, hex, and the body, or "" when it is very long."""

    headers: Headers
    digest: str
    body: bytes


class PushHook:
    """Takes the word of the repository's host that there is something to pull."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    def routes(self) -> APIRouter:
        """Where it lives."""
        router = APIRouter()
        router.add_api_route(PUSH_HOOK, self.take, methods=["POST"])
        return router

    async def take(self, request: Request) -> Response:
        """202 when a pull will follow, 200 when there is nothing to pull, 403 without a proof."""
        source = self._parts.source
        if source is None or not source.push_secret:
            raise HTTPException(404)
        knock = await _read_knock(request, source.push_secret.encode())
        if not is_signed(knock, source.push_secret):
            log.warning("a push hook was refused", reason="no signature of KAWARABAN_PUSH_SECRET")
            return _answer("the signature is not of KAWARABAN_PUSH_SECRET", 403)
        why_not = find_why_not(knock, source)
        if why_not:
            return _answer(why_not, 200)
        await run_in_threadpool(self._ask, source)
        return _answer("will be pulled", 202)

    def _ask(self, source: GitSource) -> None:
        with self._parts.database.writing() as connection:
            ask_pull(connection, source.name, self._parts.clock())
        if self._parts.on_push is not None:
            self._parts.on_push()


def is_signed(knock: Knock, secret: str) -> bool:
    """Whether the request proves that its sender knows the secret."""
    headers, digest = knock.headers, knock.digest
    proofs = (
        (headers.get("x-hub-signature-256"), f"sha256={digest}"),
        (headers.get("x-gitea-signature"), digest),
        (headers.get("x-gitlab-token"), secret),
    )
    return any(
        given is not None and hmac.compare_digest(given.encode(), wanted.encode())
        for given, wanted in proofs
    )


def find_why_not(knock: Knock, source: GitSource) -> str:
    """Why nothing is to be pulled for a signed request, "" when something is."""
    events = {knock.headers.get(name, "").lower() for name in _EVENTS} - {""}
    if "ping" in events:
        return "heard you"
    if events and not events & _PUSHES:
        return "only pushes are of interest"
    if not knock.body:
        return ""
    document = _read_document(knock)
    ref = document.get("ref")
    branch = source.branch or _find_default_branch(document)
    if isinstance(ref, str) and branch and ref != f"refs/heads/{branch}":
        return f"only the branch {branch} is pulled"
    return ""


async def _read_knock(request: Request, secret: bytes) -> Knock:
    """Sign the body as it comes in; half of one counts for nothing."""
    signing = hmac.new(secret, digestmod=hashlib.sha256)
    body, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            signing.update(chunk)
            size += len(chunk)
            body += chunk if size <= _MOST_READ else b""
    except ClientDisconnect:
        raise HTTPException(400) from None
    return Knock(request.headers, signing.hexdigest(), bytes(body) if size <= _MOST_READ else b"")


def _read_document(knock: Knock) -> dict[str, Any]:
    """The event, sent as JSON or as GitHub's form; {} for what is neither."""
    body = knock.body
    if knock.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
        body = fields.get("payload", [""])[0].encode()
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _find_default_branch(document: dict[str, Any]) -> str:
    for name in ("repository", "project"):
        about = document.get(name)
        branch = about.get("default_branch") if isinstance(about, dict) else None
        if isinstance(branch, str):
            return branch
    return ""


def _answer(says: str, status: int) -> Response:
    return PlainTextResponse(f"{says}\n", status, headers=dict(PRIVATE))
