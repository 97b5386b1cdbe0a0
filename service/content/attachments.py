"""The picture and the sound or video files a post names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from service.content.body.markdown import make_absolute
from service.content.site_files import UNKNOWN, Measures
from service.content.values import FrontMatter, Scalar, Value, list_texts
from service.model.post import Enclosure, Image

Measure = Callable[[str], Measures]
"""Asked how large the file at an address is, where it is at hand."""

_IMAGE_KEYS = (
    "image",
    "featureimage",
    "featured_image",
    "featured-image",
    "heroimage",
    "header-img",
    "header",
    "cover",
    "og_image",
    "thumbnail",
    "images",
)
_IMAGE_TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "svg": "image/svg+xml",
}  # fmt: skip
_SOUND_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg",
    "oga": "audio/ogg", "opus": "audio/opus", "flac": "audio/flac", "wav": "audio/wav",
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
    "ogv": "video/ogg",
}  # fmt: skip
_ENCLOSURE_KEYS = (
    "enclosure", "enclosures", "audio", "video", "podcast", "episode", "media",
    "audio_url", "audio_file", "audio_file_path", "video_url", "podcast_url", "podcast_file",
    "mp3", "m4a", "mp4",
)  # fmt: skip
_LENGTH_KEYS = (
    "length", "size", "bytes", "filesize", "file_size", "length_in_bytes",
    "audio_length", "audio_size", "audio_file_size", "podcast_length", "podcast_bytes",
)  # fmt: skip
_ADDRESS_KEYS = (
    "path", "src", "url", "href", "image", "feature", "file", "og_image", "teaser", "mp3", "audio",
)  # fmt: skip
_TYPE = re.compile(r"(?:audio|video|application|image)/[A-Za-z0-9][A-Za-z0-9.+-]*")


@dataclass(frozen=True, slots=True)
class _Named:
    """A file as front matter names it; what it does not say is ""."""

    reference: str
    type: str = ""
    length: str = ""


def _know_nothing(_: str) -> Measures:
    return UNKNOWN


def find_image(front: FrontMatter, url: str, measure: Measure = _know_nothing) -> Image | None:
    """Return the post's picture with an absolute address; None without a known kind of file."""
    for key in _IMAGE_KEYS:
        for reference in _list_addresses(front.values.get(key)):
            address, kind = _read_address(reference, url, _IMAGE_TYPES)
            if address and kind:
                known = measure(address)
                return Image(address, kind, known.length, known.width, known.height)
    return None


def find_enclosures(
    front: FrontMatter, url: str, measure: Measure = _know_nothing
) -> tuple[Enclosure, ...]:
    """Return the sound and video files that front matter names in the ways podcasts do.

    A file at hand says itself how long it is; of another the front matter may, also beside it.
    """
    found: dict[str, Enclosure] = {}
    for key in _ENCLOSURE_KEYS:
        for named in _list_named(front.values.get(key)):
            if enclosure := _read_enclosure(named, url, measure):
                found.setdefault(enclosure.url, enclosure)
    enclosures = tuple(found.values())
    if len(enclosures) == 1 and not enclosures[0].length:
        length = _read_length(front.text(*_LENGTH_KEYS))
        return (replace(enclosures[0], length=length),)
    return enclosures


def _list_named(value: Value) -> Iterator[_Named]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Scalar):
            # Of WordPress come the address, the bytes and the type on three lines.
            address, length, kind, *_ = [*item.text.strip().splitlines(), "", "", ""]
            yield _Named(address.strip(), kind.strip(), length.strip())
        elif isinstance(item, dict):
            yield from _list_of_table(item)


def _list_of_table(table: dict[str, Value]) -> Iterator[_Named]:
    if reference := next(_list_addresses(table), ""):
        kind = next(list_texts(table.get("type")), "") or next(list_texts(table.get("mime")), "")
        length = next((text for key in _LENGTH_KEYS for text in list_texts(table.get(key))), "")
        yield _Named(reference, kind, length)
    for suffix in _SOUND_TYPES:
        yield from map(_Named, list_texts(table.get(suffix)))


def _read_enclosure(named: _Named, url: str, measure: Measure) -> Enclosure | None:
    address, kind = _read_address(named.reference, url, _SOUND_TYPES)
    if _TYPE.fullmatch(named.type):
        kind = named.type
    if not address or not kind:
        return None
    return Enclosure(address, kind, measure(address).length or _read_length(named.length))


def _read_length(text: str) -> int:
    digits = text.replace(",", "").replace("_", "")
    return int(digits[:15]) if digits.isascii() and digits.isdecimal() else 0


def _list_addresses(value: Value) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Scalar):
            yield from list_texts(item)
        elif isinstance(item, dict):
            yield from (text for key in _ADDRESS_KEYS for text in list_texts(item.get(key)))


def _read_address(reference: str, url: str, types: dict[str, str]) -> tuple[str, str]:
    if not reference or len(reference) > 2_000:
        return "", ""
    address = make_absolute(reference, url)
    if not address.startswith(("http:", "https:", "/")):
        return "", ""
    suffix = urlsplit(address).path.rpartition(".")[2].lower()
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~"), types.get(suffix, "")
