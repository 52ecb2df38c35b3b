"""By which way each person is told: their own order, the next way after a refusal, one message a day."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from engine.notices.short import MOST_LETTERS
from engine.notices.wording import LINK_TO_COME
from engine.store.database import reading, writing
from engine.store.messages import channel_states, refusals, resending
from engine.store.messages.channel_states import RESTING, ChannelState
from engine.store.people import stand_ins
from engine.store.people.contacts import HEAD, OFFICER, Contact
from engine.store.tables import ContactRow
from engine.tick import TickResult, tick
from notifiers import facts
from notifiers.channel import Channel
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, OFFICE, at, due_on, in_force, plan, said, task
from tests.store.databases import opened
from tests.tick.desk import SENT, TEMPORARY, UNKNOWN, Desk, FarEnd, address, desk_with

ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
MONDAY, TUESDAY, WEDNESDAY = (date(2023, 4, 3) + timedelta(days=n) for n in range(3))

MAIL = ("email", address(HOME_AFFAIRS))
CHAT = ("zalo", "chat-1")
PHONE = ("zns", "84900000001")
ALL = ("email", "zalo", "zns")

REFUSED = Outcome(Status.PERMANENT, 550, "Không có người nhận này", cause=Cause.RECIPIENT)
BAD_WORDS = Outcome(Status.PERMANENT, 554, "Không nhận nội dung này", cause=Cause.MESSAGE)
BROKE = Outcome(Status.PERMANENT, -115, "Tài khoản hết tiền", cause=Cause.CHANNEL)

# Something to tell on every working day.
DAILY = """
rules:
- id: qua-han
  why: Nhiệm vụ quá hạn
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 1, then every 1
  tell: lead
  tone: warn
- id: de-biet
  why: Để biết
  when: {timeliness: overdue, state: [not_started, received, in_progress, returned]}
  occasions: days_late in 1, then every 1
  tell: coordinating
  tone: inform
