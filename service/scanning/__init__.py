"""The road from files to Posts, with verdicts, identity and gate findings."""

from service.scanning.report import ScanReport, ScanSettings
from service.scanning.scan import scan_posts

__all__ = ["ScanReport", "ScanSettings", "scan_posts"]
