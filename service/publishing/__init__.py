"""The road from Posts to published feeds: out of the database, or straight out of the files."""

from service.publishing.manifest import MANIFEST_NAME, drop_manifest, read_manifest
from service.publishing.places import FeedPlace, explain_absence, find_places
from service.publishing.press import CategoryLinks, FeedPress, plan_feeds, select_shown
from service.publishing.recorded import (
    PublishReport,
    list_manifest,
    list_shown_posts,
    publish_feeds,
)
from service.publishing.restoring import restore_files
from service.publishing.stateless import (
    LeftOut,
    StatelessReport,
    compose_posts,
    find_left_out,
    publish_stateless,
)

__all__ = [
    "MANIFEST_NAME",
    "CategoryLinks",
    "FeedPlace",
    "FeedPress",
    "LeftOut",
    "PublishReport",
    "StatelessReport",
    "compose_posts",
    "drop_manifest",
    "explain_absence",
    "find_left_out",
    "find_places",
    "list_manifest",
    "list_shown_posts",
    "plan_feeds",
    "publish_feeds",
    "publish_stateless",
    "read_manifest",
    "restore_files",
    "select_shown",
]
