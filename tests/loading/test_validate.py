from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Discriminator, Field, PlainValidator, Tag, TypeAdapter

from engine.errors import Problem
from engine.loading.strict_yaml import read_strict
from engine.loading.validate import (
    Flag,
    SmallInt,
    StrictModel,
    Text,
    VietnameseDate,
    refusal,
    validate,
)


class Kind(StrEnum):
    PARTY = "party"
    SCHOOL = "school"


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("must be odd")
    return value


def _short(value: str) -> str:
    if len(value) > 5:
        raise refusal("long-name", f"Tên “{{{value}}}” dài quá", "rút ngắn lại")
    return value


def _vietnamese(value: str) -> str:
    if "x" in value:
        raise ValueError("Không được có chữ x")
    return value


class Marker(StrictModel):
    section: Text


class Row(StrictModel):
    title: Text
    lead: list[Text] | Text = Field(default_factory=list)
    due: VietnameseDate | None = None
    coordinating: Text | None = None


def _row_kind(value: Any) -> str:
    return "marker" if isinstance(value, dict) and "section" in value else "row"


class Head(StrictModel):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=10)] = "a"
    code: Annotated[str, Field(pattern=r"^\d+$", min_length=2)] = "00"
    year: SmallInt = 2023
    hours: Annotated[SmallInt, Field(ge=1, le=24)] = 1
    number: int = 1
    share: float = 0.5
    active: Flag = True
    strict: bool = True
    kind: Kind = Kind.PARTY
    level: Literal["province", "commune"] = "province"
    odd: Annotated[int, AfterValidator(_odd)] = 1
    short: Annotated[str, AfterValidator(_short)] = ""
    viet: Annotated[str, AfterValidator(_vietnamese)] = ""
    names: Annotated[list[Text], Field(min_length=2, max_length=3)] = Field(
        default_factory=lambda: ["a", "b"]
    )


class Plan(StrictModel):
    head: Head = Field(default_factory=Head)
    rows: list[
        Annotated[Annotated[Marker, Tag("marker")] | Annotated[Row, Tag("row")], Discriminator(_row_kind)]
    ] = Field(default_factory=list)


def check(text: str, model: type[BaseModel] = Plan) -> tuple[BaseModel | None, tuple[Problem, ...]]:
    return validate(model, read_strict(text.encode(), "x.yaml"), "x.yaml")


def only(text: str) -> Problem:
    value, problems = check(text)
    assert value is None
    (problem,) = problems
    return problem


def test_a_good_document_becomes_the_model() -> None:
    value, problems = check(
        "head: {id: ke-hoach, year: 2023, active: không, kind: school}\n"
        "rows:\n- section: I\n- title: '  Lập   kế hoạch – số 1 '\n  due: 5/3/2023\n  lead: [A, B]\n"
    )
    assert problems == ()
    assert isinstance(value, Plan)
    assert (value.head.active, value.head.kind) == (False, Kind.SCHOOL)
    row = value.rows[1]
    assert isinstance(row, Row)
    assert (row.title, row.due, row.lead) == ("Lập kế hoạch – số 1", date(2023, 3, 5), ["A", "B"])


# The document, then code, line, column, and pieces of the message and hint.
CASES: list[tuple[str, str, int, int, list[str]]] = [
    ("rows:\n- lead: A\n", "missing-key", 2, 3, ["Thiếu khóa “title”", "title: …"]),
    ("rows:\n- title: A\n  leed: B\n", "unknown-key", 3, 3, ["Không có khóa “leed”", "“lead”?"]),
    ("rows:\n- title: A\n  zzz: B\n", "unknown-key", 3, 3, ["title, lead, due, coordinating"]),
    ("head: {id: a, b c}\n", "unknown-key", 1, 15, ["“b c”", "ngoặc kép"]),
    ("rows:\n- title:\n", "empty-value", 2, 3, ["Khóa “title”", "chưa có giá trị"]),
    ("rows:\n- title: ''\n", "empty-value", 2, 10, ["chưa có giá trị"]),
    ("rows:\n- title: '  '\n", "empty-value", 2, 10, ["chưa có giá trị"]),
    ("rows:\n- title: [a]\n", "wrong-type", 2, 10, ["phải là một đoạn chữ"]),
    ("rows:\n- title: {a: b}\n", "wrong-type", 2, 10, ["ngoặc kép"]),
    ("rows:\n- title: A\n  lead: {b: c}\n", "wrong-type", 3, 9, ["một danh sách", "hoặc một đoạn chữ"]),
    ("rows:\n- title: A\n  lead: [B, {c: d}]\n", "wrong-type", 3, 13, ["một đoạn chữ"]),
    ("rows: abc\n", "wrong-type", 1, 7, ["một danh sách"]),
    ("head: abc\n", "wrong-type", 1, 7, ["một nhóm khóa"]),
    ("- a\n", "wrong-type", 1, 1, ["một nhóm khóa"]),
    (
        "rows:\n- title: A\n  due: 2023-03-05\n",
        "bad-date",
        3,
        8,
        ["“2023-03-05” không phải ngày", "10/03/2023"],
    ),
    ("rows:\n- title: A\n  due: 30/02/2023\n", "bad-date", 3, 8, ["không có ngày 30/02/2023"]),
    ("rows:\n- title: A\n  due: 01/01/0203\n", "bad-date", 3, 8, ["1990–2100"]),
    ("rows:\n- title: A\n  due: [1]\n", "bad-date", 3, 8, ["phải là ngày"]),
    ("head: {id: Ấn Độ}\n", "bad-value", 1, 12, ["“Ấn Độ”", "không dấu"]),
    ("head: {code: ab}\n", "bad-value", 1, 14, ["đúng dạng"]),
    ("head: {code: 1}\n", "bad-value", 1, 14, ["ít nhất 2 ký tự"]),
    ("head: {id: abcdefghijkl}\n", "bad-value", 1, 12, ["tối đa 10 ký tự"]),
    ("head: {year: hai}\n", "bad-number", 1, 14, ["“hai” không phải số nguyên"]),
    ("head: {year: 12345}\n", "bad-number", 1, 14, ["0 đến 9999"]),
    ("head: {hours: 0}\n", "bad-value", 1, 15, ["từ 1"]),
    ("head: {hours: 25}\n", "bad-value", 1, 15, ["không quá 24"]),
    ("head: {number: 1.5}\n", "bad-value", 1, 16, ["không phải số nguyên"]),
    ("head: {share: a}\n", "bad-value", 1, 15, ["không phải số"]),
    ("head: {active: maybe}\n", "bad-flag", 1, 16, ["không phải có/không"]),
    ("head: {strict: maybe}\n", "bad-value", 1, 16, ["không phải có/không"]),
    ("head: {kind: scool}\n", "bad-value", 1, 14, ["“school”?", "party, school"]),
    ("head: {level: xã}\n", "bad-value", 1, 15, ["“xã” không được dùng", "province, commune"]),
    ("head: {odd: 2}\n", "bad-value", 1, 13, ["Khóa “odd”", "không hợp lệ"]),
    ("head: {viet: x}\n", "bad-value", 1, 14, ["không được có chữ x"]),
    ("head: {short: abcdef}\n", "long-name", 1, 15, ["“{abcdef}” dài quá", "rút ngắn lại"]),
    ("head: {names: [a]}\n", "bad-value", 1, 15, ["ít nhất 2 mục"]),
    ("head: {names: [a, b, c, d]}\n", "bad-value", 1, 15, ["tối đa 3 mục"]),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "pieces"), CASES)
