"""Biểu mẫu 1: the printed figures of An Thanh, and that an empty cell is not a zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from engine.model.plan import PlanSettings
from engine.reports.form1 import Form1, fill_form1, form1_document, form1_from_json, form1_json
from engine.reports.shares import percentage
from engine.reports.tasks import Scope
from engine.reports.windows import Window, named
from engine.store.database import reading
from tests.cast import (
    CALENDAR,
    COMMUNES,
    CONTINUOUS,
    DISTRICT,
    HOME_AFFAIRS,
    PROVINCE,
    REGISTRY,
    UNDATED,
    after_event,
    due_on,
    plan,
    ref,
    said,
    task,
    without,
)
from tests.tick.desk import Desk

END = date(2023, 6, 14)
COMMUNE = COMMUNES[0]
JULY = due_on(date(2023, 7, 31))

ROUNDED = [
    (23, 38, 1, "60.5"),
    (1386, 1387, 2, "99.93"),
    (1386, 1387, 1, "99.9"),
    (1, 8, 1, "12.5"),
    (1, 16, 1, "6.3"),  # 6.25: half up
    (1, 3, 2, "33.33"),
    (2999, 3000, 1, "100.0"),
    (0, 5, 1, "0.0"),
]


@pytest.mark.parametrize(("part", "whole", "places", "expected"), ROUNDED)
def test_percentages_are_rounded_as_printed(part: int, whole: int, places: int, expected: str) -> None:
    assert str(percentage(part, whole, places)) == expected


def test_there_is_no_share_of_nothing() -> None:
    assert percentage(0, 0) is None


def form(
    store: Engine, scope: Scope, window: Window | None = None, day: date = END
) -> tuple[Form1, dict[str, int | Decimal | None]]:
    with reading(store) as connection:
        found = fill_form1(connection, REGISTRY, CALENDAR, scope, window, day)
    return found, {item.stt: item.value for item in found.items}


def test_38_tasks_of_which_23_are_done(store: Engine) -> None:
    """The commune's own plan as An Thanh prints it; of its superior's work nothing is known: left empty."""
    tasks = [task(f"t-{n}", [COMMUNE], JULY) for n in range(1, 39)]
    mine = replace(plan(*tasks, id="xa-2023"), issuer=ref(COMMUNE))
    desk = Desk(store)
    desk.sync(mine)
    desk.say(*(said(f"xa-2023:t-{n}:{COMMUNE}", "done", date(2023, 6, 1)) for n in range(1, 24)))
    found, cells = form(store, Scope(("xa-2023",)))
    assert (cells["2.1"], cells["2.2"], str(cells["2"])) == (38, 23, "60.5")
    assert found.unit == COMMUNE
    heading = next(item.title for item in found.items if item.stt == "4")
    assert heading == "Thực hiện nhiệm vụ của UBND huyện An, Chủ tịch UBND huyện An giao"
    empty = {stt for stt, value in cells.items() if value is None}
    assert empty == cells.keys() - {"2", "2.1", "2.2"}
    figures = form1_json(found)
    assert [i["value"] for i in figures["items"] if i["stt"] in ("2", "4.1")] == [60.5, None]
    again = form1_from_json(figures)
    assert form1_document(again) == form1_document(found)
    # The cumulated share is that of the last day of a window, and of any day before.
    assert form(store, Scope(("xa-2023",)), named("2023-H1"))[1]["2.2"] == 23
    assert form(store, Scope(("xa-2023",)), day=date(2023, 5, 31))[1]["2.2"] == 0


def test_what_superiors_gave_is_counted_by_task(store: Engine) -> None:
    """4.1–4.4: the plans of those above the unit in which it or one below it leads; a zero is a zero."""
    above = plan(
        task("t-1", COMMUNES),
        task("t-2", COMMUNES),
        task("t-3", COMMUNES),
        task("t-4", COMMUNES, JULY),
        task("t-5", [HOME_AFFAIRS]),
    )
    province = replace(plan(task("t-1", [HOME_AFFAIRS]), id="tinh-2023"), issuer=ref(PROVINCE))
    mine = replace(plan(task("t-1", [COMMUNE]), id="xa-2023"), issuer=ref(COMMUNE))
    desk = Desk(store)
    desk.sync(above, province, mine)
    desk.say(said(f"an-2023:t-1:{COMMUNE}", "done", date(2023, 3, 31)))
    desk.say(said(f"an-2023:t-2:{COMMUNE}", "done", date(2023, 4, 3)))
    _, cells = form(store, Scope(None, COMMUNE))
    assert [cells[stt] for stt in ("4.1", "4.2", "4.3", "4.4")] == [4, 1, 1, 1]
    assert [cells[stt] for stt in ("2.1", "2.2")] == [1, 0]
    # In a window after both were done they are no part of what is carried into it.
    _, may = form(store, Scope(None, COMMUNE), named("2023-05"))
    assert [may[stt] for stt in ("4.1", "4.2", "4.3", "4.4")] == [2, 0, 0, 1]
    # The department answers for the province's plan and for its own committee's.
    _, department = form(store, Scope(None, HOME_AFFAIRS))
    assert [department[stt] for stt in ("2.1", "4.1", "4.4")] == [None, 2, 2]
    # The district's own plan is no plan of its superior.
    found, district = form(store, Scope(("an-2023",)))
    assert (found.unit, district["2.1"], district["4.1"]) == (DISTRICT, 5, 1)
    # Of its superior's plan a unit reports the part that it leads.
    assert form(store, Scope(("an-2023",), COMMUNE))[1]["2.1"] == 4
    assert form(store, Scope())[1]["4.1"] is None


@pytest.mark.parametrize("completion", ["reported", "confirmed"])
def test_every_task_of_the_document_counts_whatever_its_deadline(store: Engine, completion: str) -> None:
    whole = plan(
        task("t-1", deadline=UNDATED),
        task("t-2", deadline=CONTINUOUS),
        task("t-3", deadline=after_event(10)),
        task("t-4", [HOME_AFFAIRS, COMMUNE], UNDATED),
        task("t-5"),
        settings=PlanSettings(completion=completion),  # type: ignore[arg-type]
    )
    desk = Desk(store)
    desk.sync(whole)
    for number in (1, 4):
        desk.say(said(f"an-2023:t-{number}:{HOME_AFFAIRS}", "done", date(2023, 5, 5)))
        desk.say(said(f"an-2023:t-{number}:{HOME_AFFAIRS}", "confirm", date(2023, 5, 8)))
    _, cells = form(store, Scope(("an-2023",)))
    # The fourth is done by one of its two units only.
    assert (cells["2.1"], cells["2.2"]) == (5, 1)
    _, earlier = form(store, Scope(("an-2023",)), day=date(2023, 5, 6))
    assert earlier["2.2"] == (0 if completion == "confirmed" else 1)
    desk.sync(without(whole, "t-5"), now=None)
    assert form(store, Scope(("an-2023",)), day=date(2030, 1, 1))[1]["2.1"] == 4
