"""Feeds: all of them made, and made again when nothing changed."""

from __future__ import annotations

from service.app import App
from service.publishing import publish_feeds
from tests.bench.figures import Figure, best_of, once
from tests.bench.site import NOW


def measure_feeds(app: App) -> list[Figure]:
    """Every feed of the posts, made and compressed; then made again unchanged."""
    made = once(lambda: publish_feeds(app.works.database, app.works.feeds, NOW))
    report = publish_feeds(app.works.database, app.works.feeds, NOW)
    again = best_of(3, lambda: publish_feeds(app.works.database, app.works.feeds, NOW))
    return [
        Figure("all feeds, cold", f"{made:.2f} s", f"{report.feeds} feeds in 3 formats, .gz, .br"),
        Figure("all feeds, nothing changed", f"{again * 1000:.0f} ms"),
    ]
