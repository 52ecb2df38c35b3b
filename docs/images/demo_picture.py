"""Draws demo.svg from what the demo printed: `make demo | .venv/bin/python docs/images/demo_picture.py`.

Chosen are the plans, one letter and the head of the overdue list, as they stand in the output.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

WIDTH = 122
LETTER = "ĐÃ QUÁ HẠN"
LETTER_LINES = 20
OVERDUE_LINES = 11

# A picture fetches nothing from elsewhere: the reader's own monospace font will do.
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
_FAMILY = "DejaVu Sans Mono, Consolas, Menlo, Liberation Mono, monospace"


def chosen(lines: list[str]) -> Iterator[str]:
    """The lines that are drawn, with an empty line between the parts."""
    yield "$ make demo"
    months = next(i for i, line in enumerate(lines) if " thư; " in line)
    yield from lines[:months]
    yield ""
    letter = next(i for i, line in enumerate(lines) if line.startswith("┌─") and LETTER in line)
    end = next(i for i, line in enumerate(lines[letter:], letter) if line.startswith("└─"))
    shown = lines[letter : min(end, letter + LETTER_LINES)]
    while "Mã: " not in shown[-1]:  # ends with a whole item
        shown.pop()
    yield from shown
    yield "└─ …"
    yield ""
    overdue = next(i for i, line in enumerate(lines) if "việc quá hạn tính đến" in line)
    yield from lines[overdue : overdue + OVERDUE_LINES]
    yield "…"


def styled(line: str) -> Text:
    """The line with its headings and its lateness set off."""
    text = Text(line[: WIDTH - 2])
    text.highlight_regex(r"^\$ .*|^ĐÔN ĐỐC.*|.*việc quá hạn tính đến.*|^┌─.*", "bold cyan")
    text.highlight_regex(r"^│ [ĐCM][^a-z]{4,}$|^STT .*|^Số {4,}.*", "bold")
    text.highlight_regex(r"quá hạn \d+ ngày làm việc \(\d+ ngày\)|\d+ việc quá hạn|\d+ \(\d+\)", "bold red")
    text.highlight_regex(r"\d+ việc (mới|cần làm|cần chỉ đạo)", "yellow")
    text.highlight_regex(r"[─]{4,}", "dim")
    return text


def draw(lines: list[str]) -> str:
    """The picture as SVG."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for line in chosen(lines):
        console.print(styled(line.rstrip()), no_wrap=True, crop=True, highlight=False)
    form = _FONTS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code", _FAMILY)
    form = form.replace("<svg ", '<svg xml:space="preserve" ', 1)  # blanks at the edge of a colour
    return console.export_svg(title="Đôn đốc", code_format=form, unique_id="demo")


if __name__ == "__main__":
    printed = sys.stdin.read().replace("\r", "\n").splitlines()
    Path(__file__).with_name("demo.svg").write_text(draw(printed), encoding="utf-8")
