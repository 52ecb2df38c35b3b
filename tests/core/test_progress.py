"""The state machine: every event in every state, extensions, triggers, and replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.assignment import Extension, Promise, Standing, State
from engine.model.deadline import DayUnit, Deadline
from engine.model.event import Event, EventKind
from engine.model.plan import PlanSettings
from engine.tracking.progress import Refusal, apply, limit, local_day, opening, replay
from engine.workdays import MissingYear
from tests.cast import CALENDAR, CONTINUOUS, UNDATED, after_event, at, due_on, plan, promises, said, task

SETTINGS = PlanSettings()
DUE = date(2023, 3, 31)
LATER = date(2023, 4, 14)
DAY = date(2023, 3, 20)


def promise(deadline: Deadline | None = None) -> Promise:
    [found] = promises(plan(task(deadline=deadline or due_on(DUE)))).values()
    return found


def after(*events: Event, deadline: Deadline | None = None, settings: PlanSettings = SETTINGS) -> Standing:
    """The standing after events that all have to fit."""
    mine = promise(deadline)
    standing = opening(mine)
    for event in events:
        moved = apply(mine, standing, event, settings, CALENDAR)
        assert isinstance(moved, Standing), moved
        standing = moved
    return standing


def refusal(standing: Standing, event: Event, deadline: Deadline | None = None) -> str:
    moved = apply(promise(deadline), standing, event, SETTINGS, CALENDAR)
    assert isinstance(moved, Refusal), moved
    return moved.message


def word(kind: str, day: date = DAY, **more: object) -> Event:
    return said("viec", kind, day, **more)


# One column for each state, in the order below: where the event leads, "." where it is refused.
STATES = "dormant not_started received in_progress reported returned confirmed declined withdrawn"
TABLE = """
received     .           received     received     .            .            received     .            received     .
progress     .           in_progress  in_progress  in_progress  .            in_progress  .            in_progress  .
done         .           reported     reported     reported     .            reported     .            reported     .
extension    .           not_started  received     in_progress  .            returned     .            declined     .
declined     declined    declined     declined     declined     .            declined     .            .            .
confirm      .           .            .            .            confirmed    .            .            .            .
return       .           .            .            .            returned     .            returned     returned     .
extend       .           not_started  received     in_progress  .            returned     .            declined     .
refuse       .           not_started  received     in_progress  .            returned     .            declined     .
withdraw     withdrawn   withdrawn    withdrawn    withdrawn    withdrawn    withdrawn    withdrawn    withdrawn    .
reinstate    .           .            .            .            .            .            .            .            dormant
trigger      not_started .            .            .            .            .            .            .            .
date         .           not_started  received     in_progress  .            returned     .            declined     .
snooze       dormant     not_started  received     in_progress  reported     returned     .            declined     .
"""  # noqa: E501 - a table is read across
CELLS = [
    (line.split()[0], state, cell)
    for line in TABLE.strip().splitlines()
    for state, cell in zip(STATES.split(), line.split()[1:], strict=True)
]


@pytest.mark.parametrize(("kind", "state", "leads_to"), CELLS)
def test_every_event_in_every_state(kind: str, state: str, leads_to: str) -> None:
    standing = Standing(State(state), withdrawn_from=State.DORMANT if state == "withdrawn" else None)
    deadline = UNDATED if kind == "date" else after_event() if state == "dormant" else due_on(DUE)
    if kind == "refuse":
        standing = replace(standing, extension=Extension.PENDING)
    mine = promise(deadline)
    moved = apply(mine, standing, word(kind, new=LATER, percent=50), SETTINGS, CALENDAR)
    if leads_to == ".":
        assert isinstance(moved, Refusal)
        assert "Không thể" in moved.message
    else:
        assert isinstance(moved, Standing), moved
        assert moved.state.value == leads_to


def test_the_table_knows_every_event_and_state() -> None:
    assert {kind for kind, _, _ in CELLS} == {k.value for k in EventKind}
    assert set(STATES.split()) == {s.value for s in State}


def test_a_refusal_names_the_event_and_the_state() -> None:
    message = refusal(Standing(State.CONFIRMED), word("done"))
    assert message == "Không thể báo cáo hoàn thành: nhiệm vụ đang ở trạng thái “đã hoàn thành”"


@pytest.mark.parametrize(("percent", "fits"), [(-1, False), (0, True), (100, True), (101, False)])
def test_a_percentage_lies_between_0_and_100(percent: int, fits: bool) -> None:
    moved = apply(promise(), opening(promise()), word("progress", percent=percent), SETTINGS, CALENDAR)
    assert isinstance(moved, Standing) is fits


# --- what the unit says --------------------------------------------------------------------------------


def test_the_last_word_is_the_units_with_its_note_and_share() -> None:
    standing = after(word("progress", percent=40, note=None))
    assert standing.last_word == "cập nhật tiến độ: 40%"
    assert standing.percent == 40
    assert standing.last_word_at == at(DAY)
    noted = after(word("progress", percent=40), word("progress", date(2023, 3, 21), note="chờ sở cho ý kiến"))
    assert noted.last_word == "cập nhật tiến độ: chờ sở cho ý kiến"
    assert noted.percent == 40


def test_the_office_speaking_is_no_word_of_the_unit() -> None:
    standing = after(word("done"), word("return", LATER), word("snooze", LATER, new=date(2023, 5, 1)))
    assert standing.last_word_at == at(DAY)


def test_since_is_the_local_day_of_the_change_of_state() -> None:
    evening = Event("viec", EventKind.RECEIVED, datetime(2023, 3, 20, 17, 30, tzinfo=UTC))
    assert after(evening).since == date(2023, 3, 21)
    same_state = after(word("progress"), word("progress", LATER))
    assert same_state.since == DAY


def test_done_counts_on_the_local_day_it_was_said() -> None:
    last_minute = Event("viec", EventKind.DONE, at(DUE, 23, 59))
    midnight = Event("viec", EventKind.DONE, at(DUE + timedelta(days=1), 0, 0))
    assert after(last_minute).reported_on == DUE
    assert after(midnight).reported_on == DUE + timedelta(days=1)


def test_a_returned_report_never_counted_and_the_next_one_does() -> None:
    returned = after(word("done"), word("return", date(2023, 3, 22)))
    assert returned.state is State.RETURNED
    assert returned.reported_on is None
    again = after(word("done"), word("return", date(2023, 3, 22)), word("done", date(2023, 3, 24)))
    assert again.reported_on == date(2023, 3, 24)


def test_a_confirmed_report_can_still_be_returned() -> None:
    standing = after(word("done"), word("confirm", LATER), word("return", LATER))
    assert (standing.state, standing.reported_on, standing.confirmed_on) == (State.RETURNED, None, None)


@pytest.mark.parametrize(
    ("events", "kind"), [((word("done"),), "return"), ((), "extension")], ids=["return", "extension"]
)
def test_what_needs_a_reason_is_refused_without_one(events: Sequence[Event], kind: str) -> None:
    assert "lý do" in refusal(after(*events), word(kind, note=None, new=LATER))


# --- extensions ----------------------------------------------------------------------------------------


def test_an_extension_in_time_moves_the_deadline_and_keeps_the_promise() -> None:
    standing = after(word("extension", new=LATER), word("extend"))
    assert (standing.due, standing.rolled, standing.extension) == (LATER, LATER, Extension.GRANTED)
    assert promise().due == DUE


def test_a_grant_may_name_another_day_than_asked() -> None:
    standing = after(word("extension", new=LATER), word("extend", new=date(2023, 4, 28)))
    assert standing.due == date(2023, 4, 28)


@pytest.mark.parametrize(
    ("granted_on", "cures", "moved"),
    [
        (DUE, False, True),
        (DUE + timedelta(days=1), False, False),
        (DUE + timedelta(days=1), True, True),
    ],
)
def test_a_grant_after_the_deadline_cures_only_if_it_says_so(
    granted_on: date, cures: bool, moved: bool
) -> None:
    standing = after(word("extension", new=LATER), word("extend", granted_on, cures=cures))
    assert standing.extension is Extension.GRANTED
    assert standing.extension_to == LATER
    assert standing.due == (LATER if moved else None)
    assert limit(promise(), standing) == (LATER if moved else DUE)


def test_the_rolled_day_decides_whether_a_grant_is_in_time() -> None:
    # Due on Monday 1 May, rolled to 3 May: a grant on 3 May is in time.
    holiday = due_on(date(2023, 5, 1))
    asked = word("extension", date(2023, 4, 28), new=date(2023, 5, 12))
    granted = after(asked, word("extend", date(2023, 5, 3)), deadline=holiday)
    assert granted.due == date(2023, 5, 12)
    late = after(asked, word("extend", date(2023, 5, 4)), deadline=holiday)
    assert late.due is None


@pytest.mark.parametrize(("roll", "rolled"), [(True, date(2023, 5, 3)), (False, date(2023, 5, 1))])
def test_a_granted_day_rolls_as_the_plan_says(roll: bool, rolled: date) -> None:
    standing = after(word("extend", new=date(2023, 5, 1)), settings=PlanSettings(roll=roll))
    assert (standing.due, standing.rolled) == (date(2023, 5, 1), rolled)


def test_a_refused_extension_leaves_everything_and_may_be_asked_again() -> None:
    refused = after(word("extension", new=LATER), word("refuse"))
    assert (refused.extension, refused.extension_to, refused.due) == (Extension.REFUSED, None, None)
    again = after(word("extension", new=LATER), word("refuse"), word("extension", new=LATER))
    assert again.extension is Extension.PENDING


def test_reporting_done_makes_a_pending_request_moot() -> None:
    assert after(word("extension", new=LATER), word("done")).extension is Extension.NONE
    kept = after(word("extension", new=LATER), word("extend"), word("done"))
    assert kept.extension is Extension.GRANTED


@pytest.mark.parametrize(
    ("kind", "day", "part"),
    [
        ("extension", DUE, "phải sau thời hạn 31/03/2023"),
        ("extend", DUE, "phải sau thời hạn 31/03/2023"),
        ("extend", None, "phải ghi ngày mới"),
        ("refuse", LATER, "Không có đề nghị"),
        ("date", LATER, "cho gia hạn"),
        ("snooze", None, "ngày nhắc lại"),
    ],
)
def test_what_the_office_or_unit_cannot_do(kind: str, day: date | None, part: str) -> None:
    assert part in refusal(opening(promise()), word(kind, new=day))


@pytest.mark.parametrize("kind", ["extension", "extend"])
def test_no_extension_without_a_deadline(kind: str) -> None:
    message = refusal(opening(promise(CONTINUOUS)), word(kind, new=LATER), CONTINUOUS)
    assert "không có thời hạn" in message


# --- dates for the undated, events, withdrawal -----------------------------------------------------------


def test_the_office_dates_an_undated_task_and_may_extend_it() -> None:
    dated = after(word("date", new=date(2023, 5, 1)), deadline=UNDATED)
    assert (dated.due, dated.rolled) == (date(2023, 5, 1), date(2023, 5, 3))
    moved = after(word("date", new=LATER), word("date", new=DUE), deadline=UNDATED)
    assert moved.due == DUE
    extended = after(word("date", new=DUE), word("extend", new=LATER), deadline=UNDATED)
    assert extended.due == LATER


TRIGGERS = [
    # offset, unit, happened, due, rolled
    (None, DayUnit.CALENDAR, date(2023, 4, 21), None, None),
    (10, DayUnit.CALENDAR, date(2023, 4, 21), date(2023, 5, 1), date(2023, 5, 3)),
    (10, DayUnit.WORKING, date(2023, 4, 21), date(2023, 5, 8), date(2023, 5, 8)),
    (5, DayUnit.WORKING, date(2023, 4, 28), date(2023, 5, 8), date(2023, 5, 8)),
    (3, DayUnit.WORKING, date(2023, 4, 28), date(2023, 5, 5), date(2023, 5, 5)),
    (4, DayUnit.WORKING, date(2023, 4, 28), date(2023, 5, 6), date(2023, 5, 6)),
]


@pytest.mark.parametrize(("offset", "unit", "happened", "due", "rolled"), TRIGGERS)
def test_an_event_starts_the_clock(
    offset: int | None, unit: DayUnit, happened: date, due: date | None, rolled: date | None
) -> None:
    standing = after(word("trigger", LATER, new=happened), deadline=after_event(offset, unit))
    assert standing.state is State.NOT_STARTED
    assert (standing.triggered_on, standing.due, standing.rolled) == (happened, due, rolled)


def test_an_event_without_a_day_happened_on_the_day_it_was_told() -> None:
    standing = after(word("trigger", LATER), deadline=after_event(5))
    assert standing.triggered_on == LATER


def test_a_day_outside_the_calendar_is_an_error_not_a_guess() -> None:
    with pytest.raises(MissingYear, match="2031"):
        apply(promise(), opening(promise()), word("extend", new=date(2031, 1, 6)), SETTINGS, CALENDAR)


@pytest.mark.parametrize(
    ("before", "state"),
    [
        ((), State.NOT_STARTED),
        ((word("progress"),), State.IN_PROGRESS),
        ((word("done"),), State.REPORTED),
        ((word("done"), word("confirm")), State.CONFIRMED),
    ],
)
def test_work_that_is_given_back_stands_where_it_stood(before: tuple[Event, ...], state: State) -> None:
    withdrawn = after(*before, word("withdraw", LATER))
    assert withdrawn.state is State.WITHDRAWN
    back = after(*before, word("withdraw", LATER), word("reinstate", LATER))
    assert (back.state, back.withdrawn_from) == (state, None)
    assert back.reported_on == after(*before).reported_on


def test_an_untriggered_duty_that_a_unit_declined_waits_for_its_event_when_returned() -> None:
    declined = after(word("declined"), deadline=after_event(5))
    assert declined.state is State.DECLINED
    returned = after(word("declined"), word("return"), deadline=after_event(5))
    assert returned.state is State.DORMANT
    then = after(word("declined"), word("return"), word("trigger", LATER), deadline=after_event(5))
    assert then.due == LATER + timedelta(days=5)


# --- replay --------------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.builds(
        word,
        st.sampled_from([k.value for k in EventKind]),
        st.dates(date(2023, 3, 1), date(2023, 6, 30)),
        new=st.none() | st.dates(date(2023, 3, 1), date(2023, 12, 31)),
        percent=st.none() | st.integers(-5, 105),
        note=st.none() | st.just("lý do"),
        cures=st.booleans(),
    ),
    max_size=12,
)
DEADLINES = st.sampled_from([due_on(DUE), due_on(date(2023, 5, 1)), UNDATED, CONTINUOUS, after_event(7)])


@given(EVENTS, DEADLINES)
def test_replay_is_the_same_as_one_event_at_a_time(events: list[Event], deadline: Deadline) -> None:
    mine = promise(deadline)
    standing = opening(mine)
    taken = []
    for event in events:
        moved = apply(mine, standing, event, SETTINGS, CALENDAR)
        if isinstance(moved, Standing):
            standing = moved
            taken.append(event)
    assert replay(mine, events, SETTINGS, CALENDAR) == standing
    assert replay(mine, taken, SETTINGS, CALENDAR) == standing


@given(EVENTS, DEADLINES)
def test_what_always_holds(events: list[Event], deadline: Deadline) -> None:
    standing = replay(promise(deadline), events, SETTINGS, CALENDAR)
    assert (standing.due is None) == (standing.rolled is None)
    assert standing.due is None or (standing.rolled is not None and standing.rolled >= standing.due)
    if standing.state in (State.REPORTED, State.CONFIRMED):
        assert standing.reported_on is not None
    if standing.state is State.RETURNED:
        assert standing.reported_on is None
    assert (standing.confirmed_on is not None) >= (standing.state is State.CONFIRMED)
    assert (standing.withdrawn_from is not None) == (standing.state is State.WITHDRAWN)
    assert standing.percent is None or 0 <= standing.percent <= 100


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2023, 3, 30, 16, 59, 59, tzinfo=UTC), date(2023, 3, 30)),
        (datetime(2023, 3, 30, 17, 0, tzinfo=UTC), date(2023, 3, 31)),
        (datetime(2023, 3, 31, 16, 59, tzinfo=UTC), date(2023, 3, 31)),
    ],
)
def test_the_day_ends_at_midnight_in_viet_nam(instant: datetime, day: date) -> None:
    assert local_day(instant) == day
