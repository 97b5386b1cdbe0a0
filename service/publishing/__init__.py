"""The road from Posts to published feeds: out of the database, or straight out of the files."""

from service.publishing.beside import BesideReport, write_beside, write_plainly
from service.publishing.header_files import render_header_files
from service.publishing.hosting import Hosted
from service.publishing.listed import FeedFaults, ListedFeed, find_feed_faults, list_feeds
from service.publishing.manifest import MANIFEST_NAME, drop_manifest, read_manifest
from service.publishing.nginx import render_nginx
from service.publishing.places import Absence, AbsenceReason, FeedPlace
from service.publishing.post_story import NewsletterStory, Story, tell_story
from service.publishing.press import (
    CategoryLinks,
    FeedPress,
    group_feeds,
    plan_feeds,
    select_shown,
)
from service.publishing.recorded import (
    PublishReport,
    list_manifest,
    list_removed_paths,
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
    "Absence",
    "AbsenceReason",
    "BesideReport",
    "CategoryLinks",
    "FeedFaults",
    "FeedPlace",
    "FeedPress",
    "Hosted",
    "LeftOut",
    "ListedFeed",
    "NewsletterStory",
    "PublishReport",
    "StatelessReport",
    "Story",
    "compose_posts",
    "drop_manifest",
    "find_feed_faults",
    "find_left_out",
    "group_feeds",
    "list_feeds",
    "list_manifest",
    "list_removed_paths",
    "list_shown_posts",
    "plan_feeds",
    "publish_feeds",
    "publish_stateless",
    "read_manifest",
    "render_header_files",
    "render_nginx",
    "restore_files",
    "select_shown",
    "tell_story",
    "write_beside",
    "write_plainly",
]
