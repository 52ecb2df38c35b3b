"""Reads YAML strictly: every scalar stays text, and whatever could mislead an author is refused.

``1.10`` is not 1.1, ``no`` is not False and ``17:30`` is not 1050: numbers, dates and yes/no are
made by the schema (``engine.loading.validate``). Refused are duplicate keys, keys that are not text,
anchors and aliases (a few lines can grow to gigabytes), merge keys, tags and second documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from engine.errors import Problem, Severity
from engine.loading.yaml_bytes import CONTROL, MAX_BYTES, clean, read_text
from engine.loading.yaml_syntax import mended, syntax_problem, tab_problems
from engine.loading.yaml_tree import (
    Document,
    ListNode,
    Loc,
    MapNode,
    Node,
    Position,
    TextNode,
    existing,
    key_position_of,
    plain,
    position_of,
)

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_PROBLEMS",
    "Document",
    "ListNode",
    "Loc",
    "MapNode",
    "Node",
    "Position",
    "TextNode",
    "existing",
    "key_position_of",
    "plain",
    "position_of",
    "read_strict",
]

MAX_DEPTH = 50
MAX_NODES = 500_000
MAX_PROBLEMS = 1_000
_MORE_ERRORS_BELOW = 300_000  # characters up to which further syntax errors are looked for
_ROUNDS = 10
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_QUOTE = 'đặt giá trị trong ngoặc kép, ví dụ: "* ghi chú"'
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_strict(data: bytes, file: str) -> Document:
    """Reads one YAML document; never raises for bad input, lists what is wrong instead.

    ``root`` is None where the file could not be read to its end. With problems and a root the tree
    holds the first of two equal keys and leaves out what has no text for a key.
    """
    text, problems = read_text(data, file)
    if text is None:
        return Document(file, None, tuple(problems))
    builder = _Builder(file)
    try:
        builder.build(text)
    except yaml.YAMLError as error:
        problems += _syntax_errors(error, text, file)
    root = builder.root if builder.finished else None
    return Document(file, root, tuple(sorted({*problems, *builder.problems})))


def _syntax_errors(error: yaml.YAMLError, text: str, file: str) -> list[Problem]:
    """The first syntax error and those after it, found by mending one line after the other."""
    first = syntax_problem(error, text, file)
    if first.code == "tab":
        return tab_problems(text, file) or [first]
    problems = [first]
    if len(text) > _MORE_ERRORS_BELOW:
        return problems
    lines = text.split("\n")
    tried: set[int] = set()
    problem = first
    for _ in range(_ROUNDS):
        index = problem.line - 1
        if not 0 <= index < len(lines) or (index in tried and not lines[index]):
            break
        lines[index] = mended(lines[index], again=index in tried)
        tried.add(index)
        try:
            _Builder(file).build("\n".join(lines))
        except yaml.YAMLError as later:
            problem = syntax_problem(later, "\n".join(lines), file)
        else:
            break
        if problem.line > problems[-1].line:
            problems.append(problem)
        elif problem.line < problems[-1].line:
            break
    return problems


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    line: int
    column: int
    is_map: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    awaits_key: bool = True
    key: str | None = None  # None while awaiting a value: the key was refused, its value is dropped


class _Stop(Exception):
    """The rest of the file is not looked at."""


class _Builder:
    """Builds the tree from PyYAML's events with a stack of its own."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.finished = False
        self._open: list[_Open] = []
        self._documents = 0
        self._nodes = 0

    def build(self, text: str) -> None:
        """Reads the events of ``text``; yaml.YAMLError where the syntax is broken."""
        try:
            for event in self._events(text):
                self._take(event)
        except _Stop:
            return
        if self.root is None or (isinstance(self.root, TextNode) and self.root.value is None):
            self._problem((0, 0), "empty", "Tệp trống hoặc chỉ có chú thích", "điền nội dung hoặc xóa tệp")
            return
        self.finished = True

    @staticmethod
    def _events(text: str) -> Iterator[yaml.Event]:
        events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        return events

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._check_node(event)
            self._start(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._refuse_anchor(_at(event))
            self._add(TextNode(None, *_at(event)))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _check_node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = f"Tệp có quá nhiều mục (hơn {MAX_NODES:,})".replace(",", ".")
            self._problem(_at(event), "too-many-nodes", message, "chia thành nhiều tệp nhỏ hơn")
            raise _Stop
        if event.anchor is not None:
            self._refuse_anchor(_at(event))
        if event.tag is not None:
            self._problem(
                _at(event),
                "tag",
                "Dấu ! ở đầu giá trị có nghĩa đặc biệt trong YAML và không được dùng",
                'đặt giá trị trong ngoặc kép, ví dụ: "!quan trọng"',
            )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        value: str = event.value
        if not event.style:  # plain: None in PyYAML, "" in libyaml
            node = TextNode(None if value in _NULLS else value, *_at(event))
        else:
            if event.style == '"' and (not value.isascii() or CONTROL.search(value)):
                value = self._escaped(value, event)
            node = TextNode(value, *_at(event))
        top = self._open[-1] if self._open else None
        if top is not None and top.is_map and top.awaits_key:
            self._key(top, value, event)
        else:
            self._add(node)

    def _escaped(self, value: str, event: yaml.ScalarEvent) -> str:
        """A quoted value may hold by escape what the text of the file may not hold openly."""
        if CONTROL.search(value):
            message = "Giá trị trong ngoặc kép chứa ký tự điều khiển"
            self._problem(_at(event), "control-character", message, "bỏ chuỗi \\x…, \\u… trong giá trị")
            value = CONTROL.sub("\ufffd", value)
        return clean(value)

    def _key(self, top: _Open, value: str, event: yaml.ScalarEvent) -> None:
        key, place = value.strip(), _at(event)
        top.awaits_key, top.key = False, None
        if not key:
            self._problem(place, "bad-key", "Thiếu tên khóa trước dấu ':'", "viết “khóa: giá trị”")
        elif key == "<<" and not event.style:
            message = "Khóa “<<” (gộp từ chỗ khác) không được dùng"
            self._problem(place, "merge-key", message, "viết đủ các khóa ra, để người đọc thấy ngay")
        elif key in top.keys:
            message = f"Khóa “{key}” bị lặp lại: đã có ở dòng {top.keys[key][0]}, lặp ở dòng {place[0]}"
            hint = "giữ một, xóa một; nếu là một mục mới của danh sách thì thêm '- ' ở đầu mục"
            self._problem(place, "duplicate-key", message, hint)
        else:
            top.key = key
            top.keys[key] = place

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if len(self._open) >= MAX_DEPTH:
            message = f"Các mục lồng nhau quá sâu (hơn {MAX_DEPTH} cấp)"
            self._problem(_at(event), "too-deep", message, "bỏ bớt cấp; kiểm tra dấu [ và { thừa")
            raise _Stop
        top = self._open[-1] if self._open else None
        if top is not None and top.is_map and top.awaits_key:
            message = "Tên khóa phải là chữ, không phải danh sách hay nhóm khóa"
            self._problem(_at(event), "bad-key", message, _QUOTE)
        self._open.append(_Open(*_at(event), isinstance(event, yaml.MappingStartEvent)))

    def _end(self) -> None:
        done = self._open.pop()
        if done.is_map:
            self._add(MapNode(done.entries, done.keys, done.line, done.column))
        else:
            self._add(ListNode(tuple(done.items), done.line, done.column))

    def _add(self, node: Node) -> None:
        """Puts a finished node where it belongs; in the place of a key it is dropped."""
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if not top.is_map:
            top.items.append(node)
        elif top.awaits_key:
            top.awaits_key, top.key = False, None
        else:
            if top.key is not None:
                top.entries[top.key] = node
            top.awaits_key = True

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if event.tags or event.version:
            message = "Dòng bắt đầu bằng dấu % là chỉ thị của YAML và không được dùng"
            self._problem(_at(event), "directive", message, "xóa dòng này")
        if self._documents > 1:
            message = "Tệp chứa nhiều tài liệu YAML (có dòng “---” ở giữa)"
            self._problem(_at(event), "several-documents", message, "tách mỗi phần thành một tệp")
            raise _Stop

    def _refuse_anchor(self, place: Position) -> None:
        self._problem(
            place,
            "anchor",
            "Dấu & hoặc * ở đầu giá trị (gọi lại từ chỗ khác) không được dùng",
            f"viết đủ giá trị ra: gọi lại thì khó đọc và có thể phình to vô hạn; nếu chỉ là chữ thì {_QUOTE}",
        )

    def _problem(self, place: Position, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, *place, Severity.ERROR, code, message, hint))
        if len(self.problems) == MAX_PROBLEMS:
            message = f"Tệp có từ {MAX_PROBLEMS} lỗi trở lên; phần sau dòng {place[0]} chưa được xem"
            hint = "sửa các lỗi đã nêu rồi kiểm tra lại; có thể đã dán nhầm nội dung vào tệp"
            self.problems.append(Problem(self.file, 0, 0, Severity.ERROR, "too-many-problems", message, hint))
            raise _Stop


def _at(event: yaml.Event) -> Position:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
