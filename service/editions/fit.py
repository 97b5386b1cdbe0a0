"""An edition small enough for every mailbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.editions.full_text import FullText, Story, cut_story
from service.editions.select import select_posts
from service.errors import TemplateError
from service.model.edition import Candidate, Rendered, Selection

HTML_BUDGET = 95_000
"""How many bytes of HTML a mail may have; Gmail hides what comes after some 102 KB."""


def fit_edition(
    candidates: Sequence[Candidate],
    render: Callable[[Selection], Rendered],
    *,
    max_posts: int,
    group_by: str,
    fold: bool = True,
    budget: int = HTML_BUDGET,
) -> tuple[Selection, Rendered]:
    """Select and render, with fewer posts and more of "N more" until the HTML fits.

    Raises TemplateError when even one post does not fit, which only an introduction can cause.
    """
    limit = max_posts
    while True:
        selection = select_posts(candidates, max_posts=limit, group_by=group_by, fold=fold)
        rendered = render(selection)
        size = _weigh(rendered.html)
        if size <= budget:
            return selection, rendered
        shown = len(selection.posts)
        if shown <= 1:
            raise TemplateError(
                "the mail has {size} bytes of HTML where {budget} are allowed",
                size=size,
                budget=budget,
            )
        limit = min(shown - 1, shown * budget // size)


def fit_story(
    story: Story, render: Callable[[FullText], Rendered], *, budget: int = HTML_BUDGET
) -> Rendered:
    """Render the mail of one post with as much of its story as leaves the HTML small enough.

    It ends with a whole paragraph. Of a story whose first one does not fit nothing is left, and
    the mail may still be too large for other reasons.
    """
    full = cut_story(story, budget)
    while True:
        rendered = render(full)
        size, length = _weigh(rendered.html), len(full.html.encode())
        if size <= budget or not length:
            return rendered
        # What is around the story does not shrink with it, so the last bytes come off one by one.
        full = cut_story(story, min(length * budget // size, length - 1))


def _weigh(html: str) -> int:
    """Bytes of the HTML in a mail, where each line ends with two."""
    return len(html.encode()) + html.count("\n")
