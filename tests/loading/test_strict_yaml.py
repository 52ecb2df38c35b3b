from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Problem
from engine.loading import strict_yaml
from engine.loading.strict_yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_PROBLEMS,
    Document,
    ListNode,
    MapNode,
    TextNode,
    key_position_of,
    plain,
    position_of,
    read_strict,
)
from engine.loading.yaml_bytes import read_text

VIETNAMESE = "title: Kế hoạch kiểm soát thủ tục hành chính của Ủy ban nhân dân xã được đăng ký năm 2023\n"


def read(text: str) -> Document:
    return read_strict(text.encode(), "x.yaml")


def content(text: str) -> object:
    document = read(text)
    assert document.problems == ()
    assert document.root is not None
    return plain(document.root)


def said(text: str | bytes) -> list[tuple[str, int, int]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(p.code, p.line, p.column) for p in read_strict(data, "x.yaml").problems]


@pytest.fixture(params=["libyaml", "python"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers that PyYAML may come with: the wheel has libyaml, a source build may not."""
    loader = yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader
    monkeypatch.setattr(strict_yaml, "_LOADER", loader)
    return str(request.param)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.10", "1.10"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("true", "true"),
        ("17:30", "17:30"),
        ("0x1F", "0x1F"),
        ("010", "010"),
        ("1e3", "1e3"),
        ("2023-01-02", "2023-01-02"),
        (".inf", ".inf"),
        ("=", "="),
        ("", None),
        ("null", None),
        ("~", None),
        ("NULL", None),
        ("'null'", "null"),
        ('"~"', "~"),
        ('""', ""),
        ('"a\\tb"', "a\tb"),
        ("|\n  x\n  \ty", "x\n\ty\n"),
        (">\n  x\n  y", "x y\n"),
        ("x # c", "x"),
        ("x#c", "x#c"),
        ("Sở A; Sở B, C", "Sở A; Sở B, C"),
    ],
)
def test_scalars_stay_text(either_parser: str, written: str, value: str | None) -> None:
    assert content(f"k: {written}\n") == {"k": value}


def test_lists_and_maps(either_parser: str) -> None:
    assert content("a:\n- 1\n- {b: c, d: [e]}\n- - f\n") == {"a": ["1", {"b": "c", "d": ["e"]}, ["f"]]}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa: b\n",  # byte order mark
        b"a: b\r\n",
        b"a: b\r",
        "a\u200b: \ufeffb\n".encode(),
        b"---\na: b\n...\n",
        b"' a ': b\n",
    ],
)
def test_harmless_oddities_are_taken(data: bytes) -> None:
    document = read_strict(data, "x.yaml")
    assert document.problems == ()
    assert document.root is not None
    assert plain(document.root) == {"a": "b"}


def test_text_and_keys_are_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Tiếng: Việt ữ\n")
    assert content(decomposed) == {"Tiếng": "Việt ữ"}
    assert content('k: "u\\u031b\\u0303\\u200b"\n') == {"k": "ữ"}


BAD_SYNTAX = [
    ("title: Kế hoạch: giai đoạn 1\nb: c: d\n", [("colon-in-value", 1, 16), ("colon-in-value", 2, 5)]),
    ('a: "b\nc: d\n', [("unclosed-quote", 1, 4)]),
    ("a: 'b\nc: d\n", [("unclosed-quote", 1, 4)]),
    ("a: [b, c\n", [("unclosed-bracket", 1, 4)]),
    ("a: {b: c\n", [("unclosed-bracket", 1, 4)]),
    ("a: [b, c\nd: e\n", [("bracket", 1, 4)]),
    ("a: b]\nc: [d}\n", [("bracket", 2, 6)]),
    ("a: b\nfoo\nc: d\n", [("missing-colon", 2, 1)]),
    ("- stt 2\n  title: x\n  title: y\n", [("missing-colon", 1, 3)]),
    ("a:\n  b: c\n   d: e\n", [("indentation", 3, 4)]),
    ("a:\r  b: c\r   d: e\r", [("indentation", 3, 4)]),
    ("a:\n    b: c\n  d: e\n", [("indentation", 3, 3)]),
    ('a: "b" c\n', [("indentation", 1, 8)]),
    ("a: @b\nc: `d\n", [("bad-start", 1, 4), ("bad-start", 2, 4)]),
    ("a: - b\n", [("dash", 1, 4)]),
    ("a: ? b\n", [("question-mark", 1, 4)]),
    ('a: "\\q"\n', [("bad-escape", 1, 6)]),
    ('a: "\\xzz"\n', [("bad-escape", 1, 7)]),
    ("a: * b\n", [("anchor", 1, 5)]),
    ("a: !u!z q\n", [("tag", 1, 4)]),
    ("a: | b\n", [("block-text", 1, 6)]),
    ("a: b\n...\nc: d\n", [("several-documents", 3, 1)]),
    ("a:\n\tb: c\n\td: e\n", [("tab", 2, 1), ("tab", 3, 1)]),
    ("a:\n  b: c\n\td: e\n", [("tab", 3, 1)]),
]


@pytest.mark.parametrize(("text", "expected"), BAD_SYNTAX)
def test_broken_syntax_is_said_at_its_place(
    either_parser: str, text: str, expected: list[tuple[str, int, int]]
) -> None:
    document = read(text)
    assert document.root is None
    found = said(text)
    # The two parsers may point a character or two apart; kind and line are what the author needs.
    assert [(code, line) for code, line, _ in found] == [(code, line) for code, line, _ in expected]
    if either_parser == "libyaml":
        assert [column for *_, column in found] == [pytest.approx(column, abs=1) for *_, column in expected]


REFUSED = [
    ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)]),
    ("- x: 1\n  y: 2\n  x: 3\n", [("duplicate-key", 3, 3)]),
    ("a: {b: 1, b: 2}\n", [("duplicate-key", 1, 11)]),
    (unicodedata.normalize("NFD", "ế: 1\n") + "ế: 2\n", [("duplicate-key", 2, 1)]),
    ("? [a]\n: b\nc: d\n", [("bad-key", 1, 3)]),
    ("? {a: b}\n: c\nd: e\n", [("bad-key", 1, 3)]),
    ('"": a\n', [("bad-key", 1, 1)]),
    ("a: &x b\n", [("anchor", 1, 4)]),
    ("a: &x b\nc: *x\n", [("anchor", 1, 4), ("anchor", 2, 4)]),
    ("a: &x [b]\n*x : d\n", [("anchor", 1, 4), ("anchor", 2, 1)]),
    ("a: b\n<<: {c: d}\n", [("merge-key", 2, 1)]),
    ("a: !!python/object:os.system b\n", [("tag", 1, 4)]),
    ("a: !x [b]\n", [("tag", 1, 4)]),
    ("a: !!str 1\n", [("tag", 1, 4)]),
    ("a: b\n---\nc: d\n", [("several-documents", 2, 1)]),
    ("%YAML 1.1\n---\na: b\n", [("directive", 1, 1)]),
    ("a: x\0y\nb: \x0b\n", [("control-character", 1, 5), ("control-character", 2, 4)]),
    ('a: "\\x01"\n', [("control-character", 1, 4)]),
    ("", [("empty", 0, 0)]),
    ("# chỉ chú thích\n\n", [("empty", 0, 0)]),
    ("---\n", [("empty", 0, 0)]),
    ("~\n", [("empty", 0, 0)]),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), [("too-deep", 1, MAX_DEPTH + 1)]),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_what_could_mislead_is_refused(
    either_parser: str, text: str, expected: list[tuple[str, int, int]]
) -> None:
    assert said(text) == expected


def test_a_duplicate_key_names_both_lines() -> None:
    (problem,) = read("a: 1\nb: 2\n\na: 3\n").problems
    assert "dòng 1" in problem.message
    assert "dòng 4" in problem.message


def test_a_surrogate_never_gets_into_a_value() -> None:
    for data in (b'a: "\\uD800"\n', b"a: \xed\xa0\x80\n"):
        document = read_strict(data, "x.yaml")
        assert document.problems
        assert document.root is None or str(plain(document.root)).encode()


def test_depth_up_to_the_limit_is_fine() -> None:
    assert said("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []


def test_the_first_of_two_equal_keys_is_kept() -> None:
    root = read("a: 1\na: 2\nb: 3\n").root
    assert root is not None
    assert plain(root) == {"a": "1", "b": "3"}


def test_all_problems_come_at_once() -> None:
    codes = [code for code, *_ in said("a: &x 1\na: !t 2\n<<: 3\nb: *x\nc: 4\nc: 5\n")]
    assert codes == ["anchor", "duplicate-key", "tag", "merge-key", "anchor", "duplicate-key"]


def to_1258(text: str) -> bytes:
    """Windows-1258 keeps â ê ô ơ ư ă đ whole and writes the tone as a mark of its own."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = b""
    for char in text:
        marks = unicodedata.normalize("NFD", char)
        base = unicodedata.normalize("NFC", "".join(c for c in marks if c not in tones))
        out += (base + "".join(c for c in marks if c in tones)).encode("cp1258")
    return out


TCVN3 = (
    b"title: K\xd5 ho\xb9ch ki\xd3m so\xb8t th\xf1 t\xf4c h\xb5nh ch\xdenh n\xa8m 2023 \xae\xad\xee\xabc\n"
)
VNI = "title: Keá hoaïch kieåm soaùt thuû tuïc haønh chính naêm 2023 ñöôïc ñaêng kyù\n"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (VIETNAMESE.encode("utf-16"), "UTF-16"),
        (VIETNAMESE.encode("utf-16-be"), "UTF-16"),
        (VIETNAMESE.encode("utf-16-le"), "UTF-16"),
        (VIETNAMESE.encode("utf-32"), "UTF-32"),
        (to_1258(VIETNAMESE), "Windows-1258"),
        (TCVN3, "TCVN3"),
        (VNI.encode("latin-1"), "VNI"),
        (b"a: \xff\n", "UTF-8"),
    ],
)
def test_a_wrong_encoding_is_named(data: bytes, named: str) -> None:
    document = read_strict(data, "x.yaml")
    assert document.root is None
    assert [p.code for p in document.problems] == ["encoding"]
    assert named in document.problems[0].message
    assert "UTF-8" in document.problems[0].message + document.problems[0].hint