def test_each_error_is_said_in_vietnamese_at_its_place(
    text: str, code: str, line: int, column: int, pieces: list[str]
) -> None:
    problem = only(text)
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    said = f"{problem.message} → {problem.hint}"
    assert [piece for piece in pieces if piece not in said] == []


def test_all_errors_come_at_once_in_the_order_of_the_file() -> None:
    value, problems = check("rows:\n- title: A\n  leed: B\n- lead: C\nhead: {year: x}\nhead: {}\n")
    assert value is None
    assert [(p.line, p.code) for p in problems] == [
        (3, "unknown-key"),
        (4, "missing-key"),
        (5, "bad-number"),
        (6, "duplicate-key"),
    ]


def test_reading_problems_alone_keep_the_model_back() -> None:
    value, problems = check("head: {}\nhead: {}\n")
    assert value is None
    assert [p.code for p in problems] == ["duplicate-key"]


def test_a_warning_does_not() -> None:
    value, problems = check("rows:\n- title: Keá hoaïch kieåm soaùt thuû tuïc haønh\n")
    assert value is not None
    assert [p.code for p in problems] == ["legacy-font"]


def test_an_unknown_key_is_compared_with_the_keys_of_its_own_place() -> None:
    assert "“section”" in only("rows:\n- section: I\n  sectoin: II\n").hint
    assert only("hed: {}\n").hint == "có phải là “head”?"


def _always(error: Exception) -> Any:
    def refuse(_: Any) -> Any:
        raise error

    return PlainValidator(refuse)


def test_an_error_type_that_is_not_known_is_never_shown_in_english() -> None:
    class Odd(StrictModel):
        when: bytes | None = None
        url: Annotated[Any, _always(AssertionError("only over my body"))] = None
        tup: tuple[int, int] = (1, 2)
        pick: frozenset[int] = frozenset()
        parts: dict[str, int] = Field(default_factory=dict)

    _, problems = check("when: [1]\nurl: a\ntup: [1]\npick: {a: b}\nparts: {a: b, c: 1}\n", Odd)
    assert {p.line for p in problems} == {1, 2, 3, 4, 5}
    for problem in problems:
        assert any(ord(c) > 0x7F for c in problem.message)
        words = set(f"{problem.message} {problem.hint}".lower().split())
        assert not words & {"input", "should", "valid", "only", "over", "body", "field", "required", "a"}


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), ("Có", True), ("FALSE", False), ("không", False), (" có ", True)]
)
def test_flags(written: str, value: bool) -> None:
    assert TypeAdapter(Flag).validate_python(written) is value


@given(when=st.dates(date(1990, 1, 1), date(2100, 12, 31)), pad=st.booleans())
def test_every_date_can_be_written(when: date, pad: bool) -> None:
    text = f"{when:%d/%m/%Y}" if pad else f"{when.day}/{when.month}/{when.year}"
    assert TypeAdapter(VietnameseDate).validate_python(text) == when


def test_editors_are_told_how_values_are_written() -> None:
    schema = Row.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["title"]["type"] == ["string", "number"]
    assert "format" not in str(schema["properties"]["due"])
    flag = TypeAdapter(Flag).json_schema()
    assert "có" in flag["enum"]


LEAF = st.none() | st.text(max_size=4) | st.sampled_from(["title", "section", "1", "01/01/2023"])
KEYS = st.sampled_from(["head", "rows", "title", "lead", "due", "id", "year", "kind", "section", "zzz"])
TREES = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(tree=TREES)
def test_any_tree_is_answered(tree: Any) -> None:
    """JSON is YAML: any tree can be handed in as a file."""
    value, problems = check(json.dumps(tree))
    assert (value is None) == any(p.severity == "error" for p in problems)
    assert all(p.line > 0 or p.code == "empty" for p in problems)
