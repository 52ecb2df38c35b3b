"""Files that are certainly broken, because of how they were made."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.loading.strict_yaml import ListNode, MapNode, Node, TextNode, read_strict


@dataclass(frozen=True, slots=True)
class Pair:
    """One "key: value" of a block in a file: 0-based line, column of the key, whether another key stands
    before it in the same group, and whether its whole value is one word or more on the same line."""

    key: str
    line: int
    column: int
    first: bool
    plain: bool
    next_line: int | None


def pairs(data: bytes) -> list[Pair]:
    """The pairs of a good file that stand each on a line of their own."""
    document = read_strict(data, "x.yaml")
    assert document.root is not None
    lines = data.decode().split("\n")
    found: list[Pair] = []

    def walk(node: Node) -> None:
        if isinstance(node, ListNode):
            for item in node.items:
                walk(item)
        if isinstance(node, MapNode):
            places = list(node.keys.items())
            for index, (key, (line, column)) in enumerate(places):
                value = node.entries[key]
                own = lines[line - 1][: column - 1].strip(" -") == ""
                if own and not lines[line - 1].lstrip(" -").startswith("{"):
                    following = places[index + 1][1][0] - 1 if index + 1 < len(places) else None
                    found.append(
                        Pair(key, line - 1, column - 1, index == 0, _plain(value, key, lines), following)
                    )
                walk(value)

    walk(document.root)
    return found


def _plain(value: Node, key: str, lines: list[str]) -> bool:
    if not isinstance(value, TextNode) or value.value is None:
        return False
    return lines[value.line - 1].partition(f"{key}: ")[2].partition("  #")[0].strip() == value.value


Break = Callable[[random.Random, bytes], bytes]


def _lines(data: bytes) -> list[str]:
    return data.decode().split("\n")


def _inserted(text: str) -> Break:
    """A line put before a key that is not the first of its group, at its column."""

    def change(chance: random.Random, data: bytes) -> bytes:
        pair = chance.choice([p for p in pairs(data) if not p.first])
        lines = _lines(data)
        lines.insert(pair.line, " " * pair.column + text.replace("KEY", pair.key))
        return "\n".join(lines).encode()

    return change


def _valued(text: str) -> Break:
    """The value of some key replaced."""

    def change(chance: random.Random, data: bytes) -> bytes:
        pair = chance.choice([p for p in pairs(data) if p.plain])
        lines = _lines(data)
        lines[pair.line] = lines[pair.line][: pair.column] + f"{pair.key}: {text}"
        return "\n".join(lines).encode()

    return change


def _tab(chance: random.Random, data: bytes) -> bytes:
    pair = chance.choice([p for p in pairs(data) if p.column > 0 and not p.first])
    lines = _lines(data)
    lines[pair.line] = "\t" + lines[pair.line].lstrip(" ")
    return "\n".join(lines).encode()


def _with_bytes(odd: bytes) -> Break:
    def change(chance: random.Random, data: bytes) -> bytes:
        at = chance.choice([i for i, byte in enumerate(data) if byte == ord(" ")])
        return data[:at] + odd + data[at:]

    return change


def _around(before: bytes, after: bytes) -> Break:
    return lambda _chance, data: before + data + after


def _in_encoding(name: str) -> Break:
    return lambda _chance, data: data.decode().encode(name, errors="replace")


def _cut_letter(chance: random.Random, data: bytes) -> bytes:
    """Half a Vietnamese letter is no letter."""
    at = chance.choice([i for i, byte in enumerate(data) if byte >= 0xC0])
    return data[: at + 1] + data[at + 2 :]


EVERYWHERE: Mapping[str, tuple[Break, set[str]]] = {
    "duplicate key": (_inserted("KEY: x"), {"duplicate-key"}),
    "unknown key": (_inserted("khoa_la: x"), {"unknown-key", "rule-fact"}),
    "merge key": (_inserted("<<: {khoa: x}"), {"merge-key"}),
    "list as key": (_inserted("[a, b]: x"), {"bad-key"}),
    "no colon": (_inserted("chữ lạc lõng"), set()),
    "tab": (_tab, {"tab"}),
    "open bracket": (_valued("[a, b"), set()),
    "open brace": (_valued("{a: b"), set()),
    "closing bracket": (_valued("]"), set()),
    "open quote": (_valued('"chưa đóng'), set()),
    "open single quote": (_valued("'chưa đóng"), set()),
    "words after quote": (_valued('"đóng" rồi'), set()),
    "bad escape": (_valued('"\\q"'), set()),
    "escaped control character": (_valued('"a\\x07b"'), {"control-character"}),
    "colon in value": (_valued("a: b: c"), set()),
    "alias": (_valued("*ten"), {"anchor"}),
    "anchor": (_valued("&ten x"), {"anchor"}),
    "tag": (_valued("!!str x"), {"tag"}),
    "reserved": (_valued("@x"), set()),
    "no UTF-8": (_with_bytes(b"\xff"), {"encoding"}),
    "half a letter": (_cut_letter, {"encoding"}),
    "control character": (_with_bytes(b"\x07"), {"control-character"}),
    "NUL": (_with_bytes(b"\x00"), {"control-character"}),
    "second document": (_around(b"", b"\n---\nkhoa: x\n"), {"several-documents"}),
    "directive": (_around(b"%YAML 1.1\n---\n", b""), {"directive"}),
    "UTF-16": (_in_encoding("utf-16"), {"encoding"}),
    "UTF-16 without mark": (_in_encoding("utf-16-le"), {"encoding"}),
    "UTF-32": (_in_encoding("utf-32"), {"encoding"}),
    "Windows-1258": (_in_encoding("cp1258"), {"encoding"}),
    "empty": (lambda _chance, _data: b"", {"empty"}),
    "only comments": (lambda _chance, _data: "# trống\n".encode(), {"empty"}),
    "a list at the top": (lambda _chance, _data: b"- a\n- b\n", {"wrong-type"}),
    "a text at the top": (lambda _chance, _data: b"a\n", {"wrong-type"}),
    "deep nesting": (lambda _chance, _data: b"a: " + b"[" * 5000, set()),
    "too large": (_around(b"", b"#" * (9 * 1024 * 1024)), {"too-large"}),
}
"""Breaks of any YAML file, with the codes of which one must be among the errors where that is certain."""


def without(key: str) -> Break:
    """The file with one pair of this key taken out, all its lines."""

    def change(chance: random.Random, data: bytes) -> bytes:
        known = [p for p in pairs(data) if p.key == key and not p.first and (p.next_line or p.plain)]
        pair = chance.choice(known)
        lines = _lines(data)
        del lines[pair.line : pair.next_line or pair.line + 1]
        return "\n".join(lines).encode()

    return change


def having(key: str, value: str) -> Break:
    """The file with the value of one pair of this key replaced."""

    def change(chance: random.Random, data: bytes) -> bytes:
        pair = chance.choice([p for p in pairs(data) if p.key == key and (p.plain or p.next_line)])
        lines = _lines(data)
        head = lines[pair.line][: pair.column]
        lines[pair.line : pair.next_line or pair.line + 1] = [f"{head}{key}: {value}"]
        return "\n".join(lines).encode()

    return change


def replaced(old: str, new: str) -> Break:
    """The file with one occurrence of a text replaced."""

    def change(chance: random.Random, data: bytes) -> bytes:
        text = data.decode()
        parts = text.split(old)
        at = chance.choice(range(1, len(parts)))
        return (old.join(parts[:at]) + new + old.join(parts[at:])).encode()

    return change


def appended(text: str) -> Break:
    """The file with lines added at its end."""
    return lambda _chance, data: data.rstrip(b"\n") + b"\n" + text.encode()


def elsewhere(mark: bytes, change: Break) -> Break:
    """The break for files that do not hold ``mark``."""

    def guarded(chance: random.Random, data: bytes) -> bytes:
        if mark in data:
            raise IndexError(mark)
        return change(chance, data)

    return guarded


def applicable(change: Break, data: bytes, seed: int) -> bytes | None:
    """The broken file; None where the file has no place for this break."""
    try:
        return change(random.Random(seed), data)
    except IndexError:  # nothing to choose from
        return None


def several(change: Break, data: bytes, count: int) -> Iterator[bytes]:
    """Up to ``count`` different broken files."""
    seen = {data}
    for seed in range(count):
        broken = applicable(change, data, seed)
        if broken is not None and broken not in seen:
            seen.add(broken)
            yield broken