def test_one_bad_byte_in_good_text_is_pointed_at() -> None:
    assert said(VIETNAMESE.encode() + b"b: x\xffy\n") == [("encoding", 2, 5)]


@pytest.mark.parametrize("text", [VNI, TCVN3.decode("latin-1")])
def test_text_typed_for_an_old_font_is_warned_of(text: str) -> None:
    document = read(text)
    assert [(p.code, p.severity) for p in document.problems] == [("legacy-font", "warning")]
    assert document.root is not None


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
def test_an_office_file_is_recognised(start: bytes) -> None:
    assert said(start + b"\0\1\2" * 20) == [("not-text", 0, 0)]


def test_a_huge_file_is_refused_at_once() -> None:
    data = b"a: b\n" * 10_000_000
    began = time.perf_counter()
    document = read_strict(data, "x.yaml")
    assert time.perf_counter() - began < 1
    assert [p.code for p in document.problems] == ["too-large"]
    assert said(b"a: " + b"b" * (MAX_BYTES - 3)) == []
    assert said(b"a: " + b"b" * (MAX_BYTES - 2)) == [("too-large", 0, 0)]


def test_aliases_do_not_explode() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    began = time.perf_counter()
    document = read("\n".join(lines))
    assert time.perf_counter() - began < 1
    assert {p.code for p in document.problems} == {"anchor"}


