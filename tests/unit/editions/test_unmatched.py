from __future__ import annotations

import pytest

from service.editions.unmatched import Unmatched, find_unmatched
from service.model.newsletter import Newsletter


@pytest.mark.parametrize(
    ("key", "name", "is_matched"),
    [
        ("categories", "AI", True),
        ("categories", "ai", True),
        ("categories", "銭湯", False),
        ("tags", "銭湯", True),
        ("tags", "AI", False),
        ("tags", "か\u3099", True),
        ("topics", "銭湯", True),
        ("topics", "AI", True),
        ("topics", "花火", False),
    ],
)
def test_a_name_matches_when_a_post_bears_it(key: str, name: str, is_matched: bool) -> None:
    newsletter = Newsletter("weekly", "週刊", "ja", **{key: (name,)})  # type: ignore[arg-type]
    found = find_unmatched([newsletter], {"AI"}, {"銭湯", "が"})
    assert found == ([] if is_matched else [Unmatched("weekly", key, name)])
