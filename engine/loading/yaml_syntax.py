"""What libyaml and PyYAML say about broken YAML, in Vietnamese and at the place to mend.

Also mends one line provisionally, so that the next error of the file can be found as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from engine.errors import Problem, Severity
from engine.loading.yaml_tree import Position

_QUOTE = 'đặt cả giá trị trong ngoặc kép, ví dụ: title: "Kế hoạch: giai đoạn 1"'
_UNCLOSED = "Dấu ngoặc [ hoặc { mở ở đây không được đóng lại"
_ALIGN = "các khóa cùng cấp phải thẳng cột; chỉ dùng dấu cách để thụt đầu dòng"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one error text reads in Vietnamese; ``at_start``: it points to where the value begins."""

    pattern: re.Pattern[str]
    code: str
    message: str
    hint: str
    at_start: bool = False


def _reading(pattern: str, code: str, message: str, hint: str, at_start: bool = False) -> _Reading:
    return _Reading(re.compile(pattern), code, message, hint, at_start)


# Matched in order against "context|problem|offending character"; texts of libyaml 0.2 and PyYAML 6.
_READINGS = (
    _reading(
        r"quoted scalar.*(unexpected end of stream|document (indicator|separator))",
        "unclosed-quote",
        "Dấu ngoặc kép (hoặc nháy đơn) mở ở đây không được đóng lại",
        'thêm dấu đóng ở cuối giá trị; dấu ngoặc kép nằm trong giá trị thì viết \\"',
        at_start=True,
    ),
    _reading(
        r"quoted scalar.*(unknown escape|hexdecimal|hexadecimal|Unicode character escape|escape sequence)",
        "bad-escape",
        "Sau dấu \\ trong ngoặc kép có ký tự không hợp lệ",
        "viết \\\\ để có một dấu \\, hoặc dùng nháy đơn '…' thay cho ngoặc kép",
    ),
    _reading(
        r"flow (sequence|mapping).*<?stream.end|flow node.*<stream end>|flow (sequence|mapping).*\|$",
        "unclosed-bracket",
        _UNCLOSED,
        "thêm dấu ] hoặc } ; nếu giá trị bắt đầu bằng [ hoặc { thì đặt cả giá trị trong ngoặc kép",
        at_start=True,
    ),
    _reading(
        r"flow (sequence|mapping)|flow node|unexpected ':'",
        "bracket",
        "Danh sách trong dấu ngoặc [ ] hoặc { } viết sai ở đây",
        "các mục cách nhau bằng dấu phẩy, ngoặc phải đóng đủ; giá trị có dấu phẩy, ngoặc hoặc ': ' "
        "phải đặt trong ngoặc kép",
    ),
    _reading(
        r"mapping values are not allowed",
        "colon-in-value",
        "Có dấu ': ' ở chỗ không được phép",
        f"giá trị có dấu ': ' phải đặt trong ngoặc kép, hoặc dòng bị thụt sai cột; {_QUOTE}",
    ),
    _reading(
        r"could not find expected ':'",
        "missing-colon",
        "Thiếu dấu ':' sau khóa ở dòng này",
        "viết “khóa: giá trị”, có dấu cách sau ':'; giá trị nhiều dòng thì thụt vào sâu hơn khóa",
        at_start=True,
    ),
    _reading(
        r"cannot start any token.*\|\t$|tab character",
        "tab",
        "Dùng phím Tab để thụt đầu dòng",
        "dùng dấu cách (thường là 2 dấu cách mỗi cấp) thay cho Tab",
    ),
    _reading(
        r"cannot start any token",
        "bad-start",
        "Giá trị bắt đầu bằng ký tự đặc biệt (@, `, % …)",
        _QUOTE,
    ),
    _reading(
        r"sequence entries are not allowed",
        "dash",
        "Dấu '- ' ở chỗ không được phép",
        f"mỗi mục của danh sách bắt đầu ở một dòng riêng, thẳng cột với các mục khác; {_ALIGN}",
    ),
    _reading(r"mapping keys are not allowed", "question-mark", "Dấu '? ' ở chỗ không được phép", _QUOTE),
    _reading(
        r"(scanning|parsing) an? (anchor|alias)",
        "anchor",
        "Dấu & hoặc * ở đầu giá trị có nghĩa đặc biệt trong YAML và không được dùng",
        _QUOTE,
    ),
    _reading(
        r"tag",
        "tag",
        "Dấu ! ở đầu giá trị có nghĩa đặc biệt trong YAML và không được dùng",
        _QUOTE,
    ),
    _reading(
        r"directive|incompatible YAML document",
        "directive",
        "Dòng bắt đầu bằng dấu % là chỉ thị của YAML và không được dùng",
        "xóa dòng này hoặc đặt giá trị trong ngoặc kép",
    ),
    _reading(
        r"block scalar",
        "block-text",
        "Sau dấu | hoặc > phải xuống dòng ngay",
        "xuống dòng rồi thụt đoạn văn vào; nếu giá trị bắt đầu bằng | hoặc > thì đặt trong ngoặc kép",
    ),
    _reading(
        r"document start|document end|document indicator",
        "several-documents",
        "Nội dung thừa: phần này không thuộc về phần trên",
        f"mỗi tệp chỉ chứa một khối dữ liệu; {_ALIGN}",
    ),
    _reading(
        r"block (mapping|collection|sequence)|expected <block end>|block node|node content",
        "indentation",
        "Dòng này không khớp với các dòng trên: thụt sai cột, hoặc thừa chữ sau dấu ngoặc kép đóng",
        f"{_ALIGN}; sau dấu ngoặc kép đóng không viết thêm gì",
    ),
)
_OTHER = _Reading(re.compile(""), "yaml-syntax", "Tệp viết sai cú pháp YAML ở gần đây", f"{_ALIGN}; {_QUOTE}")


def syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """The Problem that a parser error stands for; any unknown text gets the general message."""
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None)
    said = f"{getattr(error, 'context', None) or ''}|{getattr(error, 'problem', None) or ''}|"
    at = _offset(text, mark.line, mark.column) if mark else len(text)
    # The end of the file has no character: an opened bracket was never closed.
    said += text[at : at + 1] if text[at:].strip() else ""
    reading = next((r for r in _READINGS if r.pattern.search(said)), _OTHER)
    message, at_start = reading.message, reading.at_start
    if reading.code == "bracket" and start and mark and start.line != mark.line:
        # Not closed on its line, or wrong further down: say both places.
        message, at_start = f"{_UNCLOSED} (đọc đến dòng {mark.line + 1} thì không hiểu)", True
    if reading.code == "colon-in-value" and mark:
        continued = _continued_line(text, mark.line, mark.column, file)
        if continued is not None:
            return continued
    chosen = (start if at_start else mark) or mark or start
    line, column = (chosen.line + 1, chosen.column + 1) if chosen else (0, 0)
    return Problem(file, line, column, Severity.ERROR, reading.code, message, reading.hint)


def _continued_line(text: str, line: int, column: int, file: str) -> Problem | None:
    """A line with a key of its own that was read as the rest of the line above it.

    Either the line above lacks its colon, or this one is indented too far; None where the
    offending colon is not the first of its line.
    """
    lines = text.split("\n")
    here = lines[line]
    if ": " in here[:column] or not _ENTRY.match(here):
        return None
    above = next((n for n in range(line - 1, -1, -1) if lines[n].strip(" -")), None)
    if above is None:
        return None
    if not _KEYED.search(lines[above]):
        reading = next(r for r in _READINGS if r.code == "missing-colon")
        at, message, hint = above, reading.message, reading.hint
    else:
        reading = next(r for r in _READINGS if r.code == "indentation")
        at = line
        message = f"Dòng này thụt sai cột, bị hiểu là phần tiếp theo của dòng {above + 1}"
        hint = _ALIGN
    start = len(lines[at]) - len(lines[at].lstrip(" -"))
    return Problem(file, at + 1, start + 1, Severity.ERROR, reading.code, message, hint)


def tab_problems(text: str, file: str, *, at_most: int = 20) -> list[Problem]:
    """One problem for each line that is indented with a tab, and one for the rest of them."""
    reading = next(r for r in _READINGS if r.code == "tab")
    places: list[Position] = []
    for number, line in enumerate(text.split("\n"), start=1):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent and line.strip():
            places.append((number, indent.index("\t") + 1))
    problems = [
        Problem(file, *place, Severity.ERROR, reading.code, reading.message, reading.hint)
        for place in places[:at_most]
    ]
    if len(places) > at_most:
        message = f"Còn {len(places) - at_most} dòng khác cũng thụt bằng phím Tab"
        problems.append(Problem(file, 0, 0, Severity.ERROR, reading.code, message, reading.hint))
    return problems


_KEYED = re.compile(r":(\s|$)")
_ENTRY = re.compile(r"^(\s*(?:- +)*)([^\s:#'\"\[\]{},&*!|>%@`-][^:#'\"]*):(?:\s.*)?$")
_DASH = re.compile(r"^\s*(?:- +)+")


def mended(line: str, *, again: bool) -> str:
    """A line that parses in place of a broken one: its value replaced, or the line taken out.

    Only for finding further errors; nothing read from a mended text is ever used.
    """
    if again:
        return ""
    if entry := _ENTRY.match(line):
        return f"{entry[1]}{entry[2]}: x"
    dash = _DASH.match(line)
    return f"{dash[0]}x: x" if dash else ""


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line):
        start = text.find("\n", start) + 1
        if start == 0:
            return len(text)
    return min(start + column, len(text))
