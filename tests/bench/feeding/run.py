"""The figures of feeds in docs/benchmarks.md: `make bench-feeds` prints them for this machine.

Cold builds of 2,513 and 10,000 posts, an edit in a running service, and answers a second against
nginx; four minutes. Real posts are found as `make bench` finds them, and repeated under names and
dates of their own.
"""

from __future__ import annotations

import logging

import structlog

from tests.bench.feeding.cold import measure_cold, measure_command
from tests.bench.feeding.live import measure_edits, run_service
from tests.bench.feeding.posts import lay_out_site
from tests.bench.feeding.serving import measure_serving
from tests.bench.figures import Figure, describe_machine, print_table
from tests.bench.site import find_posts

_USUAL, _MANY = 2_513, 10_000


def main() -> None:
    """Measure everything and print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    posts = find_posts()
    figures: list[Figure] = []
    with lay_out_site(posts, _USUAL) as config:
        figures += measure_cold(config)
        figures += measure_command(config)
    with lay_out_site(posts, _MANY) as config:
        figures += measure_command(config)
    with lay_out_site(posts, _USUAL) as config:
        with run_service(config) as url:
            figures += measure_edits(config, url)
        figures += measure_serving(config)
    print(f"{len(posts)} posts of {posts[0].parent.name}, repeated; {describe_machine()}")
    print_table(("what", "result", ""), [(one.what, one.result, one.note) for one in figures])


if __name__ == "__main__":
    main()
