"""Where everything lies that is shown to people."""

from __future__ import annotations

from pathlib import Path


def find_templates() -> Path:
    """Our templates: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