def test_too_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "MAX_NODES", 10)
    assert said("[a, b, c, d, e, f, g, h, i]") == []
    assert said("[a, b, c, d, e, f, g, h, i, j]") == [("too-many-nodes", 1, 29)]


def test_a_hopeless_file_is_not_listed_without_end() -> None:
    problems = read("a: b\n" * 5000).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert "too-many-problems" in {p.code for p in problems}


def test_many_tabs_are_summed_up() -> None:
    codes = said("a:\n" + "\tb: c\n" * 100)
    assert len(codes) == 21
    assert set(codes[1:]) <= {("tab", line, 1) for line in range(2, 22)}


TREE = """\
plan:
  title: x
tasks:
  - title: y
    leads: [a, b]
  - empty:
"""


@pytest.mark.parametrize(
    ("loc", "value_at", "key_at"),
    [
        ((), (1, 1), (1, 1)),
        (("plan", "title"), (2, 10), (2, 3)),
        (("tasks", 0, "leads", 1), (5, 16), (5, 16)),
        (("tasks", 0, "row", "leads"), (5, 12), (5, 5)),  # a discriminator tag in between
        (("tasks", 0, "leads", "list[str]", 0), (5, 13), (5, 13)),
        (("tasks", 0, "lead"), (4, 5), (4, 5)),  # missing: the map that lacks it
        (("tasks", 9), (4, 3), (3, 1)),
        (("nothing", "there"), (1, 1), (1, 1)),
        (("tasks", 1, "empty"), (6, 11), (6, 5)),
    ],
)
def test_places_of_a_path(
    loc: tuple[str | int, ...], value_at: tuple[int, int], key_at: tuple[int, int]
) -> None:
    root = read(TREE).root
    assert root is not None
    assert position_of(root, loc) == value_at
    assert key_position_of(root, loc) == key_at


