"""The road from files to Posts, with verdicts, identity and gate findings."""

from service.scanning.holding import hold_posts_by_hand, release_mass, release_posts
from service.scanning.report import ScanReport, ScanSettings
from service.scanning.scan import scan_posts

__all__ = [
    "ScanReport",
    "ScanSettings",
    "hold_posts_by_hand",
    "release_mass",
    "release_posts",
    "scan_posts",
]
