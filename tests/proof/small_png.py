"""Screenshots made small: as few colours as a page needs, packed as tightly as PNG allows."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

_COLOURS = 64
_HEAD = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3

# The browser unpacks the picture, finds its commonest colours, and gives each pixel the nearest.
_REDUCE = """async ([picture, most]) => {
  const blob = await (await fetch('data:image/png;base64,' + picture)).blob();
  const bitmap = await createImageBitmap(blob);
  const {width, height} = bitmap;
  const brush = new OffscreenCanvas(width, height).getContext('2d');
  brush.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(brush.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const one of pixels) counts.set(one, (counts.get(one) || 0) + 1);
  const palette = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, most);
  const parts = (one) => [one & 255, (one >> 8) & 255, (one >> 16) & 255];
  const known = palette.map(parts);
  const nearest = new Map();
  for (const one of counts.keys()) {
    const [r, g, b] = parts(one);
    let best = 0, least = Infinity;
    known.forEach(([x, y, z], number) => {
      const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
      if (far < least) { least = far; best = number; }
    });
    nearest.set(one, best);
  }
  let text = '';
  for (const one of pixels) text += String.fromCharCode(nearest.get(one));
  return {width, height, palette: known, pixels: btoa(text)};
}"""


def make_small(page: Page, picture: bytes) -> bytes:
    """The same picture in 64 colours; `page` is a blank one. Source: PNG, third edition."""
    reduced = page.evaluate(_REDUCE, [base64.b64encode(picture).decode(), _COLOURS])
    width, height = reduced["width"], reduced["height"]
    pixels = base64.b64decode(reduced["pixels"])
    lines = b"".join(
        b"\0" + bytes(pixels[row * width : (row + 1) * width]) for row in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    palette = b"".join(map(bytes, reduced["palette"]))
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)))
    return _HEAD + b"".join(_pack(name, data) for name, data in (*chunks, (b"IEND", b"")))


def _pack(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
