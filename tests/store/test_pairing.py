"""Pairing with a chat: a code works once, for a week, for one person; wrong ones change nothing and count."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from engine.store.access import attempts, audit, audit_reading, links
from engine.store.access.audit import SYSTEM
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.messages.refusals import Refusal
from engine.store.people import address_book, bot_updates, pairing
from engine.store.people.contacts import Contact
from engine.store.people.pairing import Pairing, PairingRefused, Verdict
from engine.store.tables import PairingRow
from tests.store.databases import Fresh

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHAT, OTHER_CHAT = "e4ea2cd5189df1c3a88c", "a1b2c3d4e5f60718293a"
PHONE = "84900000001"


def person(store: Engine, unit: str = "xa.mot", **other: object) -> int:
    values = {"unit": unit, "role": "head", "name": "Bà An", "email": "an@xa.example"} | other
    with writing(store) as connection:
        return address_book.add(connection, Contact(**values)).id  # type: ignore[arg-type]


def code_for(store: Engine, id: int, now: datetime = NOW) -> str:
    with writing(store) as connection:
        return pairing.make(connection, id, SYSTEM, now)


def used(store: Engine, code: str, chat: str = CHAT, now: datetime = NOW) -> Pairing:
    with writing(store) as connection:
        return pairing.use(connection, code, chat, now)


def contact(store: Engine, id: int) -> Contact:
    with reading(store) as connection:
        entry = address_book.entry(connection, id)
    assert entry is not None
    return entry.contact


def acts(store: Engine) -> list[str]:
    with reading(store) as connection:
        assert audit.first_broken(connection) is None
        return [each.action for each in audit_reading.entries(connection, AuditFilter(), at_most=100)][::-1]


def test_a_code_pairs_once(store: Engine) -> None:
    id = person(store)
    code = code_for(store, id)
    assert re.fullmatch(r"[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}", code)
    with reading(store) as connection:
        assert pairing.live_until(connection, id, NOW) == NOW + pairing.LIVES
        assert pairing.count(connection, NOW) == pairing.Count(0, 1)
        kept = repr(connection.execute(select(PairingRow)).all())
    assert pairing.plain(code) not in kept
    result = used(store, code)
    assert result.verdict is Verdict.PAIRED
    assert [each.id for each in result.contacts] == [id]
    after = contact(store, id)
    assert (after.zalo, after.channels) == (CHAT, ("zalo",))
    assert after.ways()[0] == ("zalo", CHAT)
    for chat in (CHAT, OTHER_CHAT):
        assert used(store, code, chat).verdict is Verdict.USED
    assert contact(store, id) == after
    assert acts(store) == ["contact.zalo_code", "contact.pair"]
    with reading(store) as connection:
        assert pairing.count(connection, NOW) == pairing.Count(1, 0)
        assert CHAT not in repr(audit_reading.entries(connection, AuditFilter(), at_most=10))


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        (lambda code: code.lower(), Verdict.PAIRED),
        (lambda code: code.replace("-", ""), Verdict.PAIRED),
        (lambda code: f" {code.replace('-', ' – ')}\n", Verdict.PAIRED),
        (lambda code: code[:-1], Verdict.WRONG),
        (lambda code: code[::-1] + "2", Verdict.WRONG),
        (lambda _: "", Verdict.WRONG),
    ],
)
def test_how_people_type_it(store: Engine, typed, verdict) -> None:  # type: ignore[no-untyped-def]
    id = person(store)
    assert used(store, typed(code_for(store, id))).verdict is verdict
    assert bool(contact(store, id).zalo) is (verdict is Verdict.PAIRED)


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (pairing.LIVES - timedelta(seconds=1), Verdict.PAIRED),
        (pairing.LIVES, Verdict.OVER),
        (pairing.LIVES + timedelta(days=30), Verdict.OVER),
    ],
)
def test_a_code_lives_a_week(store: Engine, later: timedelta, verdict: Verdict) -> None:
    id = person(store)
    code = code_for(store, id)
    assert used(store, code, now=NOW + later).verdict is verdict
    assert bool(contact(store, id).zalo) is (verdict is Verdict.PAIRED)


def test_a_new_code_ends_the_one_before(store: Engine) -> None:
    id, somebody = person(store), person(store, "xa.hai", name="Ông Bình", email="binh@xa.example")
    theirs = code_for(store, somebody)
    old = code_for(store, id)
    new = code_for(store, id, NOW + HOUR)
    assert used(store, old, now=NOW + HOUR).verdict is Verdict.OVER
    assert used(store, new, now=NOW + HOUR).verdict is Verdict.PAIRED
    assert used(store, theirs, OTHER_CHAT, NOW + HOUR).verdict is Verdict.PAIRED


def test_a_contact_out_of_use_is_not_paired(store: Engine) -> None:
    id = person(store)
    code = code_for(store, id)
    with writing(store) as connection:
        address_book.change(connection, id, contact(store, id), active=False)
    assert used(store, code).verdict is Verdict.OVER
    assert contact(store, id).zalo == ""
    for unknown in (id, id + 99):
        with pytest.raises(PairingRefused), writing(store) as connection:
            pairing.make(connection, unknown, SYSTEM, NOW)


def test_every_entry_of_the_person_and_nobody_else(store: Engine) -> None:
    own = person(store, phone=PHONE)
    by_mail = person(store, "xa.hai", email="AN@xa.example")
    by_phone = person(store, "xa.ba", email="khac@xa.example", phone=PHONE)
    unnamed = person(store, "xa.tu", name="")
    ordered = person(store, "xa.nam", channels=("email", "zalo"))
    colleague = person(store, "xa.mot", role="officer", name="Ông Bình")  # one mailbox for the office
    stranger = person(store, "xa.sau", name="Bà An", email="an@khac.example")
    nowhere = person(store, "xa.bay", name="Bà An", email="", phone="84900000009")
    closed = person(store, "xa.tam")
    with writing(store) as connection:
        address_book.change(connection, closed, contact(store, closed), active=False)
    result = used(store, code_for(store, own))
    mine = {own, by_mail, by_phone, unnamed, ordered}
    assert {each.id for each in result.contacts} == mine
    for id in (own, by_mail, by_phone, unnamed, ordered, colleague, stranger, nowhere, closed):
        assert contact(store, id).zalo == (CHAT if id in mine else ""), id
    assert contact(store, ordered).channels == ("email", "zalo")
    with reading(store) as connection:
        assert {each.id for each in pairing.served_by(connection, CHAT)} == mine
        assert pairing.served_by(connection, "") == []


def test_unpairing_leaves_the_others_and_ends_links(store: Engine) -> None:
    """A chat may serve two people; the links that went there in the name of one stay for the other's unit."""
    one, two = person(store), person(store, "xa.hai", name="Ông Bình", email="binh@xa.example")
    ordered = person(store, "xa.ba", name="Bà Chi", email="chi@xa.example", channels=("zalo", "email"))
    for id in (one, two, ordered):
        assert used(store, code_for(store, id)).verdict is Verdict.PAIRED
    with writing(store) as connection:
        mine = links.make(connection, ["xa.mot"], CHAT, "", now=NOW)
        theirs = links.make(connection, ["xa.hai"], CHAT, "", now=NOW)
        by_mail = links.make(connection, ["xa.mot"], "an@xa.example", "", now=NOW)
        pairing.unpair(connection, [contact(store, one)], SYSTEM, NOW)
        works = [links.find(connection, token, NOW) is not None for token in (mine, theirs, by_mail)]
    assert works == [False, True, True]
    assert (contact(store, one).zalo, contact(store, one).channels) == ("", ())
    assert contact(store, two).zalo == CHAT
    with writing(store) as connection:
        pairing.unpair(connection, [contact(store, ordered)], SYSTEM, NOW)
    assert contact(store, ordered).channels == ("zalo", "email")
    assert acts(store)[-2:] == ["contact.unpair", "contact.unpair"]


