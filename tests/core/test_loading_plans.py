"""Plan files: rows, markers, identities, names and tables, every problem with its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import Problem, Severity
from engine.loading.calendar import load_calendar
from engine.loading.plans import load_plan
from engine.loading.units import load_units
from engine.model.deadline import DeadlineKind
from engine.model.plan import Plan
from engine.numbers import printed_number
from engine.tracking.assignments import expand
from engine.units import Registry
from tests.core.files import CALENDAR, HEAD, TASKS, UNITS

FILE = "plans/an-2023.yaml"
_CALENDAR = load_calendar(CALENDAR.encode(), "rules/calendar.yaml")[0]


def registry(extra: str = "") -> Registry:
    found, problems = load_units({"plans/units/tinh.yaml": (UNITS + extra).encode()})
    assert found is not None, problems
    return found


def read(text: str, file: str = FILE, units: str = "") -> tuple[Plan | None, tuple[Problem, ...]]:
    return load_plan(text.encode(), file, registry(units), _CALENDAR)


def good(text: str, units: str = "") -> Plan:
    plan, problems = read(text, units=units)
    assert plan is not None, problems
    return plan


def errors(text: str, file: str = FILE, units: str = "") -> list[tuple[str, int]]:
    plan, problems = read(text, file, units)
    assert plan is None, "the plan should not be good"
    return [(p.code, p.line) for p in problems if p.severity is Severity.ERROR]


def warnings(text: str) -> list[str]:
    _, problems = read(text)
    assert all(p.severity is Severity.WARNING for p in problems), problems
    return [p.code for p in problems]


def row(stt: str = "1", **keys: str) -> str:
    """One task row; a key with an empty value is left out."""
    written = {"title": "Việc", "lead": "Phòng Nội vụ", "deadline": "31/3/2023", "stt": stt} | keys
    lines = [f"{key}: {value}" for key, value in written.items() if value]
    return "  - " + "\n    ".join(lines) + "\n"


def test_a_plan_reads_like_its_document() -> None:
    plan = good(HEAD + TASKS)
    [task] = plan.tasks
    assert (plan.issuer.id, plan.monitor.id, plan.leader.id) == ("tinh.an", "tinh.an.van-phong", "tinh.an")
    assert (plan.issued, plan.starts, plan.year) == (date(2023, 3, 1), date(2023, 3, 1), 2023)
    assert (task.id, task.stt, task.appendix, task.section) == (
        "pl1.ii.1",
        "1",
        "Phụ lục 1",
        "II. Tuyên truyền",
    )
    assert [ref.id for ref in task.coordinating] == ["cac-xa", "tinh.an.van-hoa"]
    assert (task.deadline.kind, task.deadline.due) == (DeadlineKind.DATE, date(2023, 3, 31))
    assert task.line == 12
    assert [p.id for p in expand(plan, registry())] == ["an-2023:pl1.ii.1:tinh.an.noi-vu"]


@pytest.mark.parametrize(
    ("head", "starts"),
    [
        (HEAD, date(2023, 3, 1)),
        (HEAD.replace("issued: 01/03", "in_force_from: 23/05"), date(2023, 5, 23)),
        (HEAD.replace("  issued: 01/03/2023\n", ""), date(2023, 1, 1)),
    ],
)
def test_a_plan_counts_from_its_issue_else_its_force_else_the_new_year(head: str, starts: date) -> None:
    assert good(head + TASKS).starts == starts


def test_markers_hold_until_the_next_of_their_kind() -> None:
    text = (
        HEAD
        + "tasks:\n  - appendix: Phụ lục I\n  - section: 'A. Phần đầu'\n"
        + row("1")
        + "  - group: '2. Nhóm'\n"
        + row("2.1")
        + row("2.2")
        + '  - group: ""\n'
        + row("3")
        + "  - group: '4. Nhóm khác'\n"
        + "  - section: 'B. Phần sau'\n"
        + row("1")
        + "  - appendix: Phụ lục số 2\n"
        + row("1")
        + "duties:\n  - section: 'III. Tổ chức thực hiện'\n"
        + row("III.1.c")
    )
    tasks = good(text).tasks
    assert [t.id for t in tasks] == [
        "pli.a.1",
        "pli.a.2-1",
        "pli.a.2-2",
        "pli.a.3",
        "pli.b.1",
        "pl2.1",
        "than.iii-1-c",
    ]
    assert [t.group for t in tasks] == [None, "2. Nhóm", "2. Nhóm", None, None, None, None]
    assert [t.section for t in tasks][-3:] == ["B. Phần sau", None, "III. Tổ chức thực hiện"]
    assert tasks[-1].appendix is None


def test_the_printed_number_stays_text() -> None:
    assert [t.stt for t in good(HEAD + "tasks:\n" + row("1.10") + row("1.1")).tasks] == ["1.10", "1.1"]


def test_a_pinned_identity_is_kept() -> None:
    plan = good(HEAD + "tasks:\n" + row("", id="pl1-13a") + row("7", id="pl1-bay"))
    assert [t.id for t in plan.tasks] == ["pl1-13a", "pl1-bay"]


PROBLEMS = [
    (row(lead="Phòng Nội vu"), "unit-unknown", 3),
    (row(coordinating="Phòng Nội vụ; Sở X"), "unit-unknown", 6),
    (row(deadline="zzz qqq"), None, 4),
    (row("") + row("2"), "task-id", 2),
    (row("1") + row("1"), "task-duplicate", 6),
    (row("1") + row("2", id="than.1"), "task-duplicate", 6),
    (row(title=""), None, 2),
    (row(leed="X"), None, 6),
]


@pytest.mark.parametrize(("rows", "code", "line"), PROBLEMS)
def test_a_wrong_row_is_named_with_its_line(rows: str, code: str | None, line: int) -> None:
    found = errors(HEAD + "tasks:\n" + rows)
    assert (code, line + HEAD.count("\n")) in found or (
        code is None and line + HEAD.count("\n") in [at for _, at in found]
    ), found


def test_all_problems_at_once() -> None:
    found = errors(
        HEAD.replace("Văn phòng", "Văn phong") + "tasks:\n" + row(lead="X") + row("2", deadline="zzz")
    )
    assert len(found) == 3


HEADS = [
    (HEAD.replace("id: an-2023", "id: khac"), "plan-id"),
    (HEAD + "  secrecy: Mật\n", "secret"),
    (HEAD.replace("monitor: Văn phòng", "monitor: UBND các xã"), "plan-role"),
    (HEAD.replace("issuer: UBND huyện An", "issuer: Các trường học"), "plan-role"),
    (HEAD + "  leader: Không có\n", "unit-unknown"),
]


@pytest.mark.parametrize(("head", "code"), HEADS)
def test_a_wrong_head_keeps_the_plan_out(head: str, code: str) -> None:
    assert code in [found for found, _ in errors(head + TASKS)]


ABOLISHED = UNITS.replace(
    "name: Phòng Nội vụ, ", "name: Phòng Nội vụ, valid_to: 28/02/2023, merged_into: tinh.an.van-phong, "
)


def test_an_abolished_unit_is_an_error_that_names_the_successor() -> None:
    found, _ = load_units({"plans/units/tinh.yaml": ABOLISHED.encode()})
    assert found is not None
    plan, problems = load_plan((HEAD + TASKS).encode(), FILE, found, _CALENDAR)
    assert plan is None
    [problem] = problems
    assert problem.code == "unit-abolished"
    assert "“Văn phòng”" in problem.hint


def test_an_older_plan_of_an_abolished_unit_stays_readable() -> None:
    found, _ = load_units({"plans/units/tinh.yaml": ABOLISHED.replace("28/02/2023", "30/06/2025").encode()})
    assert found is not None
    plan, _ = load_plan((HEAD + TASKS).encode(), FILE, found, _CALENDAR)
    assert plan is not None


def test_groups_that_are_not_whole_are_asked_about() -> None:
    assert warnings(HEAD + "tasks:\n" + row(lead="Các trường học")) == ["group-unlisted"]
    assert warnings(HEAD + "tasks:\n" + row(lead="UBND các xã")) == []


def test_a_selection_that_finds_nobody_is_an_error() -> None:
    select = "{kind: committee, level: commune, form: phường}"
    nobody = f"  - {{id: cac-phuong, name: UBND các phường, select: {select}}}\n"
    found = errors(HEAD + "tasks:\n" + row(lead="UBND các phường"), units=nobody)
    assert [code for code, _ in found] == ["group-empty"]


def test_a_row_without_a_deadline_is_a_warning_or_nothing_never_an_error() -> None:
    plan, problems = read(HEAD + "tasks:\n" + row(deadline=""))
    assert plan is not None
    assert plan.tasks[0].deadline.kind is DeadlineKind.UNSPECIFIED
    assert all(p.severity is Severity.WARNING for p in problems)


MILESTONES = """\
tasks:
  - stt: 1
    title: Khảo sát
    lead: Phòng Nội vụ
    deadline: Trước 15/4/2023 Tháng 6/2023
    milestones:
      - {title: Ban hành, deadline: Trước 15/4/2023, deliverable: Kế hoạch}
      - {title: Báo cáo, deadline: Tháng 6/2023, deliverable: Báo cáo}
