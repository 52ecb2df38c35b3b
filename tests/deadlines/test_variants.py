"""The same cell in another spelling, spacing, case or normal form reads the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.deadlines import deadline_json
from engine.deadlines.reading import LONGEST
from engine.model.deadline import Deadline
from tests.deadlines.wording import cells, gist, read, read_cell

_SAME: dict[str, Callable[[str], str]] = {
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "two spaces": lambda text: text.replace(" ", "  "),
    "tabs": lambda text: text.replace(" ", "\t"),
    "zero width": lambda text: text.replace(" ", " \u200b"),
    "soft hyphens": lambda text: text.replace("á", "á\u00ad"),
    "spaces around": lambda text: f" \n{text}\n ",
    "full stop": lambda text: f"{text.rstrip('.')}." if text else text,
    "semicolon": lambda text: f"{text};" if text else text,
    "en dash": lambda text: text.replace("-", "–"),
    "figure dash": lambda text: re.sub(r"(?<!\n)-(?=\s?\d)", "‒", text),
    "spaces around slashes": lambda text: re.sub(r"(?<=\d)/(?=\d+(?:\D|$))(?!\d+/[A-Z])", " / ", text),
    "hằng": lambda text: text.replace("hàng", "hằng").replace("Hàng", "Hằng"),
    "hàng": lambda text: text.replace("hằng", "hàng").replace("Hằng", "Hàng"),
    "qúy": lambda text: text.replace("quý", "qúy").replace("Quý", "Qúy"),
    "quí": lambda text: text.replace("quý", "quí").replace("Quý", "Quí"),
    "định kì": lambda text: text.replace("kỳ", "kì"),
    "thuờng": lambda text: text.replace("thường", "thuờng").replace("Thường", "Thuờng"),
    "truớc": lambda text: text.replace("trước", "truớc").replace("Trước", "Truớc"),
    "line breaks before numbers": lambda text: re.sub(r"(?<=\w) (?=\d)", "\n", text),
    "closing bracket": lambda text: f"{text} (cấp xã)" if text and ";" not in text else text,
}
# Months that a reader may glue to their number, and numbers with a nought in front.
_NUMBERS: dict[str, Callable[[str], str]] = {
    "glued": lambda text: re.sub(r"(?i)(tháng|quý) (?=\d|I)", r"\1", text),
    "nought": lambda text: re.sub(r"(?<![\d/.:])(?=[1-9](?!\d)(?:/|[ ]tháng [1-9]))", "0", text),
    "no nought": lambda text: re.sub(r"(?<![\d/.:])0(?=[1-9](?:/| tháng))", "", text),
}


def _meaning(deadline: Deadline) -> Any:
    """All of a reading but its words; what is quoted from the cell, in one spelling."""
    parts = tuple(_meaning(part) for part in deadline.milestones)
    quoted = tuple(
        (words or "").casefold() for words in (deadline.trigger, deadline.plus_event, deadline.authority)
    )
    said = unicodedata.normalize("NFC", str(quoted)).replace("kì", "kỳ")
    said = re.sub(r"\b0(?=\d/)", "", re.sub(r"\s*/\s*", "/", re.sub(r"\s+", " ", said)))
    bare = replace(
        deadline, text="", label="", rule="", trigger=None, plus_event=None, authority=None, milestones=()
    )
    return bare, said, parts


def _same(cell: dict[str, Any], text: str) -> None:
    before, after = read_cell(cell), read_cell(cell, text)
    assert [p.code for p in after.problems] == [p.code for p in before.problems], deadline_json(after)
    assert _meaning(after.deadline) == _meaning(before.deadline)


@pytest.mark.parametrize("change", _SAME.values(), ids=_SAME.keys())
def test_another_spelling(change: Callable[[str], str]) -> None:
    for cell in cells():
        if change(cell["text"]) != cell["text"]:
            _same(cell, _keep_documents(cell["text"], change))


def _keep_documents(text: str, change: Callable[[str], str]) -> str:
    """Numbers of documents are spelled in capitals and stay whole."""
    numbers = re.findall(r"\d+/\d{4}/[A-ZĐ-]+", text)
    changed = change(text)
    if change is str.upper or not numbers:
        return changed
    return re.sub(r"(?i)01\s?/\s?2020\s?/TT[-–‒]VPCP", numbers[0], changed)


@pytest.mark.parametrize("change", _NUMBERS.values(), ids=_NUMBERS.keys())
def test_numbers_in_another_form(change: Callable[[str], str]) -> None:
    changed = 0
    for cell in cells():
        text = change(cell["text"])
        changed += text != cell["text"]
        _same(cell, text)
    assert changed >= 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tháng 9/2024", "T9/2024"),
        ("Tháng 9/2024", "T.9/2024"),
        ("Tháng 9/2024", "09/2024"),
        ("Tháng 9/2024", "tháng chín năm 2024"),
        ("Quý II/2024", "QII/2024"),
        ("Quý II/2024", "Q2/2024"),
        ("Quý II/2024", "quý ii-2024"),
        ("Quý III/2024", "Quý lll/2024"),
        ("Quý IV/2024", "Quý lV/2024"),
        ("Quý II/2024", "Quý Ⅱ/2024"),
        ("Quý I, II/2024", "Quý I+II/2024"),
        ("Trước ngày 05/12/2024", "Trước ngày 5.12.2024"),
        ("Trước ngày 05/12/2024", "Trước ngày 05-12-2024"),
        ("Trước ngày 05/12/2024", "trước ngày 05 tháng 12 năm 2024"),
        ("Trước ngày 05/12/2024", "Trước ngày 5/12/24"),
        ("Trước ngày 05/12/2024", "Trước ngày 05 (năm) tháng 12 (mười hai)"),
        ("Trước ngày 05/12/2024", "Trước thứ Năm, ngày 05/12/2024"),
        ("Trước ngày 05/12/2024", "Trước ngày ０５/１２/２０２４"),
        ("Trước 17h00 ngày 5/6", "trước 17 giờ 00 phút ngày 5/6"),
        ("Trước 17h00 ngày 5/6", "trước 17:00 ngày 5/6"),
        ("Trước 17h00 ngày 5/6", "trước 17g00 ngày 5/6"),
        ("Thứ Sáu hàng tuần", "thứ 6 hằng tuần"),
        ("Chủ nhật hàng tuần", "CN hàng tuần"),
        ("Tháng 6-8/2024", "Tháng 6 -> 8/2024"),
        ("Tháng 6-8/2024", "từ T6 đến T8/2024"),
        ("Giai đoạn 2021-2025", "giai đoạn 2021—2025"),
    ],
)
def test_two_ways_to_write_it(one: str, other: str) -> None:
    assert gist(read(one)) == gist(read(other))
    assert not read(one).problems


@given(st.sampled_from(cells()), st.lists(st.sampled_from(sorted(_SAME)), max_size=4, unique=True))
def test_several_changes_at_once(cell: dict[str, Any], names: list[str]) -> None:
    text = cell["text"]
    for name in names:
        if name not in ("spaces around slashes", "closing bracket", "upper"):
            text = _keep_documents(text, _SAME[name])
    _same(cell, text)


@given(st.sampled_from(cells()), st.integers(min_value=0, max_value=40))
def test_white_space_around_a_cell_is_nothing(cell: dict[str, Any], blanks: int) -> None:
    _same(cell, " " * blanks + cell["text"] + "\n" * blanks)


def test_a_cell_as_long_as_allowed_is_read() -> None:
    text = "Quý II/2024" + " " * (LONGEST - 11)
    assert not read(text).problems