def test_pairing_anew_takes_another_chat_and_an_old_refusal_away(store: Engine) -> None:
    id = person(store)
    assert used(store, code_for(store, id)).verdict is Verdict.PAIRED
    with writing(store) as connection:
        token = links.make(connection, ["xa.mot"], CHAT, "", now=NOW)
        refusals.record(connection, Refusal("zalo", OTHER_CHAT, 400, "", "m", NOW))
    assert used(store, code_for(store, id), OTHER_CHAT).verdict is Verdict.PAIRED
    assert contact(store, id).zalo == OTHER_CHAT
    with reading(store) as connection:
        assert links.find(connection, token, NOW) is None
        assert refusals.everything(connection) == {}


def test_who_guesses_waits(store: Engine) -> None:
    id = person(store)
    code = code_for(store, id)
    for _ in range(5):
        assert used(store, "AAAA-2222").verdict is Verdict.WRONG
    waiting = used(store, code)
    assert waiting == Pairing(Verdict.WAIT, until=NOW + HOUR)
    assert used(store, code, now=NOW + HOUR - timedelta(seconds=1)).verdict is Verdict.WAIT
    assert contact(store, id).zalo == ""
    assert used(store, code, OTHER_CHAT).verdict is Verdict.PAIRED  # others need not wait
    assert used(store, code_for(store, id), now=NOW + HOUR).verdict is Verdict.PAIRED


