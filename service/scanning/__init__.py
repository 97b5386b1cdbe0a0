"""The road from files to Posts, with verdicts, identity and gate findings."""

from service.scanning.handling import Handled, Word, describe_stand, handle_posts
from service.scanning.holding import hold_posts_by_hand, release_mass, release_posts
from service.scanning.report import ScanReport, ScanSettings
from service.scanning.scan import scan_posts

__all__ = [
    "Handled",
    "ScanReport",
    "ScanSettings",
    "Word",
    "describe_stand",
    "handle_posts",
    "hold_posts_by_hand",
    "release_mass",
    "release_posts",
    "scan_posts",
]
