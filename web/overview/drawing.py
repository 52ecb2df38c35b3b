"""What a page of ours may not hold is taken out of a drawing, and what it needs is put in.

pygal adds a script, a style sheet, an address of its own, today's date and random identities. Without them
the same numbers always give the same bytes. What remains is styled by attributes and by overview.css. Series
differ by pattern, not by colour alone, so that they can be told apart in black and white.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_INK = "#1b1b1b"
_FAINT = "#c4c4c4"
# Ground, ink, and the lines of an 8 by 8 tile: full, hatched, empty, crossed, dotted, lined.
_PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("#17602f", "#17602f", ""),
    ("#cfe3d4", "#17602f", "M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6"),
    ("#ffffff", "#8c8c8c", ""),
    ("#f3c9c4", "#a11212", "M0 0 L8 8 M8 0 L0 8"),
    ("#ffffff", "#4d4d4d", "M1 2 h2 M5 6 h2"),
    ("#d9dde3", "#3a4a63", "M0 4 L8 4"),
)
# A comment has no tag.
_STRIPPED = frozenset({"script", "style", "desc", "title", ""})
_KEPT = frozenset("class x y width height transform d fill stroke viewBox cx cy r points text-anchor".split())


def cleaned(
    root: Any, name: str, title: str, text: str, patterns: Sequence[int], legend: Sequence[str]
) -> Any:
    """The drawing without scripts, styles, comments, identities and addresses; with its name, its patterns
    (by number, one for each series) and a legend below it."""
    _strip(root)
    lying = any("horizontal" in _words(each) for each in root.iter())
    for serie, pattern in enumerate(patterns):
        for each in _within(root, f"color-{serie}"):
            if _tag(each) == "rect":
                each.set("fill", f"url(#{name}-{pattern})")
                each.set("stroke", _INK)
    _anchor_texts(root)
    _draw_lines(root)
    _drop_idle_guides(root, lying=lying)
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-text")
    for place, (tag, words) in enumerate((("title", title), ("desc", text))):
        element = _new(root, tag, {"id": f"{name}-{'title' if tag == 'title' else 'text'}"})
        element.text = words
        root.insert(place, element)
    definitions = _new(root, "defs", {})
    for pattern in patterns:
        definitions.append(_tile(root, f"{name}-{pattern}", *_PATTERNS[pattern]))
    root.insert(2, definitions)
    root.append(_legend(root, name, patterns, legend))
    return root


def _legend(root: Any, name: str, patterns: Sequence[int], legend: Sequence[str]) -> Any:
    """One line over the whole width; pygal's own has the width of the plot and cuts words off."""
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    group = _new(root, "g", {"class": "legends"})
    for place, (pattern, words) in enumerate(zip(patterns, legend, strict=False)):
        x, y = 6 + place * (width - 12) / len(legend), height - 22
        box = {"x": f"{x:g}", "y": f"{y:g}", "width": "16", "height": "16", "stroke": _INK}
        group.append(_new(root, "rect", {**box, "fill": f"url(#{name}-{pattern})"}))
        text = _new(root, "text", {"x": f"{x + 22:g}", "y": f"{y + 13:g}"})
        text.text = words
        group.append(text)
    return group


def _strip(element: Any) -> None:
    for child in list(element):
        if not _is_unwanted(child):
            _strip(child)
        if _is_unwanted(child) or _is_empty(child):
            element.remove(child)
    for attribute in [a for a in element.attrib if a not in _KEPT]:
        del element.attrib[attribute]


def _is_unwanted(element: Any) -> bool:
    words = _words(element)
    return _tag(element) in _STRIPPED or "tooltip-overlay" in words or words == {"background"}


def _is_empty(element: Any) -> bool:
    return _tag(element) in {"g", "defs"} and not len(element)


def _anchor_texts(root: Any) -> None:
    """Where a text hangs, which pygal says in its style sheet."""
    for axis, anchor in (("x", "middle"), ("y", "end")):
        for each in _axis(root, axis):
            for part in each.iter():
                if _tag(part) == "text":
                    part.set("text-anchor", anchor)
    for each in _within(root, "value"):
        each.set("text-anchor", "middle")


def _draw_lines(root: Any) -> None:
    for each in root.iter():
        if _tag(each) == "path":
            each.set("fill", "none")
            each.set("stroke", _FAINT if "guide" in _words(each) else _INK)


def _drop_idle_guides(root: Any, *, lying: bool) -> None:
    """Lines that run along the bars say nothing."""
    for axis in _axis(root, "y" if lying else "x"):
        for guides in list(axis.iter()):
            for path in [part for part in guides if _tag(part) == "path" and "guide" in _words(part)]:
                guides.remove(path)


def _axis(root: Any, letter: str) -> list[Any]:
    return [each for each in root.iter() if {"axis", letter} <= _words(each) and _tag(each) == "g"]


def _words(element: Any) -> set[str]:
    return set(str(element.get("class", "")).split()) if isinstance(element.tag, str) else set()


def _within(root: Any, word: str) -> list[Any]:
    """The elements that carry ``word`` as a class, and everything inside them."""
    return [inner for outer in root.iter() if word in _words(outer) for inner in outer.iter()]


def _tile(root: Any, id: str, ground: str, ink: str, lines: str) -> Any:
    tile = _new(root, "pattern", {"id": id, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"})
    tile.append(_new(root, "rect", {"width": "8", "height": "8", "fill": ground}))
    if lines:
        tile.append(_new(root, "path", {"d": lines, "stroke": ink, "stroke-width": "1.6", "fill": "none"}))
    return tile


def _new(root: Any, tag: str, attributes: Mapping[str, str]) -> Any:
    prefix = root.tag.rpartition("}")[0]
    return root.makeelement(f"{prefix}}}{tag}" if prefix else tag, dict(attributes))


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
