"""The picture and the sound or video files a post names."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from service.content.body.markdown import make_absolute
from service.content.values import FrontMatter, Scalar, Value, list_texts
from service.model.post import Enclosure, Image

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
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "opus": "audio/opus",
    "wav": "audio/wav", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm",
}  # fmt: skip
_ADDRESS_KEYS = ("path", "src", "url", "image", "feature", "file", "og_image", "teaser")


def find_image(front: FrontMatter, url: str) -> Image | None:
    """Return the post's picture with an absolute address; None without a known kind of file."""
    for key in _IMAGE_KEYS:
        for reference in _list_addresses(front.values.get(key)):
            address, kind = _read_address(reference, url, _IMAGE_TYPES)
            if address and kind:
                return Image(address, kind)
    return None


def find_enclosures(front: FrontMatter, url: str) -> tuple[Enclosure, ...]:
    """Return the files under `enclosure`, `enclosures` and `audio`."""
    found: list[Enclosure] = []
    for key in ("enclosure", "enclosures", "audio"):
        value = front.values.get(key)
        for item in value if isinstance(value, list) else [value]:
            found.extend(_read_enclosure(item, url))
    return tuple(dict.fromkeys(found))


def _read_enclosure(item: Value, url: str) -> Iterator[Enclosure]:
    reference = next(_list_addresses(item), "")
    address, kind = _read_address(reference, url, _SOUND_TYPES)
    values = item if isinstance(item, dict) else {}
    kind = next(list_texts(values.get("type")), kind)
    length = next(list_texts(values.get("length")), "")
    if address and kind:
        yield Enclosure(address, kind, int(length[:15]) if length.isdecimal() else 0)


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
