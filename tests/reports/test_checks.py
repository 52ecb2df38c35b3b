"""A report that does not add up is refused, and the row that breaks it is named."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports.checks import PARTS, DoesNotAddUp, broken, ensure, outcome_of
from engine.reports.json_form import counts_json, tasks_json
from engine.reports.tasks import Line, Scope, TaskLine, TasksReport
from engine.reports.windows import named
from engine.store.figures.counts import Counts
from engine.store.figures.outcome import Outcome

Figures = dict[str, Any]
A, B = Counts(3, 2, 4, 0, 1, 5), Counts(open_overdue=2)


def report() -> TasksReport:
    total = A + B
    return TasksReport(
        scope=Scope(),
        window=named("2023-06"),
        day=date(2023, 6, 14),
        total=total,
        this_year=A,
        backlog=B,
        carried=B,
        given=A,
        levels=(Line("commune", "Cấp xã", total),),
        plans=(Line("p", "15/KH-UBND", total),),
        units=(Line("x", "UBND xã Một", A), Line("y", "UBND xã Hai", B)),
        by_task=Counts(open_within_time=1, open_overdue=1),
        tasks=(
            TaskLine("p", "1", "1.1", "Một", A, Outcome.OPEN_WITHIN_TIME),
            TaskLine("p", "2", "", "Hai", B, Outcome.OPEN_OVERDUE),
        ),
        previous_window=named("2023-05"),
        previous=A,
        previous_by_task=Counts(done_late=1),
        outside=7,
    )


def test_a_report_whose_parts_add_up_passes() -> None:
    figures = tasks_json(report())
    assert broken(figures) == ()
    ensure(figures, counted=12 + 5 + 7)


WRONG: list[tuple[str, Callable[[Figures], object], str]] = [
    ("a unit's sum", lambda f: f["units"][0].update(assigned=11), "UBND xã Một: 11 ≠ 3 + 2 + 4 + 0 + 1"),
    ("a unit's part", lambda f: f["units"][1].update(open_overdue=1), "UBND xã Hai: 2 ≠ 0 + 0 + 0 + 1 + 0"),
    ("a unit is missing", lambda f: f["units"].pop(), "cộng theo đơn vị, được giao: 12 ≠ 10"),
    ("a plan is missing", lambda f: f["plans"].clear(), "cộng theo kế hoạch, được giao: 12 ≠ 0"),
    ("a level twice", lambda f: f["levels"].append(f["levels"][0]), "cộng theo cấp, được giao: 12 ≠ 24"),
    ("a task is missing", lambda f: f["tasks"].pop(), "Số nhiệm vụ chưa hoàn thành, quá hạn: 1 ≠ 0"),
    ("the backlog", lambda f: f.update(backlog=f["this_year"]), "trong năm + tồn đọng, được giao: 12 ≠ 20"),
    ("carried", lambda f: f.update(carried=f["given"]), "mang sang + giao trong kỳ, được giao: 12 ≠ 20"),
    ("an outcome", lambda f: f["tasks"][0].update(outcome="done_late"), "Nhiệm vụ 1.1 (p): ghi “hoàn thành"),
    ("the window before", lambda f: f["previous"]["total"].update(assigned=9), "Kỳ trước: 9 ≠ 3 + 2 + 4"),
    ("less than nothing", lambda f: f["units"][0].update(left_out=-1), "không tính là số âm (-1)"),
]


@pytest.mark.parametrize(("change", "named_row"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG])
def test_a_corrupted_row_is_found_and_named(change: Callable[[Figures], object], named_row: str) -> None:
    figures = deepcopy(tasks_json(report()))
    change(figures)
    with pytest.raises(DoesNotAddUp) as refused:
        ensure(figures)
    assert any(named_row in row for row in refused.value.rows), refused.value.rows
    assert named_row in str(refused.value)


def test_a_count_of_its_own_finds_what_is_nowhere() -> None:
    with pytest.raises(DoesNotAddUp, match=r"25 ≠ 12 được tính \+ 5 không tính \+ 7 ngoài kỳ"):
        ensure(tasks_json(report()), counted=25)


def test_a_long_list_of_broken_rows_is_cut_short() -> None:
    assert "… và 5 dòng khác" in str(DoesNotAddUp(f"dòng {n}" for n in range(25)))


PLACES = [
    f"{key}:{n}" for key, n in (("units", 2), ("plans", 1), ("levels", 1), ("tasks", 2)) for n in range(n)
]


@given(
    place=st.sampled_from([*PLACES, "total", "this_year", "backlog", "carried", "given", "by_task"]),
    part=st.sampled_from(["assigned", *PARTS]),
    by=st.integers(-3, 3).filter(bool),
)
def test_no_single_wrong_number_goes_unseen(place: str, part: str, by: int) -> None:
    figures = deepcopy(tasks_json(report()))
    key, _, number = place.partition(":")
    line = figures[key][int(number)] if number else figures[key]
    line[part] += by
    assert broken(figures)


OUTCOMES = [
    (Counts(5, 1, 1, 1, 1, 1), "open_overdue"),
    (Counts(5, 1, 1, 0, 1, 1), "open_within_time"),
    (Counts(5, 1, 0, 0, 1, 1), "done_late"),
    (Counts(5, 0, 0, 0, 1, 1), "done_on_time"),
    (Counts(0, 0, 0, 0, 1, 1), "no_deadline"),
    (Counts(0, 0, 0, 0, 0, 1), "left_out"),
]


@pytest.mark.parametrize(("counts", "outcome"), OUTCOMES)
def test_a_task_as_a_whole(counts: Counts, outcome: str) -> None:
    assert outcome_of(counts_json(counts)) == outcome
