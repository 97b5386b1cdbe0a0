"""Which database: one address, in the spelling that the store takes."""

from __future__ import annotations

from pathlib import Path

USUAL_FILE = "kawaraban.db"

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


def check_database(address: str) -> str:
    """Return the address as it is; raises ValueError, which never quotes it, when it is none."""
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite" and rest.removeprefix("/") in {"", ":memory:"}:
        raise ValueError("would be lost at every stop, and with it who was sent what; name a file")
    if scheme not in {"sqlite", *_POSTGRES} or not rest:
        raise ValueError(
            "is not a database known here; "
            'write "sqlite:///var/kawaraban.db" or "postgresql://host/name"'
        )
    return address


def compose_database_url(address: str, root: Path, data: Path) -> str:
    """Return the address to open: a file below `data` without one, and psycopg for PostgreSQL.

    A relative SQLite file is below `root`.
    """
    scheme, _, rest = address.partition("://")
    if not address:
        return f"sqlite:///{data / USUAL_FILE}"
    if scheme == "sqlite":
        return f"sqlite:///{root / rest.removeprefix('/')}"
    return f"postgresql+psycopg://{rest}"
