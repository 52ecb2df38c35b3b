"""What becomes of a message: sent, tried again, given up, unknown — and nothing of it lost or told twice."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from engine.sending.verdict import RETRIES
from engine.store.database import reading, writing
from engine.store.messages import outbox
from engine.store.messages.outbox import LEASE
from engine.store.people.contacts import HEAD, OFFICER, Address, Contact
from engine.worker import is_dead, this_worker
from notifiers.outcome import Outcome, Status
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, at, due_on, plan, said, task
from tests.store.databases import Fresh
from tests.tick.desk import (
    PERMANENT,
    TEMPORARY,
    UNKNOWN,
    Desk,
    address,
    beside,
    desk_with,
)

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
MONDAY = date(2023, 4, 3)
TUESDAY = date(2023, 4, 4)


def late(store: Engine, **how: object) -> Desk:
    """A desk where the Phòng Nội vụ must hear on Monday that it is one day late."""
    return desk_with(store, [plan(task())], **how)  # type: ignore[arg-type]


# --- temporary and permanent ---------------------------------------------------------------------------


def test_a_temporary_failure_is_tried_again_after_a_while(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    first = desk.tick(MONDAY)
    assert (first.sent, first.failed, first.deferred) == (0, 0, 1)
    assert desk.tick(MONDAY, 9, 2).sent == 0  # too early: five minutes, give or take a tenth
    assert len(desk.far_end.tried) == 1
    assert desk.tick(MONDAY, 9, 6).sent == 1
    assert desk.deliveries() == [(1, "temporary"), (2, "sent")]


def test_a_retry_keeps_its_turn_when_the_digest_is_worded_anew(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY, TEMPORARY, TEMPORARY)
    desk.tick(MONDAY, 9, 0)
    desk.tick(MONDAY, 9, 15)  # second attempt; the third waits 15 minutes more
    assert len(desk.far_end.tried) == 2
    desk.tick(MONDAY, 9, 25)
    assert len(desk.far_end.tried) == 2
    desk.tick(MONDAY, 9, 45)
    assert len(desk.far_end.tried) == 3
    assert {m.id for m in desk.far_end.tried} == {desk.far_end.tried[0].id}
    assert desk.deliveries() == [(n, "temporary") for n in (1, 2, 3)]


def test_the_far_end_may_say_how_long_to_wait(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, Outcome(Status.TEMPORARY, 450, "", timedelta(hours=2)))
    desk.tick(MONDAY, 8)
    assert desk.tick(MONDAY, 9, 45).sent == 0
    assert desk.tick(MONDAY, 10, 15).sent == 1


def test_retries_are_counted_and_end(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, *[TEMPORARY] * 30)
    day, failed = MONDAY, 0
    while not failed and day < date(2023, 4, 30):
        for hour in (8, 9, 10, 11, 13, 14, 15, 16):
            failed = failed or desk.tick(day, hour).failed
        day += timedelta(days=1)
    assert failed == 1
    assert len(desk.far_end.tried) == len(RETRIES) + 1
    [(state,)] = desk.rows("SELECT state FROM message WHERE state <> 'replaced'")
    assert state == "failed"
    assert [attempt for attempt, _ in desk.deliveries()] == list(range(1, len(RETRIES) + 2))


def test_a_permanent_failure_is_not_tried_again_and_does_not_stop_the_others(store: Engine) -> None:
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))])
    desk.far_end.will(HOME_AFFAIRS, PERMANENT)
    result = desk.tick(MONDAY)
    assert (result.sent, result.failed) == (1, 1)
    for hour in (10, 12, 16):
        assert desk.tick(MONDAY, hour).failed == 0
    assert len(desk.far_end.tried) == 2
    [(code, detail)] = desk.rows("SELECT code, detail FROM delivery WHERE outcome = 'permanent'")
    assert (code, detail) == (550, "Không có người nhận này")


def test_the_digest_of_the_next_day_is_tried_after_a_failure(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, PERMANENT)
    desk.tick(MONDAY)
    assert desk.tick(date(2023, 4, 5)).sent == 1


def test_a_retry_of_yesterday_becomes_todays_digest(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    desk.tick(MONDAY, 16, 50)
    desk.tick(TUESDAY, 8)
    [mail] = desk.far_end.arrived
    assert "04/04/2023" in mail.subject
    assert "quá hạn 2 ngày làm việc" in mail.text
    assert [state for *_, state in desk.messages()] == ["replaced", "sent"]


def test_work_reported_while_a_retry_waits_is_not_chased(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    desk.tick(MONDAY)
    desk.say(said(ONE, "done", MONDAY))
    for minute in (15, 30, 45):
        desk.tick(MONDAY, 9, minute)
    assert desk.far_end.arrived == []


def test_of_two_people_the_one_who_was_reached_is_not_told_again(store: Engine) -> None:
    people = [
        Contact(HOME_AFFAIRS, HEAD, "", address(HOME_AFFAIRS)),
        Contact(HOME_AFFAIRS, OFFICER, "", "chuyen-vien@thu.test"),
    ]
    desk = late(store, people=people)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    for day, hour in ((MONDAY, 9), (MONDAY, 10), (MONDAY, 11), (TUESDAY, 9), (TUESDAY, 10)):
        desk.tick(day, hour)
    assert sorted(m.recipient.value for m in desk.far_end.arrived) == [
        "chuyen-vien@thu.test",
        address(HOME_AFFAIRS),
    ]
    assert desk.far_end.to(HOME_AFFAIRS)[0].date.date() == MONDAY


# --- unknown -------------------------------------------------------------------------------------------


def test_unknown_is_named_and_sent_again_as_the_same_message(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2", title="Việc thứ hai"))])
    desk.far_end.will(HOME_AFFAIRS, UNKNOWN)
    first = desk.tick(MONDAY)
    assert (first.sent, first.unknown, first.deferred) == (0, 1, 1)
    # Even when something changes meanwhile, what may have arrived is repeated to the letter.
    desk.say(said(ONE, "done", MONDAY))
    desk.tick(MONDAY, 9, 15)
    before, again = desk.far_end.arrived
    assert (before.id, before.subject, before.text, before.html) == (
        again.id,
        again.subject,
        again.text,
        again.html,
    )
    assert before.date == again.date
    assert desk.deliveries() == [(1, "unknown"), (2, "sent")]
    assert desk.rows("SELECT state, in_doubt FROM message") in ([("sent", 1)], [("sent", True)])


def test_what_is_in_doubt_overnight_leaves_one_message_a_day(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, UNKNOWN)
    desk.tick(MONDAY, 16, 50)
    for hour in (8, 9, 10):
        desk.tick(TUESDAY, hour)
    arrived = desk.far_end.to(HOME_AFFAIRS)
    assert [m.id for m in arrived] == [arrived[0].id] * 2


def test_a_new_notice_waits_while_todays_message_is_in_doubt(store: Engine) -> None:
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, UNKNOWN)
    desk.tick(MONDAY, 16, 50)
    desk.sync(plan(task(), task("pl1-2", title="Việc đến sau", deadline=due_on(date(2023, 4, 5)))))
    desk.tick(TUESDAY, 8)
    desk.tick(TUESDAY, 10)
    desk.tick(date(2023, 4, 5), 8)
    per_day: dict[date, int] = {}
    for (sent_at,) in desk.rows("SELECT sent_at FROM message WHERE state = 'sent'"):
        day = date.fromisoformat(str(sent_at)[:10])
        per_day[day] = per_day.get(day, 0) + 1
    assert per_day == {TUESDAY: 1, date(2023, 4, 5): 1}
    assert "Việc đến sau" in desk.far_end.arrived[-1].text


def in_flight(desk: Desk, worker: str) -> str:
    """Leaves today's message as a process does that dies while sending; gives back its id."""
    desk.tick(MONDAY, silent=True)
    with reading(desk.store) as connection:
        [id] = outbox.ready(connection, at(MONDAY), ["email"])
    with writing(desk.store) as connection:
        claimed = outbox.claim(connection, id, worker, at(MONDAY), at(MONDAY))
    assert claimed is not None
    return id