"""


def test_milestones_agree_with_their_cell() -> None:
    [task] = good(HEAD + MILESTONES).tasks
    assert [(m.title, m.deadline.due) for m in task.milestones] == [
        ("Ban hành", date(2023, 4, 14)),
        ("Báo cáo", date(2023, 6, 30)),
    ]
    wrong = MILESTONES.replace("{title: Báo cáo, deadline: Tháng 6", "{title: Báo cáo, deadline: Tháng 7")
    assert [code for code, _ in errors(HEAD + wrong)] == ["milestones-differ"]


def test_a_cell_with_several_days_is_split_by_itself() -> None:
    [task] = good(HEAD + "tasks:\n" + row(deadline="Trước 15/4/2023 Tháng 6/2023")).tasks
    assert [m.deadline.due for m in task.milestones] == [date(2023, 4, 14), date(2023, 6, 30)]


# --- tables ----------------------------------------------------------------------------------------------

TABLE = """\
indicators:
  - appendix: Phụ lục 2
    table: 1. Cấp xã
    name: Tỷ lệ hồ sơ trực tuyến
    columns: [Tổng hồ sơ, Chỉ tiêu]
    target: Chỉ tiêu
    rows:
      - under: UBND huyện An
      - 1 | Xã Một | 1.234 | 71%
      - 2 | Xã Hai | | -
    printed_total: 1.234 | 71%
