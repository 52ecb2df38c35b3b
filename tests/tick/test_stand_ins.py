"""While somebody is away: the deputy hears instead, to the day, and nobody is ever left without."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from engine.store.database import writing
from engine.store.people import stand_ins
from engine.store.people.contacts import HEAD, LEADER, OFFICER, Contact
from engine.store.people.stand_ins import StandIn, StandInRefused, who_gets
from tests.cast import CULTURE, DISTRICT, HOME_AFFAIRS, OFFICE, at, due_on, in_force, plan, task
from tests.store.databases import Fresh
from tests.tick.desk import TEMPORARY, Desk, address, desk_with

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2023, 4, 3) + timedelta(days=n) for n in range(5))
FIRST, LAST = TUESDAY, THURSDAY
BOSS = address(HOME_AFFAIRS)
DEPUTY = address(CULTURE)

# Somebody to tell something every working day.
DAILY = """
rules:
- id: qua-han
  why: Nhiệm vụ quá hạn
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 1, then every 1
  tell: lead
  tone: warn
"""


def daily(store: Engine, *people: str | Contact) -> Desk:
    """The Phòng Nội vụ is late and hears of it every day."""
    late = plan(task(deadline=due_on(date(2023, 3, 31))))
    desk = desk_with(store, [late], people or (HOME_AFFAIRS, CULTURE))
    desk.files = in_force(rules=DAILY)
    return desk


def number(desk: Desk, email: str, unit: str | None = None) -> int:
    """The entry of the address book with this address."""
    rows = desk.rows(f"SELECT id, unit FROM contact WHERE email = '{email}' AND active ORDER BY id")
    [id] = [row[0] for row in rows if unit in (None, row[1])]
    assert isinstance(id, int)
    return id


def away(
    desk: Desk, who: str, deputy: str, first: date = FIRST, last: date = LAST, on: date = MONDAY
) -> StandIn:
    """``who`` (an address) is away, ``deputy`` stands in."""
    with writing(desk.store) as connection:
        people = (number(desk, who), number(desk, deputy))
        return stand_ins.add(connection, *people, first, last, "đi công tác", "Chị Văn phòng", at(on))


def heard(desk: Desk, day: date, hour: int = 9) -> list[str]:
    """Who hears on a day."""
    before = len(desk.far_end.arrived)
    desk.tick(day, hour)
    return sorted(m.recipient.value for m in desk.far_end.arrived[before:])


# --- the days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (FIRST - timedelta(days=1), BOSS),
        (FIRST, DEPUTY),
        (WEDNESDAY, DEPUTY),
        (LAST, DEPUTY),
        (LAST + timedelta(days=1), BOSS),
    ],
)
def test_the_deputy_hears_from_the_first_to_the_last_day(store: Engine, day: date, expected: str) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    assert heard(desk, day) == [expected]


def test_day_by_day_everything_is_told_once(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    days = [heard(desk, day) for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)]
    assert days == [[BOSS], [DEPUTY], [DEPUTY], [DEPUTY], [BOSS]]


def test_who_is_away_on_which_day(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    with writing(desk.store) as connection:
        boss = number(desk, BOSS)
        assert boss not in stand_ins.holding(connection, MONDAY)
        assert boss in stand_ins.holding(connection, FIRST)
        assert boss in stand_ins.holding(connection, LAST)
        assert boss not in stand_ins.holding(connection, FRIDAY)


def test_the_message_says_for_whom_it_is(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    heard(desk, TUESDAY)
    [message] = desk.far_end.to(CULTURE)
    assert "Kính gửi: Phòng Nội vụ" in message.text
    assert "Nhận thay: thủ trưởng Phòng Nội vụ" in message.text
    assert "Nhận thay: <strong>thủ trưởng Phòng Nội vụ" in (message.html or "")


def test_ones_own_message_says_nothing_of_a_deputy(store: Engine) -> None:
    desk = daily(store)
    heard(desk, TUESDAY)
    [message] = desk.far_end.to(HOME_AFFAIRS)
    assert "Nhận thay" not in message.text + (message.html or "")


def test_the_deputy_gets_one_digest_for_both_units(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))], (HOME_AFFAIRS, CULTURE))
    away(desk, BOSS, DEPUTY, first=MONDAY)
    assert heard(desk, MONDAY) == [DEPUTY]
    [message] = desk.far_end.to(CULTURE)
    assert "Kính gửi: Phòng Nội vụ (huyện An); Phòng Văn hóa và Thông tin" in message.text
    assert "Nhận thay: thủ trưởng Phòng Nội vụ (huyện An), đang vắng mặt\n" in message.text


def test_a_colleague_of_the_same_unit_hears_once(store: Engine) -> None:
    head = Contact(HOME_AFFAIRS, HEAD, "Trưởng phòng", BOSS)
    officer = Contact(HOME_AFFAIRS, OFFICER, "Chuyên viên", "chuyen-vien@thu.test")
    desk = daily(store, head, officer)
    away(desk, BOSS, "chuyen-vien@thu.test")
    assert heard(desk, TUESDAY) == ["chuyen-vien@thu.test"]
    assert "Nhận thay: thủ trưởng Phòng Nội vụ" in desk.far_end.arrived[-1].text


def test_a_leader_is_replaced_for_what_leaders_hear(store: Engine) -> None:
    rules = DAILY.replace("tell: lead", "tell: leader")
    leader = Contact(DISTRICT, LEADER, "Chủ tịch", "chu-tich@thu.test")
    desk = daily(store, HOME_AFFAIRS, CULTURE, leader)
    desk.files = in_force(rules=rules)
    away(desk, "chu-tich@thu.test", DEPUTY)
    assert heard(desk, TUESDAY) == [DEPUTY]
    assert "Nhận thay: lãnh đạo UBND huyện An" in desk.far_end.arrived[-1].text


def test_what_could_not_go_out_before_goes_to_the_deputy(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    desk.far_end.will(HOME_AFFAIRS, *[TEMPORARY] * 9)
    assert heard(desk, MONDAY) == []
    assert heard(desk, TUESDAY) == [DEPUTY]


def test_what_could_not_go_out_to_the_deputy_comes_back(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    desk.far_end.will(CULTURE, *[TEMPORARY] * 9)
    for day in (TUESDAY, WEDNESDAY, THURSDAY):
        assert heard(desk, day) == []
    assert heard(desk, FRIDAY) == [BOSS]


def test_a_deputy_who_has_had_the_message_of_the_day_hears_tomorrow(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(CULTURE,)))], (HOME_AFFAIRS, CULTURE))
    assert heard(desk, MONDAY) == [DEPUTY]
    desk.sync(plan(task(leads=(CULTURE,)), task("pl1-2", leads=(HOME_AFFAIRS,))))
    away(desk, BOSS, DEPUTY, first=MONDAY)
    assert heard(desk, MONDAY, hour=15) == []
    assert heard(desk, TUESDAY) == [DEPUTY]


# --- chains, circles, people who left --------------------------------------------------------------------


def test_the_deputy_of_the_deputy_hears(store: Engine) -> None:
    desk = daily(store, HOME_AFFAIRS, CULTURE, OFFICE)
    away(desk, BOSS, DEPUTY)
    away(desk, DEPUTY, address(OFFICE), first=WEDNESDAY, last=WEDNESDAY)
    assert [heard(desk, d) for d in (TUESDAY, WEDNESDAY, THURSDAY)] == [
        [DEPUTY],
        [address(OFFICE)],
        [DEPUTY],
    ]
    assert "thủ trưởng Phòng Nội vụ" in desk.far_end.to(OFFICE)[0].text


def test_a_circle_is_refused(store: Engine) -> None:
    desk = daily(store, HOME_AFFAIRS, CULTURE, OFFICE)
    away(desk, BOSS, DEPUTY)
    away(desk, DEPUTY, address(OFFICE), first=THURSDAY, last=FRIDAY)
    with pytest.raises(StandInRefused, match=r"06/04/2023.*quay vòng") as refused:
        away(desk, address(OFFICE), BOSS, first=MONDAY, last=FRIDAY)
    assert refused.value.field == "deputy"
    away(desk, address(OFFICE), BOSS, first=FRIDAY, last=FRIDAY)  # nobody waits for the office on that day


def test_in_a_circle_that_slipped_in_nobody_is_forgotten(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    with writing(desk.store) as connection:
        row = "SELECT deputy, contact, first_day, last_day, reason, created_by, created_at FROM stand_in"
        into = "contact, deputy, first_day, last_day, reason, created_by, created_at"
        connection.execute(text(f"INSERT INTO stand_in ({into}) {row}"))
    assert heard(desk, TUESDAY) == [BOSS]


def test_a_deputy_who_left_the_address_book_leaves_no_gap(store: Engine) -> None:
    desk = daily(store)
    away(desk, BOSS, DEPUTY)
    with writing(desk.store) as connection:
        connection.execute(text(f"UPDATE contact SET active = false WHERE email = '{DEPUTY}'"))
    assert heard(desk, TUESDAY) == [BOSS]


@given(
    st.dictionaries(st.integers(1, 6), st.integers(1, 6), max_size=6),
    st.sets(st.integers(1, 6)),
    st.integers(1, 6),
)
def test_somebody_in_the_address_book_always_hears(
    deputies: dict[int, int], reachable: set[int], contact: int
) -> None:
    reachable = reachable | {contact}
    gets = who_gets(contact, deputies, reachable)
    assert gets in reachable
    # Whoever hears is not away, unless everybody they could turn to is away or gone too.
    if gets in deputies and deputies[gets] in reachable:
        walked, current = {gets}, deputies[gets]
        while current in deputies and deputies[current] in reachable and current not in walked:
            walked.add(current)
            current = deputies[current]
        assert current in walked


# --- what is refused, and ending early -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "field", "said"),
    [
        (THURSDAY, TUESDAY, "last_day", "từ ngày đầu trở đi"),
        (date(2023, 3, 1), date(2023, 4, 2), "last_day", "đã qua"),
        (TUESDAY, date(2024, 4, 5), "last_day", "quá một năm"),
    ],
)
def test_wrong_days_are_refused(store: Engine, first: date, last: date, field: str, said: str) -> None:
    desk = daily(store)
    with pytest.raises(StandInRefused, match=said) as refused:
        away(desk, BOSS, DEPUTY, first, last)
    assert refused.value.field == field
    assert desk.rows("SELECT * FROM stand_in") == []


def test_nobody_stands_in_for_oneself(store: Engine) -> None:
    desk = daily(store, Contact(HOME_AFFAIRS, HEAD, "", BOSS), Contact(CULTURE, HEAD, "", BOSS.upper()))
    with pytest.raises(StandInRefused, match="người khác"):
        away(desk, BOSS, BOSS)
    with pytest.raises(StandInRefused, match="địa chỉ thư khác"):
        away(desk, BOSS, BOSS.upper())


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (date(2023, 3, 27), FIRST - timedelta(days=1), True),
        (date(2023, 3, 27), FIRST, False),
        (WEDNESDAY, WEDNESDAY, False),
        (LAST, FRIDAY, False),
        (LAST + timedelta(days=1), FRIDAY, True),
        (MONDAY, FRIDAY, False),
    ],
)
def test_two_stand_ins_of_one_person_do_not_overlap(
    store: Engine, first: date, last: date, fits: bool
) -> None:
    desk = daily(store, HOME_AFFAIRS, CULTURE, OFFICE)
    away(desk, BOSS, DEPUTY)
    if fits:
        away(desk, BOSS, address(OFFICE), first, last)
    else:
        with pytest.raises(StandInRefused, match="đã có người nhận thay từ 04/04/2023 đến hết 06/04/2023"):
            away(desk, BOSS, address(OFFICE), first, last)


def test_ending_early_takes_effect_at_once_and_once(store: Engine) -> None:
    desk = daily(store)
    made = away(desk, BOSS, DEPUTY)
    assert heard(desk, TUESDAY) == [DEPUTY]
    with writing(desk.store) as connection:
        assert stand_ins.end(connection, made.id, at(TUESDAY, 16)).ended_at == at(TUESDAY, 16)
    with writing(desk.store) as connection, pytest.raises(StandInRefused, match="đã kết thúc"):
        stand_ins.end(connection, made.id, at(TUESDAY, 17))
    assert heard(desk, WEDNESDAY) == [BOSS]
    away(desk, BOSS, DEPUTY, first=THURSDAY)  # an ended one is in nobody's way


def test_what_is_over_cannot_be_ended(store: Engine) -> None:
    desk = daily(store)
    made = away(desk, BOSS, DEPUTY)
    with writing(desk.store) as connection, pytest.raises(StandInRefused):
        stand_ins.end(connection, made.id, at(FRIDAY, 0))


def test_of_two_at_the_same_moment_one_is_refused(store: Engine, another: Fresh) -> None:
    desk = daily(store, HOME_AFFAIRS, CULTURE, OFFICE)
    boss, deputies = number(desk, BOSS), [number(desk, DEPUTY), number(desk, address(OFFICE))]
    together = threading.Barrier(2)
    ends: list[str] = []

    def add(engine: Engine, deputy: int) -> None:
        together.wait()
        try:
            with writing(engine) as connection:
                stand_ins.add(connection, boss, deputy, FIRST, LAST, "", "ai đó", at(MONDAY))
            ends.append("added")
        except StandInRefused:
            ends.append("refused")

    threads = [threading.Thread(target=add, args=(another(), deputy)) for deputy in deputies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["added", "refused"]
    assert len(desk.rows("SELECT id FROM stand_in")) == 1
