"""One pass: once per slot, one digest a day, nothing twice, nothing that is no longer true."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from engine.store.people.contacts import HEAD, LEADER, OFFICER, Contact
from engine.tick import TickResult, may_speak, slot_of
from tests.cast import (
    ALL_COMMUNES,
    COMMUNES,
    CULTURE,
    HOLIDAY,
    HOME_AFFAIRS,
    ISSUED,
    OFFICE,
    SCHOOLS,
    SWAPPED_ON,
    TOWN,
    at,
    due_on,
    in_force,
    plan,
    registry_with,
    said,
    task,
)
from tests.store.databases import Fresh
from tests.tick.desk import address, beside, desk_with

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
DUE = date(2023, 3, 31)
MONDAY = date(2023, 4, 3)  # one working day late
WEDNESDAY = date(2023, 4, 5)  # three


# --- when ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minute", "minutes", "start"),
    [(0, 15, 0), (14, 15, 0), (15, 15, 15), (59, 15, 45), (59, 60, 0), (7, 1, 7)],
)
def test_a_slot_begins_at_a_round_minute(minute: int, minutes: int, start: int) -> None:
    assert slot_of(at(MONDAY, 9, minute), minutes) == at(MONDAY, 9, start)


HOURS = [
    (MONDAY, 7, 29, False),
    (MONDAY, 7, 30, True),
    (MONDAY, 16, 59, True),
    (MONDAY, 17, 0, False),
    (date(2023, 4, 1), 9, 0, False),
    (HOLIDAY, 9, 0, False),
    (SWAPPED_ON, 9, 0, True),
]


@pytest.mark.parametrize(("day", "hour", "minute", "may"), HOURS)
def test_messages_go_out_in_office_hours_of_working_days(
    day: date, hour: int, minute: int, may: bool
) -> None:
    assert may_speak(at(day, hour, minute), in_force()) is may


# --- once ----------------------------------------------------------------------------------------------


def test_a_tick_tells_who_must_be_told(store: Engine) -> None:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))])
    result = desk.tick(ISSUED)
    assert desk.far_end.recipients() == [address(HOME_AFFAIRS), address(CULTURE)]
    assert (result.evaluated, result.assignments, result.notices, result.sent) == (True, 1, 2, 2)
    assert (result.deferred, result.failed, result.unknown) == (0, 0, 0)
    [mail] = desk.far_end.to(HOME_AFFAIRS)
    assert mail.subject.endswith(" – Phòng Nội vụ (huyện An) – 01/03/2023")
    assert mail.html is not None
    assert mail.date == at(ISSUED)
    assert {state for state in desk.notices().values()} == {"composed"}


def test_a_second_tick_of_the_slot_and_of_the_day_says_nothing_more(store: Engine) -> None:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))])
    desk.tick(MONDAY)
    for hour, minute in ((9, 0), (9, 14), (9, 15), (12, 0), (16, 59)):
        result = desk.tick(MONDAY, hour, minute)
        assert (result.sent, result.notices) == (0, 0)
        assert result.evaluated is ((hour, minute) not in ((9, 0), (9, 14)))
    assert len(desk.far_end.arrived) == 1


def test_four_at_once_in_one_slot_are_as_good_as_one(store: Engine, another: Fresh) -> None:
    desk = desk_with(store, [plan(task(leads=(ALL_COMMUNES,), helps=(CULTURE,)))])
    start = threading.Barrier(4)

    def run() -> TickResult:
        mine = beside(desk, another())
        start.wait()
        return mine.tick(ISSUED)

    with ThreadPoolExecutor(4) as pool:
        results = [f.result() for f in [pool.submit(run) for _ in range(4)]]
    assert sum(r.evaluated for r in results) == 1
    assert sum(r.sent for r in results) == 5
    assert desk.far_end.recipients() == sorted(address(u) for u in (*COMMUNES, TOWN, CULTURE))


def test_neighbouring_slots_at_the_same_time_say_nothing_twice(store: Engine, another: Fresh) -> None:
    desk = desk_with(store, [plan(task(leads=(ALL_COMMUNES,), helps=(CULTURE,)))])
    start = threading.Barrier(4)

    def run(minute: int) -> TickResult:
        mine = beside(desk, another())
        start.wait()
        return mine.tick(ISSUED, 9, minute)

    with ThreadPoolExecutor(4) as pool:
        results = [f.result() for f in [pool.submit(run, minute) for minute in (0, 15, 30, 45)]]
    assert sum(r.evaluated for r in results) == 4
    # A message taken back under the feet of its sender waits for the next pass.
    desk.tick(ISSUED, 10)
    assert desk.far_end.recipients() == sorted(address(u) for u in (*COMMUNES, TOWN, CULTURE))


# --- catching up ---------------------------------------------------------------------------------------


def test_days_of_downtime_give_one_digest_not_one_for_each_day(store: Engine) -> None:
    late = [task(f"pl1-{n}", deadline=due_on(date(2023, 3, day))) for n, day in enumerate((28, 29, 30))]
    desk = desk_with(store, [plan(*late)])
    desk.tick(date(2023, 3, 24))
    desk.far_end.arrived.clear()
    # Monday 27 March to Monday 3 April nobody ticks.
    result = desk.tick(date(2023, 4, 3))
    assert result.sent == 1
    [mail] = desk.far_end.arrived
    assert mail.subject.startswith("3 việc quá hạn – ")
    assert desk.tick(date(2023, 4, 3), 10).sent == 0


def test_what_falls_on_a_weekend_is_told_once_on_monday(store: Engine) -> None:
    desk = desk_with(store, [plan(task(deadline=due_on(date(2023, 4, 4))))])
    # Saturday and Sunday are days_left 2, Monday is 1: one digest with the latest.
    for day in (date(2023, 4, 1), date(2023, 4, 2)):
        assert desk.tick(day).sent == 0
    assert desk.tick(MONDAY).sent == 1
    assert "còn 1 ngày làm việc" in desk.far_end.arrived[0].text
    assert desk.notices()["sap-den-han", HOME_AFFAIRS, "days_left:3"] == "superseded"


def test_outside_the_hours_it_waits(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    early = desk.tick(MONDAY, 6)
    assert (early.sent, early.notices, early.open_hours, early.messages) == (0, 1, False, [])
    assert desk.tick(MONDAY, 7, 30).sent == 1
    assert desk.tick(MONDAY, 18).sent == 0


def test_without_a_channel_messages_stay_queued_and_go_out_later(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    waiting = desk.tick(MONDAY, silent=True)
    assert (waiting.sent, waiting.deferred) == (0, 1)
    assert desk.tick(MONDAY, 9, 5).sent == 1


# --- only what is still true ---------------------------------------------------------------------------


def test_work_finished_before_the_hour_is_not_chased(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(MONDAY, 6)
    desk.say(said(ONE, "done", MONDAY))
    result = desk.tick(MONDAY, 8)
    assert (result.sent, result.messages) == (0, [])
    assert desk.messages() == []
    assert desk.notices()["qua-han", HOME_AFFAIRS, "days_late:1"] == "withdrawn"


def test_a_queued_message_is_worded_anew_when_something_changed(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2", title="Việc thứ hai"))])
    desk.tick(MONDAY, silent=True)
    desk.say(said(ONE, "done", MONDAY))
    desk.tick(MONDAY, 9, 15)
    [mail] = desk.far_end.arrived
    assert mail.subject.startswith("1 việc quá hạn")
    assert "Việc thứ hai" in mail.text
    assert "Ban hành kế hoạch" not in mail.text


def test_a_moved_deadline_re_arms_the_reminder(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(ISSUED)
    assert desk.tick(date(2023, 3, 28)).sent == 1
    desk.say(said(ONE, "extend", date(2023, 3, 30), new=date(2023, 4, 14)))
    assert desk.tick(date(2023, 4, 3)).sent == 0
    assert desk.tick(date(2023, 4, 11)).sent == 1
    assert "thứ Sáu, 14/04/2023" in desk.far_end.arrived[-1].text


def test_a_plan_that_moves_a_deadline_re_arms_it_too(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    assert desk.tick(MONDAY).sent == 1
    desk.sync(plan(task(deadline=due_on(date(2023, 4, 6)))))
    assert desk.tick(date(2023, 4, 4)).sent == 1
    assert desk.tick(date(2023, 4, 7)).sent == 1


def test_a_task_taken_out_of_the_plan_is_no_longer_chased(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2"))])
    desk.tick(MONDAY, 6)
    desk.sync(plan(task("pl1-2")))
    desk.tick(MONDAY, 8)
    [mail] = desk.far_end.arrived
    assert mail.subject.startswith("1 việc quá hạn")


def test_a_reminder_withdrawn_unsent_is_raised_again_when_its_reason_returns(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    desk.tick(MONDAY, 6)
    desk.say(said(ONE, "extension", MONDAY, new=date(2023, 4, 14)))
    assert desk.tick(MONDAY, 8).sent == 0
    desk.say(said(ONE, "refuse", MONDAY))
    assert desk.tick(MONDAY, 10).sent == 1


# --- who -----------------------------------------------------------------------------------------------


def test_a_unit_without_contact_is_a_line_on_the_offices_desk(store: Engine) -> None:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))], people=[CULTURE])
    result = desk.tick(ISSUED)
    assert (result.sent, result.deferred) == (1, 1)
    [nowhere] = [m for m in result.messages if m.address.channel == "none"]
    assert nowhere.recipient == HOME_AFFAIRS
    assert nowhere.address.value == f"unit:{HOME_AFFAIRS}"
    assert [m.recipient.value for m in desk.far_end.arrived] == [address(CULTURE)]


def test_a_contact_added_later_gets_what_is_still_true(store: Engine) -> None:
    desk = desk_with(store, [plan(task())], people=[])
    assert desk.tick(MONDAY).deferred == 1
    assert desk.tick(MONDAY, 10).deferred == 1
    desk.people(HOME_AFFAIRS)
    result = desk.tick(date(2023, 4, 4))
    assert (result.sent, result.deferred) == (1, 0)
    assert "quá hạn 2 ngày làm việc" in desk.far_end.arrived[0].text


def test_two_units_at_one_address_get_one_message(store: Engine) -> None:
    same = "chung@thu.test"
    desk = desk_with(
        store,
        [plan(task(leads=(HOME_AFFAIRS, CULTURE)))],
        people=[Contact(HOME_AFFAIRS, HEAD, "A", same), Contact(CULTURE, HEAD, "B", same.upper())],
    )
    assert desk.tick(MONDAY).sent == 1
    [mail] = desk.far_end.arrived
    assert mail.recipient.value == same
    assert "Phòng Nội vụ (huyện An); Phòng Văn hóa và Thông tin" in mail.subject
    assert mail.subject.startswith("2 việc")


def test_head_and_officer_are_both_told_and_the_leader_hears_as_leader_only(store: Engine) -> None:
    desk = desk_with(
        store,
        [plan(task())],
        people=[
            Contact(HOME_AFFAIRS, HEAD, "", "truong@thu.test"),
            Contact(HOME_AFFAIRS, OFFICER, "", "chuyen-vien@thu.test"),
            Contact(HOME_AFFAIRS, LEADER, "", "lanh-dao@thu.test"),
        ],
    )
    assert desk.tick(MONDAY).sent == 2
    assert desk.far_end.recipients() == ["chuyen-vien@thu.test", "truong@thu.test"]


def test_the_head_who_is_also_the_officer_hears_once(store: Engine) -> None:
    same = address(HOME_AFFAIRS)
    desk = desk_with(
        store,
        [plan(task())],
        people=[Contact(HOME_AFFAIRS, HEAD, "A", same), Contact(HOME_AFFAIRS, OFFICER, "B", same)],
    )
    assert desk.tick(MONDAY).sent == 1
    assert desk.far_end.arrived[0].subject.startswith("1 việc")


def test_a_group_nobody_listed_is_told_to_the_office(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(SCHOOLS,)))])
    desk.tick(MONDAY)
    assert desk.far_end.recipients() == [address(OFFICE)]


def test_the_successor_answers_after_the_merger(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(TOWN,)))])
    town = replace(desk.files.registry.units[TOWN], valid_to=MONDAY, merged_into=COMMUNES[0])
    desk.files = in_force(registry_with(town))
    desk.tick(MONDAY)
    desk.tick(WEDNESDAY)
    assert [m.recipient.value for m in desk.far_end.arrived] == [address(TOWN), address(COMMUNES[0])]


def test_one_message_a_day_what_comes_later_waits_for_tomorrow(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    assert desk.tick(MONDAY).sent == 1
    desk.sync(plan(task(), task("pl1-2", title="Việc đến sau")))
    later = desk.tick(MONDAY, 14)
    assert (later.sent, later.notices) == (0, 1)
    assert desk.tick(date(2023, 4, 4)).sent == 1
    assert "Việc đến sau" in desk.far_end.arrived[-1].text


# --- dry run -------------------------------------------------------------------------------------------


def test_a_dry_run_shows_the_messages_and_writes_nothing(store: Engine) -> None:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))], people=[HOME_AFFAIRS])
    shown = desk.tick(ISSUED, dry_run=True)
    assert [(m.address.channel, m.recipient) for m in shown.messages] == [
        ("email", HOME_AFFAIRS),
        ("none", CULTURE),
    ]
    assert (shown.sent, shown.notices, shown.deferred) == (0, 2, 1)
    for table in ("slot", "notice", "message", "delivery"):
        assert desk.rows(f"SELECT * FROM {table}") == []
    assert desk.far_end.tried == []
    real = desk.tick(ISSUED)
    assert [(m.id, m.subject, m.text) for m in real.messages] == [
        (m.id, m.subject, m.text) for m in shown.messages
    ]


# --- one bad row ---------------------------------------------------------------------------------------


def test_a_deadline_far_beyond_the_calendar_is_simply_far_away(store: Engine) -> None:
    far = replace(due_on(DUE), due=date(2031, 1, 6), rolled=None)
    desk = desk_with(store, [plan(task(), task("pl1-2", leads=(CULTURE,), deadline=far))])
    result = desk.tick(MONDAY)
    assert (result.sent, result.left_out) == (2, {})
    assert "Nhiệm vụ mới được giao" in desk.far_end.to(CULTURE)[0].text


def test_one_assignment_that_cannot_be_judged_does_not_stop_the_others(store: Engine) -> None:
    near = replace(due_on(DUE), due=date(2025, 1, 6), rolled=None)
    desk = desk_with(store, [plan(task(), task("pl1-2", leads=(CULTURE,), deadline=near))])
    result = desk.tick(date(2024, 12, 20))
    assert HOME_AFFAIRS in {m.recipient for m in result.messages}
    assert CULTURE not in {m.recipient for m in result.messages}
    assert result.left_out == {2025: 1}


def test_one_bad_address_does_not_stop_the_others(store: Engine) -> None:
    bad = Contact(HOME_AFFAIRS, HEAD, "", "không phải địa chỉ")
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))], people=[bad, CULTURE])
    result = desk.tick(MONDAY)
    assert (result.sent, result.failed) == (1, 1)
    [(outcome, detail)] = desk.rows("SELECT outcome, detail FROM delivery WHERE outcome <> 'sent'")
    assert outcome == "permanent"
    assert "ký tự không dùng được" in str(detail)


def test_a_day_after_another_tells_the_whole_story(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    told: dict[str, int] = {}
    day = ISSUED
    while day <= date(2023, 4, 30):
        before = len(desk.far_end.arrived)
        desk.tick(day)
        for mail in desk.far_end.arrived[before:]:
            told[f"{day:%d/%m} {mail.recipient.value.partition('@')[0]}"] = 1
        day += timedelta(days=1)
    assert list(told) == [
        "01/03 noi-vu",  # given
        "28/03 noi-vu",  # 3 days left
        "30/03 noi-vu",  # 1
        "03/04 noi-vu",  # 1 late
        "05/04 noi-vu",  # 3
        "07/04 van-phong",  # 5: the monitor
        "12/04 noi-vu",  # 8
        "19/04 noi-vu",  # 13
        "21/04 van-phong",  # 15
        "26/04 noi-vu",  # 18
    ]
