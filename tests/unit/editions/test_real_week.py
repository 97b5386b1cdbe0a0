from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from service.editions.compose import compose_digest
from service.editions.fit import HTML_BUDGET, fit_edition
from service.editions.render import MailRenderer
from service.model.edition import Candidate, Edition, Rendered, Selection
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.model.publication import Publication, Sender

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "allforces"
WEEK = (date(2025, 10, 13), date(2025, 10, 20))
TOKYO_OFFSET = timedelta(hours=9)


@pytest.fixture
def real_week(post: Post) -> list[Candidate]:
    if not CORPUS.is_dir():
        pytest.skip("the real posts are absent: ../shared/corpus/allforces")
    found = []
    for number, path in enumerate(sorted(CORPUS.glob("2025-10-1[2-9]*.md"))):
        facts = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
        when = datetime.fromisoformat(str(facts["date"])).astimezone(UTC)
        if WEEK[0] <= (when + TOKYO_OFFSET).date() < WEEK[1]:
            real = replace(
                post,
                post_id=number,
                title=facts["title"],
                url=f"https://ai-media.example/{path.stem}/",
                summary=facts["excerpt"],
                published_at=when,
                categories=tuple(facts["categories"]),
            )
            found.append(Candidate(real, number))
    return found


def test_a_real_week_fits_and_loses_nothing(
    real_week: list[Candidate],
    renderer: MailRenderer,
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    category_url: Callable[[str], str],
) -> None:
    def render(selection: Selection) -> Rendered:
        return renderer.render_edition(
            compose_digest(
                edition, newsletter, publication, sender, selection, category_url=category_url
            )
        )

    capped, short = fit_edition(real_week, render, max_posts=15, group_by="category")
    assert len(capped.posts) == 15
    assert len(capped.posts) + capped.more_count + len(capped.folded) == len(real_week)
    assert len(short.html.encode()) < HTML_BUDGET / 4
    whole, long = fit_edition(real_week, render, max_posts=500, group_by="category")
    assert len(whole.posts) + len(whole.folded) == len(real_week)
    assert len(long.html.encode()) < HTML_BUDGET


def test_a_real_week_folds_only_what_is_told_twice(real_week: list[Candidate]) -> None:
    selection, _ = fit_edition(
        real_week, lambda _: Rendered("", "", "", ""), max_posts=15, group_by="category"
    )
    assert [(pair.post.title == pair.into.title) for pair in selection.folded] == [True]
