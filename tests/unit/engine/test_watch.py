from __future__ import annotations

from pathlib import Path

import pytest
from watchfiles import Change

from service.engine.watch import NewsFilter

ROOT = Path("/site")


@pytest.mark.parametrize(
    ("path", "is_news"),
    [
        ("a.md", True),
        ("deep/below/a.md", True),
        ("renamed-folder", True),
        ("", True),
        (".git/index.lock", False),
        ("deep/.a.md.swp", False),
        ("node_modules/x/readme.md", False),
        ("var/kawaraban.db-wal", False),
        ("var", False),
        ("variety/a.md", True),
        ("public/feed.xml", False),
    ],
)
def test_only_what_may_change_a_post_is_news(path: str, is_news: bool) -> None:
    keep = NewsFilter(ROOT, [ROOT / "var", ROOT / "public", Path("/elsewhere"), ROOT])
    assert keep(Change.modified, str(ROOT / path)) is is_news
