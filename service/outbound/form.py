"""Form fields as a multipart/form-data body (RFC 7578), the same bytes every time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from service.errors import UnsupportedError

Field = tuple[str, str]
"""A field's name and its text."""


def encode_form(fields: Sequence[Field], *, seed: str) -> tuple[str, bytes]:
    """Return content type and body; the boundary derives from `seed` and occurs in no field.

    Raises UnsupportedError for a name that would need quoting, or text that is no Unicode.
    """
    encoded = [(_check_name(name), _encode(name, value)) for name, value in fields]
    boundary = _choose_boundary(seed, [value for _, value in encoded])
    lines: list[bytes] = []
    for name, value in encoded:
        lines += (
            b"--" + boundary,
            b'Content-Disposition: form-data; name="' + name + b'"',
            b"",
            value,
        )
    lines += (b"--" + boundary + b"--", b"")
    return f"multipart/form-data; boundary={boundary.decode()}", b"\r\n".join(lines)


def _check_name(name: str) -> bytes:
    if not name.isascii() or not name.isprintable() or '"' in name or "\\" in name:
        raise UnsupportedError("a form field cannot be named '{name}'", name=name)
    return name.encode("ascii")


def _encode(name: str, value: str) -> bytes:
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedError("the field {name} holds half of a character", name=name) from error


def _choose_boundary(seed: str, values: Sequence[bytes]) -> bytes:
    boundary = hashlib.sha256(seed.encode("utf-8")).hexdigest()[:40].encode("ascii")
    while any(boundary in value for value in values):
        boundary = hashlib.sha256(boundary).hexdigest()[:40].encode("ascii")
    return boundary