def test_the_tree_has_places() -> None:
    root = read("a: b\nc: [d]\n").root
    assert isinstance(root, MapNode)
    assert root.keys == {"a": (1, 1), "c": (2, 1)}
    assert root.entries["a"] == TextNode("b", 1, 4)
    assert root.entries["c"] == ListNode((TextNode("d", 2, 5),), 2, 4)


ENGLISH = ("expected", "found", "while", "could not", "mapping", "token", "character", "stream")


def speaks_vietnamese(problem: Problem) -> bool:
    text = f"{problem.message} {problem.hint}"
    return any(ord(c) > 0x7F for c in problem.message) and not any(f" {w} " in f" {text} " for w in ENGLISH)


SEED = (Path(__file__).parent.parent.parent / "rules" / "calendar.yaml").read_bytes()[:6000]
PIECES = [
    b"\t",
    b"\n",
    b": ",
    b"- ",
    b"[",
    b"}",
    b'"',
    b"'",
    b"&a ",
    b"*a",
    b"!t ",
    b"<<",
    b"\0",
    b"\xff",
    b"%",
    b"@",
]


def check_any(data: bytes) -> None:
    """Whatever the bytes: an answer within a second, in Vietnamese, and a tree only where there is one."""
    began = time.perf_counter()
    document = read_strict(data, "x.yaml")
    assert time.perf_counter() - began < 1
    assert all(speaks_vietnamese(problem) for problem in document.problems)
    assert document.root is not None or document.problems
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(0 <= problem.line <= lines + 1 for problem in document.problems)
    if not any(problem.severity == "error" for problem in document.problems):
        assert document.root is not None
        text, _ = read_text(data, "x.yaml")
        assert text is not None
        assert same(plain(document.root), yaml.load(text, Loader=yaml.CBaseLoader))


def same(ours: object, theirs: object) -> bool:
    """Equal to what PyYAML itself builds when it leaves every scalar a text."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == [key.strip() for key in theirs] and all(
            same(mine, other) for mine, other in zip(ours.values(), theirs.values(), strict=True)
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs or (ours is None and theirs in {"", "~", "null", "Null", "NULL"})


@given(data=st.binary(max_size=300))
def test_random_bytes_never_raise(data: bytes) -> None:
    check_any(data)


@given(text=st.text(alphabet="ab:- \n\t[]{},&*!|>'\"%@`#?<~\\ế\u200b\u2028\u0301", max_size=80))
@settings(max_examples=400)
def test_random_yaml_like_text_never_raises(text: str) -> None:
    check_any(text.encode())


@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(SEED)), st.integers(0, 30), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=150)
def test_mutations_of_a_good_file_never_raise(cuts: list[tuple[int, int, bytes]]) -> None:
    data = SEED
    for at, removed, put in cuts:
        data = data[:at] + put + data[at + removed :]
    check_any(data)