def test_who_gets_it_right_starts_anew(store: Engine) -> None:
    id = person(store)
    for _ in range(3):
        for _ in range(4):
            assert used(store, "AAAA-2222").verdict is Verdict.WRONG
        assert used(store, code_for(store, id)).verdict is Verdict.PAIRED


def test_many_chats_that_guess_together_wait_together(store: Engine) -> None:
    id = person(store)
    code = code_for(store, id)
    with writing(store) as connection:
        for _ in range(297):
            attempts.fail(connection, "pairing:all", NOW)
        for number in range(3):
            result = pairing.use(connection, "AAAA-2222", f"chat{number}", NOW)
            assert result.verdict is Verdict.WRONG
    assert used(store, code).verdict is Verdict.WAIT
    assert used(store, code, now=NOW + timedelta(minutes=15)).verdict is Verdict.PAIRED
    with reading(store) as connection:
        kept = connection.execute(text("SELECT DISTINCT key FROM attempt")).scalars()
        assert not [key for key in kept if "chat" in key]


def test_one_code_from_many_chats_at_once(store: Engine, another: Fresh) -> None:
    id = person(store)
    code = code_for(store, id)
    start, found = threading.Barrier(4), list[Verdict]()

    def try_it(chat: str) -> None:
        own = another()
        start.wait()
        found.append(used(own, code, chat).verdict)

    threads = [threading.Thread(target=try_it, args=(f"chat-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["paired", "used", "used", "used"]
    assert acts(store).count("contact.pair") == 1


# --- what the bot's server hands over ---------------------------------------------------------------------


def test_a_message_is_new_once_and_forgotten_in_the_end(store: Engine) -> None:
    long = "a" * 400
    with writing(store) as connection:
        for id in ("m1", long, "lease:poll"):
            assert [bot_updates.is_new(connection, id, NOW) for _ in range(2)] == [True, False]
        assert bot_updates.is_new(connection, long + "b", NOW)
        assert bot_updates.take_lease(connection, NOW, HOUR, None) == NOW + HOUR
        bot_updates.forget_old(connection, NOW + timedelta(days=30))
        assert not bot_updates.is_new(connection, "m1", NOW)
        bot_updates.forget_old(connection, NOW + timedelta(days=31))
        assert bot_updates.is_new(connection, "m1", NOW)
        assert bot_updates.take_lease(connection, NOW, HOUR, None) is None


def test_one_process_has_the_turn(store: Engine) -> None:
    def take(now: datetime, held: datetime | None = None) -> datetime | None:
        with writing(store) as connection:
            return bot_updates.take_lease(connection, now, HOUR, held)

    mine = take(NOW)
    assert mine == NOW + HOUR
    assert take(NOW + timedelta(minutes=1)) is None
    prolonged = take(NOW + timedelta(minutes=30), mine)
    assert prolonged == NOW + timedelta(minutes=90)
    assert take(NOW + HOUR) is None  # what was held before counts no more
    theirs = take(NOW + timedelta(minutes=90))
    assert theirs is not None
    assert take(NOW + timedelta(minutes=91), prolonged) is None
    with writing(store) as connection:
        assert mine is not None
        bot_updates.end_lease(connection, NOW + timedelta(minutes=92), mine)
    assert take(NOW + timedelta(minutes=92)) is None
    with writing(store) as connection:
        bot_updates.end_lease(connection, NOW + timedelta(minutes=93), theirs)
    assert take(NOW + timedelta(minutes=93)) is not None
