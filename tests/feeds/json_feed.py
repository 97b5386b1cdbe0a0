"""JSON Feed 1.1 as a JSON Schema, written from its text (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from typing import Any

_URL = {"type": "string", "pattern": '^https?://[^ "<>\\\\^`{|}\u0080-\U0010ffff]+$'}
_TEXT = {"type": "string", "pattern": "\\S"}
_DATE = {
    "type": "string",
    "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(Z|[+-]\\d{2}:\\d{2})$",
}
_LANGUAGE = {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


_AUTHOR = {**_object([], name=_TEXT, url=_URL, avatar=_URL), "minProperties": 1}
_ATTACHMENT = _object(
    ["url", "mime_type"],
    url=_URL,
    mime_type={"type": "string", "pattern": "^[^/ ]+/[^/ ]+$"},
    title=_TEXT,
    size_in_bytes={"type": "integer", "minimum": 1},
    duration_in_seconds={"type": "number"},
)
_ITEM = {
    **_object(
        ["id"],
        id=_TEXT,
        url=_URL,
        external_url=_URL,
        title=_TEXT,
        content_html={"type": "string"},
        content_text={"type": "string"},
        summary=_TEXT,
        image=_URL,
        banner_image=_URL,
        date_published=_DATE,
        date_modified=_DATE,
        authors=_list(_AUTHOR),
        tags={**_list(_TEXT), "uniqueItems": True},
        language=_LANGUAGE,
        attachments=_list(_ATTACHMENT),
    ),
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
}

JSON_FEED: dict[str, Any] = _object(
    ["version", "title", "items"],
    version={"const": "https://jsonfeed.org/version/1.1"},
    title=_TEXT,
    home_page_url=_URL,
    feed_url=_URL,
    description=_TEXT,
    user_comment=_TEXT,
    next_url=_URL,
    icon=_URL,
    favicon=_URL,
    authors=_list(_AUTHOR),
    language=_LANGUAGE,
    expired={"type": "boolean"},
    hubs=_list(_object(["type", "url"], type=_TEXT, url=_URL)),
    items={"type": "array", "items": _ITEM},
)
