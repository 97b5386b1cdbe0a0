from __future__ import annotations

import pytest

from service.model.post import Hold, Verdict
from service.store.post_query import PostQuery
from service.web.desk.post_lines import PostFilter


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (PostFilter(), PostQuery()),
        (PostFilter(q="  量子 "), PostQuery(search="量子")),
        (PostFilter(q="a\x00b", category="\x00"), PostQuery(search="ab")),
        (
            PostFilter(verdict="draft", held="mass"),
            PostQuery(verdict=Verdict.DRAFT, hold=Hold.MASS),
        ),
        (PostFilter(held="any", found="yes"), PostQuery(is_held=True, has_findings=True)),
        (PostFilter(found="marker", language="ja"), PostQuery(rule="marker", language="ja")),
        (PostFilter(mailed="changed"), PostQuery(is_changed=True)),
        (PostFilter(mailed="no", newsletter="w"), PostQuery(is_mailed=False, newsletter_id="w")),
        (PostFilter(verdict="'; drop", held="what", mailed="maybe"), PostQuery()),
    ],
)
def test_a_form_asks_for_what_it_names_and_strange_values_for_nothing(
    asked: PostFilter, expected: PostQuery
) -> None:
    assert asked.query == expected


def test_the_address_of_the_next_page_keeps_what_was_asked() -> None:
    path = PostFilter(q="量子&<x>", held="any").make_path(before="12")
    assert path == "/desk/posts?q=%E9%87%8F%E5%AD%90%26%3Cx%3E&held=any&before=12"
    assert PostFilter().make_path() == "/desk/posts"