def dead_worker() -> str:
    host, pid, _ = this_worker().split("/")
    return f"{host}/{pid}/1"


def test_a_worker_is_dead_only_when_that_is_sure() -> None:
    host, pid, started = this_worker().split("/")
    assert not is_dead(this_worker())
    assert is_dead(f"{host}/{pid}/1")
    assert is_dead(f"{host}/{2**22 + 1}/{started}")
    assert not is_dead(f"elsewhere/{pid}/1")
    assert not is_dead("")
    assert not is_dead(f"{host}/{pid}/unknown")


def test_what_a_dead_process_was_sending_is_unknown_and_sent_again_at_once(store: Engine) -> None:
    desk = late(store)
    id = in_flight(desk, dead_worker())
    result = desk.tick(MONDAY, 9, 5)
    assert (result.unknown, result.sent) == (1, 1)
    assert [m.id for m in desk.far_end.arrived] == [id]
    assert desk.deliveries() == [(1, "unknown"), (2, "sent")]


def test_what_another_machine_is_sending_is_left_alone_until_its_lease_is_over(store: Engine) -> None:
    desk = late(store)
    in_flight(desk, "may-khac/1/1")
    assert desk.tick(MONDAY, 9, 15, clock=at(MONDAY) + LEASE - timedelta(seconds=1)).unknown == 0
    assert desk.far_end.arrived == []
    result = desk.tick(MONDAY, 9, 30, clock=at(MONDAY) + LEASE)
    assert (result.unknown, result.sent) == (1, 1)


