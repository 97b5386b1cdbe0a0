"""Logs: to standard error, for people at a terminal or as JSON lines, and never an address."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;:]+")
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_OBEYED_IN_LINES = re.compile(_OBEYED.pattern.replace("\x00-\x1f", "\x00-\t\x0b-\x1f"))
_HANDLER = "kawaraban"
_QUIET = (
    "alembic",
    "apscheduler",
    "httpcore",
    "httpx",
    "procrastinate",
    "uvicorn",
    "uvicorn.error",
    "watchfiles",
)
"""What speaks at INFO of things we tell ourselves, or of pages whose addresses hold tokens."""


def configure_logging(level: int = logging.WARNING) -> None:
    """Send every log of ours and of the libraries to standard error, from `level` on."""
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_addresses,
        spell_out,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != _HANDLER]
    root.addHandler(_make_handler(before))
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_addresses(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take out whatever looks like a mail address, also where an exception quotes one."""
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = _ADDRESS.sub("…@…", value)
    return event


def spell_out(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    r"""Write as \x1b what a terminal would obey, and what would look like another line.

    A traceback keeps its lines.
    """
    for key, value in event.items():
        if isinstance(value, str):
            obeyed = _OBEYED_IN_LINES if key == "exception" else _OBEYED
            event[key] = obeyed.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def _make_handler(before: list[Processor]) -> logging.Handler:
    is_watched = sys.stderr.isatty()
    shown: Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if is_watched
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    return handler
