"""Chasing: what the preview says is what goes out, once a day, and never after the work is done."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from engine import explain as why
from engine.chasing import Draft, Said, Sent, draft, own_words, say, send
from engine.errors import DondocError
from engine.model.event import EventKind
from engine.notices.notice import Book
from engine.store import views
from engine.store.access import audit
from engine.store.access.audit import SYSTEM
from engine.store.database import reading, writing
from engine.store.messages import chases, notices, refusals
from engine.store.messages.deliveries import delivery_words, reminder_counts
from engine.store.messages.reach import Means, reach_now
from engine.store.messages.refusals import Refusal
from engine.store.people.contacts import HEAD, OFFICER, Contact
from engine.tracking.progress import local_day
from tests.cast import CALENDAR, COMMUNES, CULTURE, HOME_AFFAIRS, at, due_on, plan, said, task
from tests.store.databases import Fresh
from tests.tick.desk import Desk, address, beside, desk_with

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
WEDNESDAY = date(2023, 4, 5)  # three working days late: a rule speaks
THURSDAY = date(2023, 4, 6)  # four: none does
FRIDAY = date(2023, 4, 7)
SATURDAY = date(2023, 4, 8)
MONDAY = date(2023, 4, 10)
BY = "Trần Văn Phòng"
WORDS = "Đề nghị báo cáo trước thứ Hai."


def drafted(desk: Desk, now: datetime, *ids: str, words: str = WORDS, by: str = BY) -> Draft:
    with reading(desk.store) as connection:
        book = Book(desk.files.registry, views.plans(connection), views.tasks(connection))
        chosen = views.tracked(connection, book.registry, ids=ids)
        return draft(chosen, book, CALENDAR, local_day(now), by, words)


def previewed(
    desk: Desk, now: datetime, *ids: str, words: str = WORDS, channels: Sequence[str] = ()
) -> tuple[Said, ...]:
    made = drafted(desk, now, *ids, words=words)
    with reading(desk.store) as connection:
        book = Book(desk.files.registry, views.plans(connection), views.tasks(connection))
        means = Means(desk.files.base_url, channels)
        reach = reach_now(connection, local_day(now), means, untried=False)
        return say(made.units, reach, book, local_day(now), desk.files.base_url)


def chased(desk: Desk, now: datetime, *ids: str, words: str = WORDS, by: str = BY) -> Sent:
    made = drafted(desk, now, *ids, words=words, by=by)
    with writing(desk.store) as connection:
        return send(connection, made.units, words, SYSTEM, by, now)


def test_what_the_preview_says_is_what_goes_out(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2", leads=(COMMUNES[0],)))])
    desk.tick(WEDNESDAY, 8)
    before = len(desk.far_end.arrived)
    thursday = at(THURSDAY, 9, 5)
    ids = (ONE, f"an-2023:pl1-2:{COMMUNES[0]}")
    seen = previewed(desk, thursday, *ids)
    assert [(m.units, m.later) for m in seen] == [((HOME_AFFAIRS,), False), ((COMMUNES[0],), False)]
    assert len(desk.rows("SELECT id FROM notice WHERE rule = 'don-doc'")) == 0
    assert len(chased(desk, thursday, *ids).begun) == 2
    assert desk.tick(THURSDAY, 9, 15).sent == 2
    for message in seen:
        [unit] = message.units
        [mail] = [m for m in desk.far_end.arrived[before:] if m.recipient.value == address(unit)]
        assert (mail.subject, mail.text) == (message.subject, message.text)
        assert mail.subject.startswith("Đôn đốc: 1 việc quá hạn – ")
        assert f"Văn phòng ({BY}) đôn đốc ngày 06/04/2023: “{WORDS[:-1]}”." in mail.text
        assert WORDS[:-1] in (mail.html or "")
    with reading(store) as connection:
        assert reminder_counts(connection, ids)[ONE] == reminder_counts(connection, ids)[ids[1]] >= 1


def test_one_who_speaks_for_two_units_gets_one_message(store: Engine) -> None:
    both = [Contact(unit, HEAD, "", "hai-vai@thu.test") for unit in (HOME_AFFAIRS, CULTURE)]
    own = Contact(CULTURE, OFFICER, "", "rieng@thu.test")
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))], [*both, own])
    desk.tick(WEDNESDAY, 8)
    ids = (ONE, f"an-2023:pl1-1:{CULTURE}")
    seen = previewed(desk, at(THURSDAY, 9, 5), *ids)
    assert sorted((len(m.units), [a.value for a in m.addresses]) for m in seen) == [
        (1, ["rieng@thu.test"]),
        (2, ["hai-vai@thu.test"]),
    ]
    chased(desk, at(THURSDAY, 9, 5), *ids)
    desk.tick(THURSDAY, 9, 15)
    texts = {m.recipient.value: m.text for m in desk.far_end.arrived[-2:]}
    assert texts == {m.addresses[0].value: m.text for m in seen}


def test_the_preview_shows_the_way_and_the_words_of_each_channel(store: Engine) -> None:
    """The first way is refused, the next one is a chat: that is what is seen, and what goes out."""
    person = Contact(HOME_AFFAIRS, HEAD, "", address(HOME_AFFAIRS), zalo="chat-1")
    desk = desk_with(store, [plan(task())], [person])
    with writing(store) as connection:
        mail = ("email", address(HOME_AFFAIRS))
        refusals.record(connection, Refusal(*mail, 550, "Không có người nhận này", "", at(WEDNESDAY)))
    desk.far_end.name = "zalo"
    [message] = previewed(desk, at(THURSDAY, 9, 5), ONE, channels=("email", "zalo"))
    assert [(a.channel, a.value) for a in message.addresses] == [("zalo", "chat-1")]
    chased(desk, at(THURSDAY, 9, 5), ONE)
    desk.tick(THURSDAY, 9, 15)
    [chat] = desk.far_end.arrived
    assert (chat.subject, chat.text, chat.html) == (message.subject, message.text, None)
    # Today's is gone: what is asked for now goes with tomorrow's, whatever the channel.
    with writing(store) as connection:
        refusals.clear(connection, *mail)
    [later] = previewed(desk, at(THURSDAY, 10), ONE, channels=("email", "zalo"))
    assert (later.later, later.addresses[0].channel) == (True, "email")


def test_nobody_is_chased_twice_a_day(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    assert len(chased(desk, at(THURSDAY, 9, 5), ONE).begun) == 1
    again = chased(desk, at(THURSDAY, 16), ONE, by="Người khác", words="Lần nữa")
    assert again.begun == ()
    assert [(c.by, c.at, c.words) for c in again.refused] == [(BY, at(THURSDAY, 9, 5), WORDS)]
    assert len(desk.rows("SELECT id FROM chase")) == 1
    assert len(desk.rows("SELECT id FROM notice WHERE rule = 'don-doc'")) == 1
    assert len(chased(desk, at(MONDAY, 9), ONE).begun) == 1


def test_of_two_who_chase_at_once_one_wins_each_unit(store: Engine, another: Fresh) -> None:
    desk = desk_with(store, [plan(task(leads=(*COMMUNES, HOME_AFFAIRS, CULTURE)))])
    ids = [f"an-2023:pl1-1:{unit}" for unit in (*COMMUNES, HOME_AFFAIRS, CULTURE)]
    start = threading.Barrier(4)

    def run(number: int) -> Sent:
        mine = beside(desk, another())
        order = ids if number % 2 else ids[::-1]
        start.wait()
        return chased(mine, at(THURSDAY, 9, 5), *order, by=f"Người {number}")

    with ThreadPoolExecutor(4) as pool:
        results = [f.result() for f in [pool.submit(run, number) for number in range(4)]]
    assert sum(len(r.begun) for r in results) == 5
    assert sum(len(r.refused) for r in results) == 15
    assert len(desk.rows("SELECT id FROM notice WHERE rule = 'don-doc'")) == 5
    with reading(store) as connection:
        assert audit.first_broken(connection) is None
    assert desk.rows("SELECT count(*) FROM audit WHERE action = 'chase'") == [(5,)]


def test_who_had_the_message_of_the_day_hears_it_with_the_next(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2", deadline=due_on(date(2023, 4, 5))))])
    desk.tick(THURSDAY, 8)  # the second task is one working day late
    assert len(desk.far_end.to(HOME_AFFAIRS)) == 1
    [message] = previewed(desk, at(THURSDAY, 9, 5), ONE)
    assert message.later
    chased(desk, at(THURSDAY, 9, 5), ONE)
    for hour in (9, 12, 16):
        assert desk.tick(THURSDAY, hour, 30).sent == 0
    desk.tick(FRIDAY)
    assert len(desk.far_end.to(HOME_AFFAIRS)) == 2
    assert "đôn đốc ngày 06/04/2023" in desk.far_end.to(HOME_AFFAIRS)[-1].text


def test_a_message_not_tried_yet_takes_the_chase_in(store: Engine) -> None:
    desk = desk_with(store, [plan(task(deadline=due_on(date(2023, 4, 5))))])
    desk.tick(THURSDAY, 8, silent=True)
    [message] = previewed(desk, at(THURSDAY, 9, 5), ONE)
    assert not message.later
    chased(desk, at(THURSDAY, 9, 5), ONE)
    desk.tick(THURSDAY, 9, 15)
    [mail] = desk.far_end.to(HOME_AFFAIRS)
    assert (mail.subject, mail.text) == (message.subject, message.text)


def test_work_done_meanwhile_takes_the_chase_back(store: Engine) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2"))])
    desk.tick(WEDNESDAY, 8)
    other = ONE.replace("pl1-1", "pl1-2")
    chased(desk, at(SATURDAY, 9), ONE, other)
    desk.say(said(ONE, EventKind.DONE, SATURDAY))
    desk.tick(MONDAY)
    query = "SELECT assignment, state FROM notice WHERE rule = 'don-doc' ORDER BY assignment"
    assert desk.rows(query) == [(ONE, "withdrawn"), (other, "composed")]
    mail = desk.far_end.to(HOME_AFFAIRS)[-1]
    assert mail.subject.startswith("Đôn đốc: 1 việc quá hạn")


def test_a_chase_without_an_address_waits_until_there_is_one(store: Engine) -> None:
    desk = desk_with(store, [plan(task())], people=())
    [message] = previewed(desk, at(THURSDAY, 9, 5), ONE)
    assert (message.addresses, message.later) == ((), False)
    chased(desk, at(THURSDAY, 9, 5), ONE)
    assert desk.tick(THURSDAY, 9, 15).sent == 0
    desk.people(HOME_AFFAIRS)
    assert desk.tick(MONDAY).sent == 1
    assert WORDS[:-1] in desk.far_end.to(HOME_AFFAIRS)[0].text


def test_an_escalation_to_the_same_office_does_not_swallow_the_words(store: Engine) -> None:
    """An office that leads and watches is told of its own lateness by several rules."""
    watched = replace(plan(task()), monitor=plan(task()).tasks[0].leads[0])
    desk = desk_with(store, [watched])
    day = date(2023, 5, 12)
    chased(desk, at(day, 7), ONE)
    desk.tick(day, 9)
    assert WORDS[:-1] in desk.far_end.to(HOME_AFFAIRS)[-1].text


LEFT_OUT = [
    (EventKind.DONE, "đơn vị đã báo cáo hoàn thành, đang chờ văn phòng xác nhận"),
    (EventKind.DECLINED, "đơn vị báo không thuộc trách nhiệm, văn phòng cần trả lời trước"),
    (EventKind.WITHDRAW, "trạng thái là “đã rút”"),
]


@pytest.mark.parametrize(("kind", "reason"), LEFT_OUT)
def test_what_is_not_owed_is_named_and_left_out(store: Engine, kind: EventKind, reason: str) -> None:
    desk = desk_with(store, [plan(task(), task("pl1-2"))])
    desk.say(said(ONE, kind, WEDNESDAY, note="Lý do"))
    made = drafted(desk, at(THURSDAY), ONE, ONE.replace("pl1-1", "pl1-2"))
    assert [(x.assignment, x.reason) for x in made.left_out] == [(ONE, reason)]
    assert [u.assignments for u in made.units] == [(ONE.replace("pl1-1", "pl1-2"),)]


@pytest.mark.parametrize(
    ("day", "owed"),
    [
        (date(2023, 3, 21), False),  # eight working days left
        (date(2023, 3, 22), True),  # seven: due soon
        (date(2023, 3, 31), True),
        (date(2023, 4, 1), True),
    ],
)
def test_only_what_is_late_or_due_soon_is_chased(store: Engine, day: date, owed: bool) -> None:
    desk = desk_with(store, [plan(task())])
    made = drafted(desk, at(day), ONE)
    assert (len(made.units), len(made.left_out)) == ((1, 0) if owed else (0, 1))
    if not owed:
        assert made.left_out[0].reason == "chưa đến lúc: hạn 31/03/2023"


def test_explain_says_who_chased_and_why(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    chased(desk, at(THURSDAY, 9, 5), ONE)
    desk.tick(THURSDAY, 9, 15)
    with reading(store) as connection:
        book = Book(desk.files.registry, views.plans(connection), views.tasks(connection))
        [id] = chases.latest(connection, 1)
        [stored] = chases.notices_of(connection, id)
        [tracked] = views.tracked(connection, book.registry, ids=[ONE])
        words = delivery_words(connection, stored.id)
        text = why.explain(stored, tracked, desk.files.ruleset, book, CALENDAR, words)
        told = notices.of_subject(connection, ONE)
        silence = why.why_not(tracked, desk.files.ruleset, book, CALENDAR, THURSDAY, told)
        [carrier] = chases.carriers(connection, [stored.id])
    assert f"Văn phòng ({BY}) đôn đốc ngày 06/04/2023: “{WORDS[:-1]}”." in text
    assert "văn phòng trực tiếp đôn đốc, không theo luật nào" in text
    assert "quá hạn 4 ngày làm việc" in text
    assert "đã đưa vào tin" in text
    assert "không còn trong thư mục rules/" not in text
    assert f"Có thông báo số {stored.id} do văn phòng đôn đốc trong ngày này." in silence
    assert (carrier.address, carrier.state) == (address(HOME_AFFAIRS), "sent")


OWN_WORDS = [
    ("  Đề nghị\r\n  khẩn trương  ", "Đề nghị khẩn trương"),
    ("To\u0300a – nhà", "Tòa – nhà"),
    ("\ufeffx\u200by", "xy"),
    ("", ""),
    ("đ" * 500, "đ" * 500),
]


@pytest.mark.parametrize(("typed", "kept"), OWN_WORDS)
def test_the_own_sentence_is_tidied(typed: str, kept: str) -> None:
    assert own_words(typed) == kept


@pytest.mark.parametrize("typed", ["đ" * 501, "a\x07b", "a\u202eb", "a\ud800"])
def test_an_own_sentence_that_cannot_be_sent_is_refused(typed: str) -> None:
    with pytest.raises(DondocError, match="Lời đôn đốc"):
        own_words(typed)