def test_who_comes_back_after_its_lease_does_not_undo_the_successors_work(store: Engine) -> None:
    desk = late(store)
    desk.tick(MONDAY, silent=True)
    with reading(desk.store) as connection:
        [id] = outbox.ready(connection, at(MONDAY), ["email"])
    with writing(desk.store) as connection:
        slow = outbox.claim(connection, id, "may-khac/1/1", at(MONDAY), at(MONDAY))
    assert slow is not None
    # The successor is sending when the slow one comes back with a failure.
    seen: list[tuple[object, ...]] = []

    def come_back(_message: object) -> None:
        with writing(desk.store) as connection:
            outbox.settle(connection, slow, outbox.Ending(outbox.QUEUED, "temporary"), at(MONDAY))
        seen.extend(desk.rows("SELECT state, attempts FROM message"))

    desk.far_end.meanwhile = come_back
    desk.tick(MONDAY, 9, 30, clock=at(MONDAY) + LEASE)
    assert seen == [("sending", 2)]
    assert desk.rows("SELECT state FROM message") == [("sent",)]
    assert len(desk.far_end.arrived) == 1


def test_who_comes_back_before_anybody_took_over_is_believed(store: Engine) -> None:
    desk = late(store)
    id = in_flight(desk, "may-khac/1/1")
    assert desk.tick(MONDAY, 9, 30, silent=True, clock=at(MONDAY) + LEASE).unknown == 1
    with reading(desk.store) as connection:
        assert outbox.ready(connection, at(MONDAY), ["email"]) == [id]
    with writing(desk.store) as connection:
        message = outbox.Message(id, Address("email", "", ""), "", MONDAY, "", "", "", at(MONDAY), 1)
        outbox.settle(connection, message, outbox.Ending(outbox.SENT, "sent"), at(MONDAY))
    assert desk.tick(MONDAY, 9, 45).sent == 0


# --- many senders ----------------------------------------------------------------------------------------


def test_a_message_is_claimed_by_one_of_many(store: Engine, another: Fresh) -> None:
    desk = late(store)
    desk.tick(MONDAY, silent=True)
    with reading(store) as connection:
        [id] = outbox.ready(connection, at(MONDAY), ["email"])
    start = threading.Barrier(4)
    got: list[str] = []

    def take(name: str, engine: Engine) -> None:
        start.wait()
        with writing(engine) as connection:
            if outbox.claim(connection, id, name, at(MONDAY), at(MONDAY)):
                got.append(name)

    threads = [threading.Thread(target=take, args=(f"w{n}", another())) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 1


@pytest.mark.parametrize("attempted", [False, True])
def test_a_message_that_is_being_claimed_is_not_taken_back(
    store: Engine, another: Fresh, attempted: bool
) -> None:
    """A slow sender of the last slot claims a message while the next slot words everything anew."""
    desk = late(store)
    desk.far_end.will(HOME_AFFAIRS, TEMPORARY)
    desk.tick(MONDAY, silent=not attempted)
    with reading(store) as connection:
        [id] = outbox.ready(connection, at(MONDAY, 12), ["email"])
    other = beside(desk, another())
    ticking = threading.Thread(target=other.tick, args=(MONDAY, 12))
    with writing(store) as connection:
        assert outbox.claim(connection, id, desk.worker, at(MONDAY, 12), at(MONDAY, 12))
        ticking.start()
        # On PostgreSQL nobody waits for the other: two that wait are a deadlock away.
        ticking.join(20 if store.dialect.name == "postgresql" else 0.4)
        assert ticking.is_alive() is (store.dialect.name == "sqlite")
    ticking.join(20)
    assert not ticking.is_alive()
    assert desk.far_end.arrived == []
    assert desk.rows("SELECT state FROM message") == [("sending",)]


def test_the_whole_list_goes_out_between_two_processes(store: Engine, another: Fresh) -> None:
    desk = desk_with(store, [plan(task(leads=COMMUNES), task("pl1-2", leads=(HOME_AFFAIRS, CULTURE)))])
    desk.tick(MONDAY, silent=True)
    desks = [beside(desk, another()) for _ in range(3)]
    threads = [threading.Thread(target=d.tick, args=(MONDAY, 9, 1)) for d in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert desk.far_end.recipients() == sorted(map(address, (*COMMUNES, HOME_AFFAIRS, CULTURE)))
    assert {outcome for _, outcome in desk.deliveries()} == {"sent"}
