"""What comes from the environment alone: secrets, the database's address and the port."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.config.database import check_database
from service.config.values import show

SHORTEST_SECRET = 32
"""Characters of KAWARABAN_SECRET_KEY below which signed links could be guessed."""

SHORTEST_PUSH_SECRET = 16
"""The same for KAWARABAN_PUSH_SECRET: all that it opens is one more pull."""

SHORTEST_WEBHOOK_SECRET = 16
"""The same for KAWARABAN_WEBHOOK_SECRET: who guesses it may unsubscribe and suppress readers."""

WEBHOOK_SECRET = "KAWARABAN_WEBHOOK_SECRET"  # noqa: S105
"""The variable for the configured provider; with _MAILGUN at its end it is for that one always."""

CALLERS = ("brevo", "mailgun", "postmark", "resend", "sendgrid", "ses")
"""The kinds of provider that call back."""

_USUAL_PORT = 8000
_LAST_PORT = 65_535
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment as read; an empty text means that a variable is not set."""

    provider_api_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    git_token: str = field(default="", repr=False)
    push_secret: str = field(default="", repr=False)
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    port: int = _USUAL_PORT


def read_environment(variables: Mapping[str, str], mistakes: list[str]) -> Environment:
    """Return the environment; what is wrong with it is appended to `mistakes`, by variable."""
    return Environment(
        provider_api_key=_read_secret(variables, "KAWARABAN_PROVIDER_API_KEY", mistakes),
        secret_key=_read_long_secret(variables, "KAWARABAN_SECRET_KEY", SHORTEST_SECRET, mistakes),
        database_url=_read_database(variables.get("DATABASE_URL", "").strip(), mistakes),
        git_token=_read_git_token(variables, mistakes),
        push_secret=_read_long_secret(
            variables, "KAWARABAN_PUSH_SECRET", SHORTEST_PUSH_SECRET, mistakes
        ),
        webhook_secrets=_read_webhook_secrets(variables, mistakes),
        port=_read_port(variables.get("PORT", "").strip(), mistakes),
    )


def _read_webhook_secrets(
    variables: Mapping[str, str], mistakes: list[str]
) -> dict[str, tuple[str, ...]]:
    """The secrets by provider, several with blanks between; "" is whichever is configured."""
    found: dict[str, tuple[str, ...]] = {}
    for caller in ("", *CALLERS):
        name = f"{WEBHOOK_SECRET}_{caller.upper()}" if caller else WEBHOOK_SECRET
        secrets = tuple(_read_secret(variables, name, mistakes).split())
        if any(len(secret) < SHORTEST_WEBHOOK_SECRET for secret in secrets):
            shortest = f"shorter than {SHORTEST_WEBHOOK_SECRET} characters"
            mistakes.append(f"{name}: one in it is {shortest}; make a longer one")
        if secrets:
            found[caller] = secrets
    return found


def _read_long_secret(
    variables: Mapping[str, str], name: str, shortest: int, mistakes: list[str]
) -> str:
    secret = _read_secret(variables, name, mistakes)
    if secret and len(secret) < shortest:
        mistakes.append(f"{name}: is shorter than {shortest} characters; make a longer one")
    return secret


def _read_git_token(variables: Mapping[str, str], mistakes: list[str]) -> str:
    name = "KAWARABAN_GIT_TOKEN"
    token = _read_secret(variables, name, mistakes)
    if token and not (token.isascii() and token.isprintable()):
        mistakes.append(f"{name}: holds characters that no token has; copy it again")
        return ""
    return token


def _read_secret(variables: Mapping[str, str], name: str, mistakes: list[str]) -> str:
    secret = variables.get(name, "").strip()
    file_name = variables.get(f"{name}_FILE", "").strip()
    if secret and file_name:
        mistakes.append(f"{name}: {name}_FILE is set as well; keep one of them")
    if secret or not file_name:
        return secret
    try:
        secret = Path(file_name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        mistakes.append(f"{name}_FILE: {show(file_name)} cannot be read: {reason}")
        return ""
    if not secret:
        mistakes.append(f"{name}_FILE: {show(file_name)} is empty")
    return secret


def _read_database(text: str, mistakes: list[str]) -> str:
    try:
        return check_database(text) if text else ""
    except ValueError as error:
        mistakes.append(f"DATABASE_URL: {error}")
        return ""


def _read_port(text: str, mistakes: list[str]) -> int:
    if not text:
        return _USUAL_PORT
    if _PORT.fullmatch(text) and 1 <= int(text) <= _LAST_PORT:
        return int(text)
    mistakes.append(f"PORT: {show(text)} is not a port; write a number from 1 to {_LAST_PORT}")
    return _USUAL_PORT
