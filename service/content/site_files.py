"""The files of a site that its posts name, where they are at hand: pictures, sound, video."""

from __future__ import annotations

import os
import stat as stat_modes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from service.content.pictures import measure_picture

_ASSET_FOLDERS = ("", "static", "public", "assets", "source")
"""Folders whose content a generator puts at the top of the site, from the site's root."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a file says of itself: bytes, and pixels where it is a picture; 0 for unknown."""

    length: int = 0
    width: int = 0
    height: int = 0


UNKNOWN = Measures()


class SiteFiles:
    """Looks for the files behind addresses of the site, below its folder and nowhere else.

    `root` is the folder of posts, `below` how the site's own folder leads to it.
    """

    def __init__(self, root: Path, below: str, site_url: str) -> None:
        self._posts = root
        parts = PurePosixPath(below).parts
        self._site = root.parents[len(parts) - 1] if parts else root
        self._site_url = site_url.rstrip("/")

    def measure(self, address: str, post_path: str, post_url: str) -> Measures:
        """Return how large the file at an address is; nothing where it cannot be found."""
        for path in self._list_places(address, post_path, post_url):
            try:
                return self._measure(path)
            except (OSError, ValueError):
                continue
        return UNKNOWN

    def _list_places(self, address: str, post_path: str, post_url: str) -> list[Path]:
        if not address.startswith(f"{self._site_url}/"):
            return []
        places = []
        page = address.partition("?")[0].partition("#")[0]
        if post_url.endswith("/") and page.startswith(post_url):
            # What lies beside a page may lie beside its file, as in the bundles of Hugo.
            beside = unquote(page[len(post_url) :])
            places.append((self._posts / post_path).parent / beside)
        inside = unquote(page[len(self._site_url) + 1 :])
        return [*places, *(self._site / folder / inside for folder in _ASSET_FOLDERS)]

    def _measure(self, path: Path) -> Measures:
        """Raises OSError or ValueError for what is no file of the site."""
        real = path.resolve(strict=True)
        if not real.is_relative_to(self._site.resolve()):
            raise ValueError("outside of the site")
        # Not blocking: a pipe with the name of a picture would wait for a writer for ever.
        with open(os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
            stat = os.fstat(file.fileno())
            if not stat_modes.S_ISREG(stat.st_mode):
                raise ValueError("no regular file")
            width, height = measure_picture(file)
        return Measures(stat.st_size, width, height)