"""


def test_a_target_table_is_read_cell_by_cell() -> None:
    plan = good(HEAD + TABLE)
    first, second = plan.indicators
    assert (first.unit.id, first.stt, first.target, first.target_value) == (
        "tinh.an.mot",
        "1",
        "71%",
        Decimal(71),
    )
    assert first.cells == (("Tổng hồ sơ", "1.234"), ("Chỉ tiêu", "71%"))
    assert (second.target, second.target_value) == ("-", None)
    assert plan.indicator_tables[0].printed_total == ("1.234", "71%")


TABLE_PROBLEMS = [
    ("1 | Xã Một | 1.234 | 71%", "1 | Xã Một | 71%", "indicator-width", 17),
    ("target: Chỉ tiêu", "target: Khác", "indicator-target", 14),
    ("printed_total: 1.234 | 71%", "printed_total: 1.234", "indicator-width", 19),
    ("2 | Xã Hai", "2 | Xã Tư", "unit-unknown", 18),
    ("under: UBND huyện An", "under: UBND huyện Bình", "unit-unknown", 16),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), TABLE_PROBLEMS)
def test_a_wrong_table_is_named_with_its_line(old: str, new: str, code: str, line: int) -> None:
    assert (code, line) in errors(HEAD + TABLE.replace(old, new))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("71%", Decimal(71)),
        ("76,7%", Decimal("76.7")),
        ("139.073", Decimal(139073)),
        ("1.234,5", Decimal("1234.5")),
        ("1 920", Decimal(1920)),
        ("1\u00a0920", Decimal(1920)),
        ("-5", Decimal(-5)),
        ("0", Decimal(0)),
        ("", None),
        ("-", None),
        ("12.34", None),
        ("1.2345", None),
        ("khoảng 5", None),
        ("5/7", None),
    ],
)
def test_numbers_as_vietnamese_documents_print_them(cell: str, number: Decimal | None) -> None:
    assert printed_number(cell) == number


CATALOGUE = """\
catalogue:
  - appendix: Phụ lục 3
    level: CẤP HUYỆN
    unit: PHÒNG TƯ PHÁP
    procedures:
      - 1. Cấp bản sao
      - 2.1. Chứng thực
      - Thủ tục không số
"""


def test_a_procedure_list_is_read_with_its_numbers() -> None:
    items = good(HEAD + CATALOGUE).catalogue
    assert [(i.stt, i.procedure) for i in items] == [
        ("1", "Cấp bản sao"),
        ("2.1", "Chứng thực"),
        (None, "Thủ tục không số"),
    ]
    assert {(i.level, i.unit, i.field) for i in items} == {("CẤP HUYỆN", "PHÒNG TƯ PHÁP", None)}
    assert warnings(HEAD + CATALOGUE + "      - 9. Cấp bản sao\n") == ["catalogue-twice"]


def test_a_plan_needs_neither_tasks_nor_tables() -> None:
    assert good(HEAD).tasks == ()
    assert Path(FILE).stem == good(HEAD).id
