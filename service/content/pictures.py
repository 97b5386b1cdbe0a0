"""How large a picture is, as the first bytes of its file say.

Four formats, forty lines: a dependency would bring more formats than posts have, and parsers for
them that nobody here has read.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEAD = 32
_MOST_SEGMENTS = 200
_LARGEST = 65_535

_FRAME_MARKS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Marks of the JPEG segments that begin with height and width."""


def measure_picture(file: BinaryIO) -> tuple[int, int]:
    """Return width and height in pixels of a PNG, GIF, JPEG or WebP file; 0, 0 of any other.

    Of a damaged file too: a picture without a size is shown, one with a wrong size is distorted.
    """
    head = file.read(_HEAD)
    width, height = _read_head(head) if len(head) == _HEAD else (0, 0)
    if head.startswith(b"\xff\xd8"):
        file.seek(2)
        width, height = _read_jpeg(file)
    is_sound = 0 < width <= _LARGEST and 0 < height <= _LARGEST
    return (width, height) if is_sound else (0, 0)


def _read_head(head: bytes) -> tuple[int, int]:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return struct.unpack(">II", head[16:24])
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return struct.unpack("<HH", head[6:10])
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _read_webp(head)
    return 0, 0


def _read_webp(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _read_jpeg(file: BinaryIO) -> tuple[int, int]:
    for _ in range(_MOST_SEGMENTS):
        start = file.read(4)
        if len(start) < 4 or start[0] != 0xFF:
            break
        mark, size = start[1], int.from_bytes(start[2:4], "big")
        if mark in _FRAME_MARKS:
            frame = file.read(5)
            if len(frame) == 5:
                height, width = struct.unpack(">HH", frame[1:])
                return width, height
            break
        file.seek(max(size - 2, 0), 1)
    return 0, 0
