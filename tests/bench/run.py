"""The figures of docs/benchmarks.md: `make bench` prints them for this machine.

Real posts are read from ../shared/corpus/allforces, or the folder named by
KAWARABAN_BENCH_POSTS; without either the sample publication is measured, and the table says so.
"""

from __future__ import annotations

import logging

import structlog

from tests.bench.feeds import measure_feeds
from tests.bench.figures import Figure, describe_machine, print_table
from tests.bench.importing import measure_import
from tests.bench.reading import FILES, measure_memory, measure_reading, measure_rescans
from tests.bench.sending.run import SHORT, print_sending
from tests.bench.signing_up import measure_signing_up
from tests.bench.site import bench_folder, find_posts


def main() -> None:
    """Measure everything and print the tables."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    posts = find_posts()
    figures: list[Figure] = []
    with bench_folder(posts, copies=1) as app:
        figures += measure_reading(app, posts)
        figures += measure_feeds(app)
        figures += measure_import(app)
        figures += measure_signing_up(app)
    with bench_folder(posts, copies=-(-FILES // len(posts))) as app:
        figures += measure_rescans(app)
        figures += measure_memory(app)
    print(f"{len(posts)} posts of {posts[0].parent.name}; {describe_machine()}")
    print_table(("what", "result", ""), [(one.what, one.result, one.note) for one in figures])
    print_sending(SHORT)


if __name__ == "__main__":
    main()
