"""Charts as inline SVG, drawn by pygal; the table beside each holds the same numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pygal
from markupsafe import Markup
from pygal.style import Style

from web.overview.drawing import cleaned

# pygal hooks into the imports of the whole process for maps of its own; Python 3.11 warns at imports that
# the hook is of an old kind. We draw no maps.
sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

_WIDTH = 880
_BAR = 34
_FONT = 15
_LEGEND = 40
_UNUSED_NAMESPACE = ' xmlns:xlink="http://www.w3.org/1999/xlink"'


def shares_chart(
    name: str,
    title: str,
    text: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[float]]],
    patterns: Sequence[int] | None = None,
) -> Markup:
    """Lying bars of 100 per cent each, the first row on top. ``rows`` pairs a label with a share for each of
    ``series``; ``name`` makes the identities of this chart unique on its page; ``patterns`` are the numbers
    of the series' patterns, in their order unless given."""
    chart = pygal.HorizontalStackedBar(
        **_settings(height=80 + _BAR * len(rows), margin_bottom=_LEGEND),
        range=(0, 100),
        y_labels=[0, 20, 40, 60, 80, 100],
        value_formatter=lambda value: f"{value:g}%",
    )
    chart.x_labels = [label for label, _ in reversed(rows)]
    for number, heading in enumerate(series):
        chart.add(heading, [shares[number] for _, shares in reversed(rows)])
    return _drawn(chart, name, title, text, patterns=patterns or range(len(series)), legend=series)


def columns_chart(
    name: str, title: str, text: str, rows: Sequence[tuple[str, int]], *, pattern: int
) -> Markup:
    """Standing columns with their numbers above them; one pattern for all."""
    chart = pygal.Bar(
        **_settings(height=340),
        print_values=True,
        print_values_position="top",
        include_x_axis=True,
        value_formatter=lambda value: f"{int(value):,}".replace(",", "."),
        # Room above for the number of the highest column, and whole numbers at the axis.
        range=(0, max(5, *(round(count * 1.08) + 1 for _, count in rows))),
    )
    chart.x_labels = [label for label, _ in rows]
    chart.add("", [count for _, count in rows])
    return _drawn(chart, name, title, text, patterns=[pattern])


def _settings(*, height: int, margin_bottom: int = 6) -> dict[str, Any]:
    return {
        "width": _WIDTH,
        "height": height,
        "margin": 6,
        "margin_bottom": margin_bottom,
        # The last word at the axis hangs over its end.
        "margin_right": 26,
        "max_scale": 8,
        "show_legend": False,
        "truncate_label": -1,
        "disable_xml_declaration": True,
        "js": (),
        "css": (),
        "style": Style(label_font_size=_FONT, major_label_font_size=_FONT, value_font_size=_FONT),
    }


def short(label: str, most: int = 30) -> str:
    """A label that leaves room for the drawing."""
    return label if len(label) <= most else label[: most - 1].rstrip(" ,(") + "…"


def _drawn(
    chart: Any, name: str, title: str, text: str, *, patterns: Sequence[int], legend: Sequence[str] = ()
) -> Markup:
    chart.add_xml_filter(lambda root: cleaned(root, name, title, text, patterns, legend))
    # Our own drawing: pygal writes every label as escaped text, and ``cleaned`` keeps known attributes only.
    svg: str = chart.render(is_unicode=True)
    return Markup(svg.replace(_UNUSED_NAMESPACE, "", 1))  # noqa: S704
