"""Pictures of the pages for the guides, with few colours so that they stay small."""

from __future__ import annotations

import os
import struct
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page

Colour = tuple[int, ...]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = ((6, 1), (13, 40**2), (16, 1))
"""So many colours in all, each so far from those before it: backgrounds first, then signs, then shades."""
_WIDTH_OF = {2: 3, 6: 4}
"""Bytes of one point by the PNG's kind of colour: RGB, RGBA."""


def picture(page: Page, name: str, *, height: int = 0, below: str = "") -> None:
    """Keeps a picture of the page where the guides look for it, if SCREENSHOTS names a folder.

    It shows what the window shows, or ``height`` pixels of the page from the top of ``below`` (a selector).
    """
    folder = os.environ.get("SCREENSHOTS")
    if not folder:
        return
    page.wait_for_load_state("load")
    size = page.viewport_size
    box = page.locator(below).first.bounding_box() if below else None
    whole = page.locator("html").bounding_box()
    assert size
    assert whole
    # The box is measured from the window's top, wherever the page was scrolled to.
    top = max(0.0, box["y"] - whole["y"] - 12) if box else 0.0
    high = min(height or size["height"], max(whole["height"], size["height"]) - top)
    clip = {"x": 0.0, "y": top, "width": float(size["width"]), "height": high}
    taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    (Path(folder) / f"{name}.png").write_bytes(with_few_colours(taken))


def with_few_colours(png: bytes) -> bytes:
    """The same picture in sixteen of its frequent colours; others become the nearest of them."""
    width, rows = points(png)
    count = Counter(colour for row in rows for colour in row)
    palette: list[Colour] = []
    for most, least in _PALETTE:
        for colour, _ in count.most_common(400):
            if len(palette) < most and all(_apart(colour, each) >= least for each in palette):
                palette.append(colour)
    nearest = {each: min(range(len(palette)), key=lambda k: _apart(palette[k], each)) for each in count}
    lines = bytearray()
    for row in rows:
        numbers = [nearest[colour] for colour in row] + [0] * (width % 2)
        lines += b"\0" + bytes(16 * left + right for left, right in list(pairwise(numbers))[::2])
    head = struct.pack(">IIBBBBB", width, len(rows), 4, 3, 0, 0, 0)
    colours = bytes(part for colour in palette for part in colour)
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _apart(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def points(png: bytes) -> tuple[int, list[list[Colour]]]:
    """Width, and the colours of each row, of a PNG as Chromium makes it: 8 bits, not interlaced."""
    place, packed, width, step = len(_SIGNATURE), b"", 0, 0
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, _, _, colours = struct.unpack(">IIBB", body[:10])
            step = _WIDTH_OF[colours]
        elif kind == b"IDAT":
            packed += body
        place += 12 + length
    raw, size = zlib.decompress(packed), width * step
    above = bytearray(size)
    rows: list[list[Colour]] = []
    for start in range(0, len(raw), size + 1):
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + size]), above, step)
        rows.append(list(zip(above[0::step], above[1::step], above[2::step], strict=True)))
    return width, rows


def _unfiltered(how: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    """One row with its filter (PNG, part 9) taken back."""
    if how == 0:
        return line
    for i, value in enumerate(line):
        left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
        up = above[i]
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[how]
        line[i] = (value + guess) & 255
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    """The neighbour nearest to left + up - corner."""
    level = left + up - corner
    return min((left, up, corner), key=lambda each: abs(level - each))
