"""What the answers of a channel do to the channel: it rests, tries again with one message, stops, resumes."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from engine.sending.breaker import RESTS
from engine.store.database import reading, writing
from engine.store.messages import channel_states, outbox, refusals
from engine.store.messages.channel_states import OPEN, RESTING, STOPPED, ChannelState
from engine.tick import TickResult, tick
from engine.worker import this_worker
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, OFFICE, at, plan, task
from tests.store.databases import Fresh
from tests.tick.desk import SENT, TEMPORARY, UNKNOWN, Desk, FarEnd, address, beside, desk_with

MONDAY = date(2023, 4, 3)
UNITS = (*COMMUNES, HOME_AFFAIRS, CULTURE)
BUSY = Outcome(Status.TEMPORARY, 421, "Máy chủ thư đang bận", cause=Cause.CHANNEL)
NO_MONEY = Outcome(Status.PERMANENT, -115, "Tài khoản hết tiền", cause=Cause.CHANNEL)
REFUSED = Outcome(Status.PERMANENT, 550, "Không có người nhận này", cause=Cause.RECIPIENT)
OUR_MISTAKE = Outcome(Status.PERMANENT, 554, "Nội dung không hợp lệ", cause=Cause.MESSAGE)


class Line(FarEnd):
    """A far end whose next answers do not depend on who is written to; ``always`` after them."""

    def __init__(self, name: str = "email") -> None:
        super().__init__()
        self.name = name
        self.next: deque[Outcome] = deque()
        self.always = SENT
        self.shut_until: datetime | None = None

    def send(self, message: OutgoingMessage) -> Outcome:
        self.tried.append(message)
        outcome = self.next.popleft() if self.next else self.always
        if outcome.status is Status.SENT:
            self.arrived.append(message)
        return outcome

    def closed_until(self, now: datetime) -> datetime | None:
        return self.shut_until if self.shut_until is not None and now < self.shut_until else None


def office(store: Engine, *answers: Outcome, leads: tuple[str, ...] = UNITS) -> tuple[Desk, Line]:
    """A desk where each of ``leads`` must hear something on Monday, and its line out."""
    desk = desk_with(store, [plan(task(leads=leads))])
    line = Line()
    line.next.extend(answers)
    desk.far_end = line
    return desk, line


def state_of(desk: Desk, channel: str = "email") -> ChannelState:
    with reading(desk.store) as connection:
        return channel_states.everything(connection)[channel]


def states(desk: Desk) -> set[object]:
    return {state for (state,) in desk.rows("SELECT state FROM message")}


# --- rests ---------------------------------------------------------------------------------------------


def test_three_failures_of_the_channel_make_it_rest_and_then_one_message_tries(store: Engine) -> None:
    desk, line = office(store)
    line.always = BUSY
    now = at(MONDAY, 8)
    assert len(tried(desk, line, now)) == 3
    for rest in (*RESTS, RESTS[-1]):
        state = state_of(desk)
        assert (state.state, state.until) == (RESTING, now + rest)
        assert (state.code, state.detail) == (421, "Máy chủ thư đang bận")
        assert tried(desk, line, now + rest - timedelta(seconds=1)) == []
        now += rest
        assert len(tried(desk, line, now)) == 1
    line.always = SENT
    now += RESTS[-1]
    assert len(tried(desk, line, now)) == len(UNITS)
    assert desk.far_end.recipients() == sorted(map(address, UNITS))
    assert (state_of(desk).state, state_of(desk).failures, state_of(desk).detail) == (OPEN, 0, "")
    # Each attempt is in the ledger, and none of them is held against its message.
    outcomes = [outcome for _, outcome in desk.deliveries()]
    assert (outcomes.count("temporary"), outcomes.count("sent")) == (3 + len(RESTS) + 1, len(UNITS))
    assert desk.rows("SELECT DISTINCT failures FROM message WHERE state = 'sent'") == [(0,)]


def tried(desk: Desk, line: Line, now: datetime) -> list[OutgoingMessage]:
    """What a pass at that instant tried to send."""
    before = len(line.tried)
    pass_at(desk, now)
    return line.tried[before:]


def pass_at(desk: Desk, now: datetime) -> TickResult:
    channels = {desk.far_end.name: desk.far_end}
    return tick(desk.store, desk.files, now, channels, desk.worker, lambda: now)


def test_a_channel_that_answers_in_between_does_not_rest(store: Engine) -> None:
    desk, line = office(store, BUSY, UNKNOWN, TEMPORARY, BUSY, SENT)
    desk.tick(MONDAY)
    assert len(line.tried) == len(UNITS)
    assert (state_of(desk).state, state_of(desk).failures) == (OPEN, 0)


def test_an_unknown_answer_counts_against_the_channel(store: Engine) -> None:
    desk, line = office(store, UNKNOWN, BUSY, UNKNOWN)
    desk.tick(MONDAY)
    assert len(line.tried) == 3
    assert state_of(desk).state == RESTING


def test_the_far_end_may_say_how_long_the_channel_rests(store: Engine) -> None:
    desk, line = office(store, Outcome(Status.TEMPORARY, 429, "", timedelta(minutes=7), Cause.CHANNEL))
    desk.tick(MONDAY)
    assert (len(line.tried), state_of(desk).failures) == (1, 0)
    assert desk.tick(MONDAY, 9, 6).sent == 0
    assert desk.tick(MONDAY, 9, 7).sent == len(UNITS)


def test_only_one_of_several_processes_tries_after_a_rest(store: Engine, another: Fresh) -> None:
    desk, line = office(store, BUSY, BUSY, BUSY)
    desk.tick(MONDAY)
    other = beside(desk, another())
    other.far_end = Line()
    meanwhile: list[int] = []

    class Probe(Line):
        def send(self, message: OutgoingMessage) -> Outcome:
            if not meanwhile:
                meanwhile.append(other.tick(MONDAY, 9, 1).sent)
            return super().send(message)

    desk.far_end = Probe()
    assert desk.tick(MONDAY, 9, 1).sent == len(UNITS)
    assert meanwhile == [0]
    assert len(line.tried) == 3


def test_whoever_dies_while_trying_after_a_rest_does_not_close_the_channel_for_ever(store: Engine) -> None:
    desk, _ = office(store, BUSY, BUSY, BUSY)
    desk.tick(MONDAY)

    class Died(BaseException):
        pass

    class Killing(Line):
        def send(self, message: OutgoingMessage) -> Outcome:
            raise Died

    desk.far_end = Killing()
    with pytest.raises(Died):
        desk.tick(MONDAY, 9, 1)
    desk.far_end = Line()
    assert desk.tick(MONDAY, 9, 2).sent == 0
    later = desk.tick(MONDAY, 9, 8)
    assert (later.unknown, later.sent) == (1, len(UNITS))
    assert state_of(desk).state == OPEN


def test_a_message_that_upsets_the_far_end_holds_up_no_other(store: Engine) -> None:
    desk, _ = office(store)
    bad = address(UNITS[0])

    class Upset(Line):
        def send(self, message: OutgoingMessage) -> Outcome:
            self.always = BUSY if message.recipient.value == bad else SENT
            return super().send(message)

    line = desk.far_end = Upset()
    for day in (MONDAY, date(2023, 4, 5), date(2023, 4, 7)):
        for hour in (8, 9):
            for minute in (0, 20, 40):
                desk.tick(day, hour, minute)
        assert {m.recipient.value for m in line.arrived} >= set(map(address, UNITS)) - {bad}
    # What is new at the end of the week has got past what has failed since Monday.
    assert {m.recipient.value for m in line.arrived} == {*map(address, (*UNITS, OFFICE))} - {bad}


# --- stops ---------------------------------------------------------------------------------------------


def test_a_channel_without_money_stops_until_a_person_resumes_it(store: Engine) -> None:
    desk, line = office(store, NO_MONEY)
    first = desk.tick(MONDAY)
    assert (first.failed, len(line.tried)) == (0, 1)
    assert (state_of(desk).state, state_of(desk).code, state_of(desk).until) == (STOPPED, -115, None)
    for day, hour in ((MONDAY, 11), (MONDAY, 16), (date(2023, 4, 4), 9)):
        desk.tick(day, hour)
    assert len(line.tried) == 1
    with writing(desk.store) as connection:
        assert channel_states.resume(connection, "email", at(MONDAY, 16))
        assert not channel_states.resume(connection, "email", at(MONDAY, 16))
    assert desk.tick(date(2023, 4, 4), 10).sent == len(UNITS)
    assert desk.rows("SELECT DISTINCT failures FROM message WHERE state = 'sent'") == [(0,)]


def test_what_the_far_end_still_takes_is_kept_and_nothing_is_sent_beyond_it(store: Engine) -> None:
    two, one, none = (Outcome(Status.SENT, remaining=left) for left in (2, 1, 0))
    desk, line = office(store, two, one, none)
    assert desk.tick(MONDAY).sent == 3
    state = state_of(desk)
    assert (state.state, state.remaining, state.remaining_at) == (RESTING, 0, at(MONDAY))
    assert state.until == at(date(2023, 4, 4), 0)
    line.next.extend([two])
    assert desk.tick(MONDAY, 16).sent == 0
    assert desk.tick(date(2023, 4, 4), 8).sent == len(UNITS) - 3
    assert (state_of(desk).state, state_of(desk).remaining) == (OPEN, 2)


def test_a_channel_that_is_closed_at_this_hour_is_left_alone(store: Engine) -> None:
    desk, line = office(store)
    line.shut_until = at(MONDAY, 11)
    assert desk.tick(MONDAY, 9).deferred == len(UNITS)
    assert desk.rows("SELECT count(*) FROM delivery") == [(0,)]
    with reading(desk.store) as connection:
        assert outbox.ready(connection, at(MONDAY, 10, 59), ["email"]) == []
        assert len(outbox.ready(connection, at(MONDAY, 11), ["email"])) == len(UNITS)
    assert desk.tick(MONDAY, 10, 45).sent == 0
    assert desk.tick(MONDAY, 11).sent == len(UNITS)


def test_a_pass_that_lasts_past_the_allowed_hours_begins_nothing_more(store: Engine) -> None:
    desk, line = office(store)
    clock = iter(at(MONDAY, 16, 58) + timedelta(minutes=n) * 0.5 for n in range(100))
    channels = {line.name: line}
    tick(desk.store, desk.files, at(MONDAY, 16, 59), channels, desk.worker, lambda: next(clock))
    assert 0 < len(line.arrived) < len(UNITS)
    assert states(desk) == {"sent", "queued"}


# --- answers about one message -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "notice", "refused"),
    [(REFUSED, "pending", 1), (OUR_MISTAKE, "pending", 0)],
    ids=["refused", "our-mistake"],
)
def test_what_cannot_arrive_frees_its_notices_for_another_way(
    store: Engine, answer: Outcome, notice: str, refused: int
) -> None:
    desk, _ = office(store, answer, leads=(HOME_AFFAIRS,))
    assert desk.tick(MONDAY).failed == 1
    assert set(desk.notices().values()) == {notice}
    with reading(desk.store) as connection:
        found = refusals.everything(connection)
    assert len(found) == refused
    if refused:
        refusal = found["email", address(HOME_AFFAIRS)]
        assert (refusal.code, refusal.detail, refusal.at) == (550, "Không có người nhận này", at(MONDAY))
    assert state_of(desk).state == OPEN
    desk.tick(MONDAY, 12)
    assert len(desk.far_end.tried) == 1, "the address had its message of the day"


def test_an_address_that_takes_mail_again_is_not_refused_any_more(store: Engine) -> None:
    desk, line = office(store, leads=(HOME_AFFAIRS,))
    refusal = refusals.Refusal("email", address(HOME_AFFAIRS), 550, "", "", at(MONDAY))
    desk.tick(MONDAY, silent=True)
    with writing(desk.store) as connection:
        refusals.record(connection, refusal)
    pass_at(desk, at(MONDAY, 9, 1))
    assert len(line.arrived) == 1
    assert desk.rows("SELECT * FROM refusal") == []


def on_zns(desk: Desk) -> Line:
    """Puts the messages of Monday on ZNS instead, which must never repeat itself."""
    desk.tick(MONDAY, silent=True)
    with writing(desk.store) as connection:
        connection.execute(text("UPDATE message SET channel = 'zns', address = '84900000001'"))
    line = desk.far_end = Line("zns")
    return line


def test_what_may_have_arrived_is_never_sent_again_where_it_costs(store: Engine) -> None:
    desk, _ = office(store, leads=(HOME_AFFAIRS,))
    line = on_zns(desk)
    line.next.append(UNKNOWN)
    assert desk.tick(MONDAY, 9, 1).unknown == 1
    for hour in (10, 12, 16):
        desk.tick(MONDAY, hour)
    assert len(line.tried) == 1
    [(state, in_doubt)] = desk.rows("SELECT state, in_doubt FROM message WHERE channel = 'zns'")
    assert (state, bool(in_doubt)) == ("failed", True)
    assert set(desk.notices().values()) == {"composed"}, "it may have arrived: no other way is taken"
    [(id,)] = desk.rows("SELECT id FROM message")
    with writing(desk.store) as connection:
        assert outbox.arrived(connection, str(id), at(MONDAY, 9, 30))
        assert not outbox.arrived(connection, str(id), at(MONDAY, 9, 30))
    assert states(desk) == {"sent"}


def test_what_a_dead_process_was_sending_is_never_sent_again_where_it_costs(store: Engine) -> None:
    desk, _ = office(store, leads=(HOME_AFFAIRS,))
    line = on_zns(desk)
    host, pid, _ = this_worker().split("/")
    [(id,)] = desk.rows("SELECT id FROM message")
    with writing(desk.store) as connection:
        assert outbox.claim(connection, str(id), f"{host}/{pid}/1", at(MONDAY, 9), at(MONDAY, 9))
    assert desk.tick(MONDAY, 9, 5).unknown == 1
    assert desk.tick(MONDAY, 12).unknown == 0
    assert line.tried == []
    assert desk.deliveries() == [(1, "unknown")]
    assert states(desk) == {"failed"}


def test_a_delivery_keeps_what_it_cost_and_what_the_far_end_calls_it(store: Engine) -> None:
    desk, _ = office(store, leads=(HOME_AFFAIRS,))
    line = on_zns(desk)
    line.next.extend([BUSY, Outcome(Status.SENT, 0, "", reference="f" * 300)])
    for minute in (1, 2):
        desk.tick(MONDAY, 9, minute, files=replace(desk.files, costs={"zns": 300}))
    assert desk.rows("SELECT outcome, cost FROM delivery ORDER BY id") == [("temporary", 0), ("sent", 300)]
    [(reference,)] = desk.rows("SELECT reference FROM delivery WHERE outcome = 'sent'")
    assert len(str(reference)) == 80