"""


def head(*order: str, unit: str = HOME_AFFAIRS, **more: object) -> Contact:
    """The head of the Phòng Nội vụ, whom every channel reaches."""
    known: dict[str, object] = {"email": MAIL[1], "phone": PHONE[1], "zalo": CHAT[1], **more}
    return Contact(unit, HEAD, "Trưởng phòng", channels=order, **known)  # type: ignore[arg-type]


@dataclass
class Three:
    """A desk with all three channels; ``told`` is what arrived, as channel and address."""

    desk: Desk
    ends: dict[str, FarEnd] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ALL:
            self.ends[name] = FarEnd()
            self.ends[name].name = name

    def will(self, way: tuple[str, str], *outcomes: Outcome) -> None:
        """The next answers at an address."""
        self.ends[way[0]].script.setdefault(way[1], deque()).extend(outcomes)

    def tick(self, day: date, hour: int = 9, minute: int = 0, channels: Sequence[str] = ALL) -> TickResult:
        """One pass of an installation that has these channels."""
        now = at(day, hour, minute)
        ends: dict[str, Channel] = {name: self.ends[name] for name in channels}
        return tick(self.desk.store, self.desk.files, now, ends, self.desk.worker, lambda: now)

    def told(self) -> list[tuple[str, str]]:
        """Where messages arrived."""
        return [(name, m.recipient.value) for name, end in self.ends.items() for m in end.arrived]

    def arrived(self, channel: str) -> list[OutgoingMessage]:
        """What arrived on a channel."""
        return self.ends[channel].arrived

    def lines(self) -> list[tuple[object, ...]]:
        """Who stands on the desk without any way."""
        return self.desk.rows("SELECT address, recipient FROM message WHERE state = 'no_channel'")

    def messages(self) -> list[tuple[object, ...]]:
        """Channel and state of each message, oldest first."""
        return self.desk.rows("SELECT channel, state FROM message ORDER BY day, created_at, channel")

    def states(self) -> set[object]:
        """The states of all notices."""
        return {state for (state,) in self.desk.rows("SELECT state FROM notice")}

    def clear(self, way: tuple[str, str]) -> None:
        """Somebody of the office lets an address be tried again."""
        with writing(self.desk.store) as connection:
            assert refusals.clear(connection, *way)

    def resume(self, channel: str, day: date) -> None:
        """Somebody put a channel right."""
        with writing(self.desk.store) as connection:
            assert channel_states.resume(connection, channel, at(day))

    def correct(self, **values: str) -> None:
        """Somebody corrects the address book."""
        with writing(self.desk.store) as connection:
            connection.execute(update(ContactRow).values(**values))


def three(store: Engine, *people: Contact, late: date = date(2023, 3, 31), rules: str = DAILY) -> Three:
    """The Phòng Nội vụ is late and hears of it every day."""
    desk = desk_with(store, [plan(task(deadline=due_on(late)))], people or (head(),))
    desk.files = replace(in_force(rules=rules), base_url="https://don-doc.test")
    return Three(desk)


# --- preference ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "channels", "way"),
    [
        ((), ALL, MAIL),
        (("zalo",), ALL, CHAT),
        (("zns", "email"), ALL, PHONE),
        (("zalo", "zns", "email"), ("email", "zns"), PHONE),
        (("zalo",), ("email",), MAIL),
        ((), ("zalo", "zns"), CHAT),
    ],
)
def test_the_first_way_that_the_installation_has_carries_it(
    store: Engine, order: tuple[str, ...], channels: tuple[str, ...], way: tuple[str, str]
) -> None:
    office = three(store, head(*order))
    office.tick(MONDAY, channels=channels)
    assert office.told() == [way]
    assert office.desk.rows("SELECT channel, address FROM message") == [way]


def test_who_has_no_usable_way_is_a_line_on_the_desk_until_there_is_one(store: Engine) -> None:
    office = three(store, head(email="", zalo=""))
    for hour in (9, 10):
        office.tick(MONDAY, hour, channels=("email", "zalo"))
        assert office.lines() == [("contact:1", HOME_AFFAIRS)]
    assert office.told() == []
    office.correct(email=MAIL[1])
    office.tick(MONDAY, 11, channels=("email", "zalo"))
    assert office.told() == [MAIL]
    assert office.lines() == []


def test_each_unreachable_person_is_a_line_beside_those_who_are_told(store: Engine) -> None:
    nobody = Contact(HOME_AFFAIRS, OFFICER, "Chuyên viên", "", phone="84900000009")
    office = three(store, head(), nobody)
    office.tick(MONDAY, channels=("email",))
    assert office.told() == [MAIL]
    assert office.lines() == [("contact:2", HOME_AFFAIRS)]
    # What the first one has is not told again while the second one waits; each day brings its own.
    office.tick(MONDAY, 10, channels=("email",))
    office.tick(TUESDAY, channels=("email",))
    assert office.told() == [MAIL, MAIL]
    office.tick(TUESDAY, 10, channels=("email", "zns"))
    assert office.told() == [MAIL, MAIL, ("zns", "84900000009")]


def test_a_deputy_hears_by_the_deputys_own_ways(store: Engine) -> None:
    deputy = Contact(CULTURE, HEAD, "Người thay", "thay@thu.test", zalo="chat-2", channels=("zalo",))
    office = three(store, head(), deputy)
    with writing(store) as connection:
        stand_ins.add(connection, 1, 2, MONDAY, MONDAY, "đi vắng", "Văn phòng", at(MONDAY, 7))
    office.tick(MONDAY)
    office.tick(TUESDAY)
    assert office.told() == [MAIL, ("zalo", "chat-2")]
    [message] = office.arrived("zalo")
    assert "Nhận thay: thủ trưởng Phòng Nội vụ (huyện An), đang vắng mặt." in message.text


# --- fall-back -------------------------------------------------------------------------------------------


def test_a_refused_address_gives_way_to_the_next_one_on_the_same_day(store: Engine) -> None:
    office = three(store)
    office.will(MAIL, REFUSED)
    office.will(CHAT, REFUSED)
    office.tick(MONDAY, 9)
    assert office.told() == []
    office.tick(MONDAY, 9, 15)
    office.tick(MONDAY, 9, 30)
    assert office.told() == [PHONE]
    office.tick(MONDAY, 9, 45)
    assert len(office.ends["email"].tried) == len(office.ends["zalo"].tried) == 1
    # Refused is refused: the next day begins with what is left.
    office.tick(TUESDAY)
    assert office.told() == [PHONE, PHONE]
    assert office.messages() == [("email", "failed"), ("zalo", "failed"), ("zns", "sent"), ("zns", "sent")]


def test_with_every_address_refused_the_desk_shows_it_until_one_is_cleared(store: Engine) -> None:
    office = three(store, head(phone="", zalo=""))
    office.will(MAIL, REFUSED)
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 10)
    assert office.lines() == [("contact:1", HOME_AFFAIRS)]
    office.clear(MAIL)
    office.tick(MONDAY, 11)
    assert office.told() == [MAIL]
    assert office.lines() == []
    # The address is the same and so is the day: it is the same message, whose attempts go on.
    assert office.messages() == [("email", "sent")]
    assert office.desk.deliveries() == [(1, "permanent"), (2, "sent")]


def test_an_address_put_right_is_used_at_once(store: Engine) -> None:
    office = three(store, head(phone="", zalo=""))
    office.will(MAIL, REFUSED)
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 10)
    office.correct(email="dung@thu.test")
    office.tick(MONDAY, 11)
    assert office.told() == [("email", "dung@thu.test")]


def test_words_that_a_channel_does_not_take_go_by_the_next_one(store: Engine) -> None:
    office = three(store, head(phone=""))
    office.will(MAIL, BAD_WORDS)
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 10)
    assert office.told() == [CHAT]
    # Nothing is wrong with the address: the next day begins with it again.
    office.tick(TUESDAY)
    assert Counter(office.told()) == Counter([CHAT, MAIL])


def test_the_failed_message_itself_is_the_line_where_no_other_way_is_left(store: Engine) -> None:
    office = three(store, head(phone="", zalo=""))
    office.will(MAIL, BAD_WORDS)
    office.tick(MONDAY, 9)
    assert office.states() == {"pending"}
    office.tick(MONDAY, 10)
    assert office.states() == {"composed"}
    assert office.messages() == [("email", "failed")]
    assert len(office.ends["email"].tried) == 1
    office.tick(TUESDAY)
    assert office.told() == [MAIL]


def test_what_comes_later_that_day_takes_the_next_way_or_waits(store: Engine) -> None:
    for zalo, expected in (("", []), (CHAT[1], [CHAT])):
        office = three(store, head(phone="", zalo=zalo), rules=DAILY.split("- id: de-biet", maxsplit=1)[0])
        office.will(MAIL, BAD_WORDS)
        office.tick(MONDAY, 9)
        office.desk.sync(plan(task(), task("pl1-2", title="Việc đến sau")))
        office.tick(MONDAY, 10)
        assert office.told() == expected
        office.tick(TUESDAY)
        text = (office.arrived("zalo") or office.arrived("email"))[0].text
        assert "Việc đến sau" in text
        with writing(store) as connection:
            for table in ("delivery", "message_notice", "message", "notice", "slot", "contact"):
                connection.exec_driver_sql(f"DELETE FROM {table}")


def test_a_message_that_may_have_arrived_is_no_reason_for_another(store: Engine) -> None:
    office = three(store, head("zns"))
    office.will(PHONE, UNKNOWN)
    for hour in (9, 10, 11):
        office.tick(MONDAY, hour)
    assert office.told() == [PHONE]
    assert office.desk.rows("SELECT state, in_doubt FROM message") in (
        [("failed", 1)],
        [("failed", True)],
    )
    assert office.states() == {"composed"}


def test_a_stopped_channel_is_passed_by_and_a_resting_one_waited_for(store: Engine) -> None:
    office = three(store, head("zns", email="", zalo=""))
    office.will(PHONE, BROKE)
    office.tick(MONDAY, 9)
    assert office.messages() == [("zns", "queued")]
    office.tick(MONDAY, 10)
    assert office.lines() == [("contact:1", HOME_AFFAIRS)]
    office.correct(zalo=CHAT[1])
    office.tick(MONDAY, 11)
    assert office.told() == [CHAT]
    office.resume("zns", MONDAY)
    with writing(store) as connection:
        until = at(TUESDAY, 16)
        channel_states.put(
            connection, ChannelState("zns", RESTING, until, 3, None, "", at(TUESDAY, 8), None, None)
        )
    office.tick(TUESDAY, 9)
    assert office.told() == [CHAT]
    office.tick(TUESDAY, 16)
    assert office.told() == [CHAT, PHONE]


def test_what_is_in_doubt_on_a_stopped_channel_silences_nobody(store: Engine) -> None:
    office = three(store, head(phone=""))
    office.will(MAIL, UNKNOWN, BROKE)
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 9, 15)  # the same message again: now the channel stops
    for hour in (10, 11):
        office.tick(MONDAY, hour)
    assert office.told() == [MAIL]
    office.tick(TUESDAY)
    assert office.told() == [MAIL, CHAT]


def test_a_channel_that_goes_on_takes_up_what_waited_on_the_desk(store: Engine) -> None:
    office = three(store, head(email="", zalo=""))
    office.will(PHONE, BROKE)
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 10)
    office.resume("zns", MONDAY)
    office.tick(MONDAY, 11)
    assert office.told() == [PHONE]
    assert office.lines() == []


# --- one message a day for each person -------------------------------------------------------------------


def test_entries_that_share_any_address_are_one_person(store: Engine) -> None:
    """One phone in two units, another mailbox in each; a third entry shares the second mailbox."""
    people = [
        head(zalo="", email="mot@thu.test"),
        head(unit=CULTURE, zalo="", email="hai@thu.test"),
        Contact(OFFICE, HEAD, "", "Hai@thu.test"),
    ]
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE, OFFICE)))], people)
    desk.files = in_force(rules=DAILY)
    office = Three(desk)
    office.tick(MONDAY)
    assert office.told() == [("email", "mot@thu.test")]
    [(recipient,)] = desk.rows("SELECT recipient FROM message")
    assert recipient == "; ".join(sorted((HOME_AFFAIRS, CULTURE, OFFICE)))


def test_an_order_that_somebody_chose_goes_before_none(store: Engine) -> None:
    people = [head(), head("zalo", unit=CULTURE)]
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS,)))], people)
    desk.files = in_force(rules=DAILY)
    office = Three(desk)
    office.tick(MONDAY)
    assert office.told() == [CHAT]


def test_a_new_order_brings_no_second_message_that_day(store: Engine) -> None:
    office = three(store)
    office.tick(MONDAY, 9)
    office.correct(channels="zalo")
    office.desk.sync(plan(task(), task("pl1-2")))
    for hour in (10, 12, 16):
        office.tick(MONDAY, hour)
    assert office.told() == [MAIL]
    office.tick(TUESDAY)
    assert office.told() == [MAIL, CHAT]


def test_a_message_that_waits_moves_to_the_way_now_preferred(store: Engine) -> None:
    office = three(store)
    office.will(MAIL, TEMPORARY)
    office.tick(MONDAY, 9)
    office.correct(channels="zalo")
    office.tick(MONDAY, 9, 15)
    assert office.told() == [CHAT]
    assert office.messages() == [("email", "replaced"), ("zalo", "sent")]


def test_sending_again_waits_where_the_person_heard_on_another_channel(store: Engine) -> None:
    office = three(store)
    office.will(MAIL, BAD_WORDS)
    office.tick(MONDAY, 9)
    [(id,)] = office.desk.rows("SELECT id FROM message")
    with reading(store) as connection:
        before = resending.outlook(connection, str(id), at(MONDAY, 9, 5), 15)
    office.tick(MONDAY, 10)
    with reading(store) as connection:
        after = resending.outlook(connection, str(id), at(MONDAY, 11), 15)
    assert before is not None
    assert after is not None
    assert (before.taken, after.taken) == (False, True)


# --- what is only for information -----------------------------------------------------------------------


def copies_desk(store: Engine, *people: Contact) -> Three:
    desk = desk_with(store, [plan(task(helps=(CULTURE,)))], [head(), *people])
    desk.files = in_force(rules=DAILY)
    return Three(desk)


def test_who_wants_no_copies_gets_none_and_the_notice_says_so(store: Engine) -> None:
    office = copies_desk(store, Contact(CULTURE, HEAD, "", "vh@thu.test", copies=False))
    office.tick(MONDAY, 9)
    office.tick(MONDAY, 10)
    assert office.told() == [MAIL]
    found = office.desk.rows("SELECT rule, state, reason FROM notice ORDER BY id")
    assert ("de-biet", "unwanted", "Người nhận đã chọn không nhận tin chỉ để biết") in found
    # Not raised again for this occasion, even when they change their mind.
    office.desk.people(Contact(CULTURE, HEAD, "", "vh@thu.test"))
    office.tick(MONDAY, 11)
    assert office.told() == [MAIL]
    office.tick(TUESDAY)
    assert Counter(office.told()) == Counter([MAIL, MAIL, ("email", "vh@thu.test")])


def test_of_two_the_one_who_wants_copies_gets_them(store: Engine) -> None:
    office = copies_desk(
        store,
        Contact(CULTURE, HEAD, "", "vh@thu.test", copies=False),
        Contact(CULTURE, OFFICER, "", "cv@thu.test"),
    )
    office.tick(MONDAY)
    assert Counter(office.told()) == Counter([MAIL, ("email", "cv@thu.test")])
    assert office.states() == {"composed"}


def test_what_is_owed_cannot_be_left_out(store: Engine) -> None:
    office = three(store, head(copies=False))
    office.tick(MONDAY)
    assert office.told() == [MAIL]


def test_a_message_of_nothing_but_copies_says_so(store: Engine) -> None:
    office = copies_desk(store, Contact(CULTURE, HEAD, "", "vh@thu.test"))
    office.tick(MONDAY)
    found = office.desk.rows("SELECT address, copies FROM message ORDER BY address")
    assert [(a, bool(c)) for a, c in found] == [(MAIL[1], False), ("vh@thu.test", True)]


# --- moved and finished ----------------------------------------------------------------------------------


def waits_on_zalo(office: Three) -> None:
    office.will(CHAT, TEMPORARY)
    office.tick(MONDAY, 9)


def waits_on_the_desk(office: Three) -> None:
    office.tick(MONDAY, 9, channels=("email",))


def waits_on_a_stopped_channel(office: Three) -> None:
    office.will(CHAT, BROKE)
    office.tick(MONDAY, 9)


@pytest.mark.parametrize("waits", [waits_on_zalo, waits_on_the_desk, waits_on_a_stopped_channel])
def test_work_done_takes_back_what_waits_wherever_it_waits(store: Engine, waits: object) -> None:
    office = three(store, head("zalo", email="", phone=""))
    waits(office)  # type: ignore[operator]
    assert office.told() == []
    office.desk.say(said(ONE, "done", MONDAY))
    for hour in (10, 11):
        office.tick(MONDAY, hour)
    assert office.told() == []
    assert office.states() == {"withdrawn"}
    assert office.lines() == []


@pytest.mark.parametrize("waits", [waits_on_zalo, waits_on_the_desk, waits_on_a_stopped_channel])
def test_a_moved_deadline_arms_the_rule_anew_on_every_channel(store: Engine, waits: object) -> None:
    office = three(store, head("zalo", email="", phone=""))
    waits(office)  # type: ignore[operator]
    office.desk.sync(plan(task(deadline=due_on(MONDAY))))
    office.tick(MONDAY, 10)
    assert office.told() == []
    with writing(store) as connection:
        channel_states.resume(connection, "zalo", at(MONDAY, 11))
    office.tick(TUESDAY, 9)
    assert office.told() == [CHAT]
    states = office.desk.rows("SELECT deadline, state FROM notice ORDER BY id")
    assert states == [("2023-03-31", "withdrawn"), ("2023-04-03", "composed")]


# --- the words -------------------------------------------------------------------------------------------


def test_each_channel_gets_its_own_form_with_a_link_of_its_own(store: Engine) -> None:
    people = [head("zalo"), head("zns", unit=CULTURE, email="", zalo="", phone="84900000002")]
    desk = desk_with(store, [plan(task(leads=(HOME_AFFAIRS, CULTURE)))], people)
    desk.files = replace(in_force(rules=DAILY), base_url="https://don-doc.test")
    office = Three(desk)
    office.tick(MONDAY)
    [chat], [template] = office.arrived("zalo"), office.arrived("zns")
    assert chat.html is None
    assert len(chat.text) <= MOST_LETTERS
    assert chat.text.splitlines()[:3] == [
        "1 việc quá hạn – Phòng Nội vụ (huyện An), 03/04/2023.",
        "ĐÃ QUÁ HẠN",
        "1) Ban hành kế hoạch – hạn 31/03/2023, quá hạn 1 ngày làm việc (3 ngày)",
    ]
    assert LINK_TO_COME not in chat.text
    assert "https://don-doc.test/u/" in chat.text
    assert dict(template.facts) | {facts.LINK: ""} == {
        facts.RECIPIENT: "Phòng Văn hóa và Thông tin",
        facts.COUNT: "1",
        facts.OVERDUE: "1",
        facts.NEAREST: "31/03/2023",
        facts.DAY: "03/04/2023",
        facts.CODE: template.id[:15],
        facts.LINK: "",
    }
    assert len(template.facts[facts.LINK]) == 43
    assert f"Mã tin: {template.id[:15]}." in template.text


# --- any run of luck -------------------------------------------------------------------------------------

PEOPLE = (
    Contact(COMMUNES[0], HEAD, "", "a@thu.test", phone="84900000011", zalo="chat-a"),
    Contact(COMMUNES[0], OFFICER, "", "b@thu.test", phone="84900000012"),
    Contact(COMMUNES[1], HEAD, "", "c@thu.test", phone="84900000011"),
    Contact(COMMUNES[1], OFFICER, "", "", zalo="chat-d"),
)
WHOSE = {"a@thu.test": 0, "84900000011": 0, "chat-a": 0, "b@thu.test": 1, "84900000012": 1, "c@thu.test": 0}
WHOSE |= {"chat-d": 3, "contact:1": 0, "contact:2": 1, "contact:4": 3}
HEARS = {COMMUNES[0]: {0, 1}, COMMUNES[1]: {0, 3}}
ADDRESSES = sorted(value for value in WHOSE if ":" not in value)
ANSWERS = st.lists(st.sampled_from([SENT, REFUSED, BAD_WORDS, TEMPORARY, UNKNOWN]), max_size=4)
ORDERS = st.lists(st.permutations(ALL).map(tuple), min_size=4, max_size=4)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(ADDRESSES), ANSWERS, min_size=2), ORDERS)
def test_whatever_the_channels_say_each_person_hears_each_notice_once(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_sqlite: Path,
    answers: dict[str, list[Outcome]],
    orders: list[tuple[str, ...]],
) -> None:
    path = tmp_path_factory.mktemp("luck") / "dondoc.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    people = [replace(each, channels=order) for each, order in zip(PEOPLE, orders, strict=True)]
    with opened(f"sqlite:///{path}") as store:
        desk = desk_with(store, [plan(task(leads=COMMUNES[:2]))], people)
        desk.files = in_force(rules=DAILY)
        office = Three(desk)
        for name in ALL:
            office.ends[name].script = {value: deque(said) for value, said in answers.items()}
        for day in (MONDAY, TUESDAY, WEDNESDAY):
            for hour in (8, 9, 10, 13, 16):
                office.tick(day, hour)
        went = desk.rows(
            "SELECT m.id, m.address, m.day, l.notice FROM message m JOIN message_notice l ON l.message = m.id"
            " WHERE m.state = 'sent' OR m.in_doubt"
        )
        # One message a day, and each notice once, however many addresses somebody has.
        per_day = {(WHOSE[str(address)], day, id) for id, address, day, _ in went}
        assert len(per_day) == len({(who, day) for who, day, _ in per_day})
        heard = Counter((WHOSE[str(address)], notice) for _, address, _, notice in went)
        assert max(heard.values(), default=1) == 1
        # Nothing is lost: who has not heard what was composed has it waiting, or is a line on the desk.
        carriers = desk.rows(
            "SELECT l.notice, m.address FROM message m JOIN message_notice l ON l.message = m.id"
            " WHERE m.state <> 'failed' OR m.in_doubt OR NOT EXISTS (SELECT 1 FROM delivery d"
            " WHERE d.message = m.id AND d.attempt = m.attempts AND d.cause = 'recipient')"
        )
        cared_for: dict[object, set[int]] = {}
        for notice, address in carriers:
            cared_for.setdefault(notice, set()).add(WHOSE[str(address)])
        for notice, unit in desk.rows("SELECT id, recipient FROM notice WHERE state = 'composed'"):
            assert cared_for[notice] >= HEARS[str(unit)]
