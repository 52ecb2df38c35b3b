"""Everything held about a person, and what is left after its erasure: on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlmodel import SQLModel

from engine.store.access import links
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.messages.refusals import Refusal
from engine.store.people import address_book, stand_ins
from engine.store.people.address_book import ContactOvertaken, ContactRefused
from engine.store.people.contacts import Contact, replace_all
from engine.store.people.erasure import Erased, ErasureRefused, erase, held_about
from engine.store.people.names import names_by_address
from engine.store.people.stand_ins import StandInRefused
from engine.store.tables import (
    AttachmentRow,
    DeliveryRow,
    LinkRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    PairingRow,
    StandInRow,
)

NOW = datetime(2023, 6, 15, 3, tzinfo=UTC)
DAY = date(2023, 6, 14)
HER, HIS = "Chi.Nguyen@xa.example", "binh@xa.example"


def table(row: type[SQLModel]) -> object:
    return row.__table__  # type: ignore[attr-defined]


def message(store: Engine, id: str, address: str, state: str, notice: int, *, in_doubt: bool = False) -> None:
    name = "Chị Chi" if address == HER.lower() else "Anh Bình"
    text = f"Gửi {address.upper()} ({name}), chichi"
    with writing(store) as connection:
        connection.execute(
            insert(table(NoticeRow)).values(  # type: ignore[arg-type]
                id=notice, rule="r", assignment="p:1:u", deadline="-", recipient="u", occasion=str(notice),
                role="lead", tone="remind", why="vì", day=DAY, created_at=NOW, state="composed", reason="",
            )
        )  # fmt: skip
        connection.execute(
            insert(table(MessageRow)).values(  # type: ignore[arg-type]
                id=id, channel="email", address=address, recipient="u", day=DAY + timedelta(days=notice),
                subject="Nhắc việc", text=text, html=f"<p>{address}</p>",
                created_at=NOW, state=state, not_before=NOW, attempts=1, in_doubt=in_doubt,
            )
        )  # fmt: skip
        connection.execute(insert(table(MessageNoticeRow)).values(message=id, notice=notice))  # type: ignore[arg-type]
        detail = f"550 <{address}> unknown"
        connection.execute(
            insert(table(DeliveryRow)).values(  # type: ignore[arg-type]
                message=id, attempt=1, started_at=NOW, outcome="sent", detail=detail
            )
        )


@pytest.fixture
def people(store: Engine) -> Engine:
    """Two people of one unit; hers is the busier address."""
    with writing(store) as connection:
        her = address_book.add(connection, Contact("u", "head", "Chị Chi", HER, "nhắc việc"))
        address_book.add(connection, Contact("v", "officer", "Chị Chi", HER.lower(), "nhắc việc"))
        his = address_book.add(connection, Contact("u", "officer", "Anh Bình", HIS, "nhắc việc"))
        for contact, deputy in ((her.id, his.id), (his.id, her.id)):
            connection.execute(
                insert(table(StandInRow)).values(  # type: ignore[arg-type]
                    contact=contact,
                    deputy=deputy,
                    first_day=DAY,
                    last_day=DAY,
                    created_by="x",
                    created_at=NOW,
                )
            )
        links.make(connection, ["u"], HER, "Chị Chi", now=NOW)
        links.make(connection, ["u"], HIS, "Anh Bình", now=NOW)
    message(store, "m1", HER.lower(), "sent", 1)
    message(store, "m2", HER.lower(), "queued", 2)
    message(store, "m3", HER.lower(), "queued", 3, in_doubt=True)
    message(store, "m4", HER.lower(), "failed", 4)
    message(store, "m5", HIS, "sent", 5)
    return store


def everything(store: Engine) -> str:
    """Every row of every table, as text."""
    with reading(store) as connection:
        return "\n".join(
            str(row) for each in SQLModel.metadata.sorted_tables for row in connection.execute(select(each))
        )


def test_everything_held_is_found_by_address(people: Engine) -> None:
    with reading(people) as connection:
        held = held_about(connection, HER.upper())
    assert [row["unit"] for row in held.contacts] == ["u", "v"]
    assert [len(held.stand_ins), len(held.links), len(held.messages)] == [2, 1, 4]
    assert "token_hash" not in held.links[0]
    assert held.messages[0]["text"].startswith("Gửi CHI.NGUYEN")


def test_erasure_leaves_the_counts_and_nobody(people: Engine) -> None:
    with writing(people) as connection:
        done = erase(connection, HER, NOW)
    assert done == Erased(contacts=2, stand_ins=2, links=1, messages=4)
    left = everything(people)
    assert "chi.nguyen" not in left.lower()
    assert "Chị Chi" not in left
    assert "chichi" in left
    assert HIS in left
    assert "Anh Bình" in left
    # The number of a message is made from its address.
    for old in ("m1", "m2", "m3", "m4"):
        assert f"'{old}'" not in left
    with reading(people) as connection:
        rows = connection.execute(
            select(
                table(MessageRow).c.state,  # type: ignore[attr-defined]
                table(MessageRow).c.address,  # type: ignore[attr-defined]
                table(DeliveryRow).c.outcome,  # type: ignore[attr-defined]
            ).join(
                table(DeliveryRow),  # type: ignore[arg-type]
                table(DeliveryRow).c.message == table(MessageRow).c.id,  # type: ignore[attr-defined]
            )
        ).all()
        notices = {
            row.id: row.state
            for row in connection.execute(select(table(NoticeRow).c.id, table(NoticeRow).c.state))  # type: ignore[attr-defined]
        }
        carried = set(connection.execute(select(table(MessageNoticeRow).c.notice)).scalars())  # type: ignore[attr-defined]
        revoked = connection.execute(
            select(table(LinkRow).c.revoked_at).order_by(table(LinkRow).c.id)  # type: ignore[attr-defined]
        ).scalars()
        assert list(revoked) == [NOW, None]
    assert sorted(row.state for row in rows) == ["failed", "replaced", "replaced", "sent", "sent"]
    assert len({row.address for row in rows}) == 2
    # What had not gone out waits for whoever the unit still has.
    assert notices == {1: "composed", 2: "pending", 3: "pending", 4: "composed", 5: "composed"}
    assert carried == {1, 4, 5}


def test_nothing_is_erased_while_a_message_is_on_its_way(people: Engine) -> None:
    message(people, "m6", HER.lower(), "sending", 6)
    before = everything(people)
    with pytest.raises(ErasureRefused, match="vài phút nữa"), writing(people) as connection:
        erase(connection, HER, NOW)
    assert everything(people) == before


def test_erasing_nobody_changes_nothing(people: Engine) -> None:
    before = everything(people)
    with writing(people) as connection:
        assert erase(connection, "khong-co@xa.example", NOW) == Erased(0, 0, 0, 0)
        assert erase(connection, "%", NOW) == Erased(0, 0, 0, 0)
    assert everything(people) == before


def test_an_entry_stands_once_and_comes_back_into_use(store: Engine) -> None:
    contact = Contact("u", "head", "Chị Chi", HER, "nhắc việc")
    with writing(store) as connection:
        first = address_book.add(connection, contact)
        with pytest.raises(ContactRefused, match="đã có liên hệ"):
            address_book.add(connection, Contact("u", "head", "Ai đó", HER.lower(), "x"))
        address_book.change(connection, first.id, contact, active=False)
        again = address_book.add(connection, Contact("u", "head", "Tên mới", HER.lower(), "x"))
        assert (again.id, again.active, again.contact.name) == (first.id, True, "Tên mới")
        other = address_book.add(connection, Contact("u", "officer", "Chị Chi", HER, "x"))
        with pytest.raises(ContactRefused, match="đã có liên hệ"):
            address_book.change(connection, other.id, contact, active=True)
        with pytest.raises(ContactRefused, match="không còn"):
            address_book.change(connection, 999, Contact("w", "head", "", HIS, ""), active=True)
        assert [each.id for each in address_book.entries(connection)] == [first.id, other.id]


PHONE, CHAT = "84900000001", "6ede9afa66b88fe6"


@pytest.fixture
def many_ways(store: Engine) -> Engine:
    """One person in two entries, one of which has no e-mail, and what the channels know of them."""
    with writing(store) as connection:
        first = address_book.add(
            connection, Contact("u", "head", "Chị Chi", HER, "nhắc việc", phone=PHONE, zalo=CHAT)
        )
        address_book.add(connection, Contact("v", "officer", "Chị Chi", "", "nhắc việc", phone=PHONE))
        address_book.add(connection, Contact("u", "officer", "Anh Bình", HIS, phone="84900000002"))
        for channel, address in (("email", HER.lower()), ("zns", PHONE), ("email", HIS)):
            detail = f"550 <{address}>"
            refusals.record(connection, Refusal(channel, address, 550, detail, "m1", NOW))
        connection.execute(
            insert(table(PairingRow)).values(  # type: ignore[arg-type]
                code_hash="0" * 64, contact=first.id, created_at=NOW, expires_at=NOW
            )
        )
        for address in (PHONE, CHAT, HER):
            links.make(connection, ["u"], address, "Chị Chi", now=NOW)
    message(store, "m1", HER.lower(), "sent", 1)
    message(store, "m2", PHONE, "sent", 2)
    message(store, "m3", CHAT, "queued", 3)
    with writing(store) as connection:
        connection.execute(
            insert(table(AttachmentRow)).values(  # type: ignore[arg-type]
                message="m1", name="a.xlsx", media_type="text/csv", content=b"x"
            )
        )
    return store


@pytest.mark.parametrize("address", [HER, PHONE, CHAT])
def test_a_person_is_found_and_erased_by_any_address(many_ways: Engine, address: str) -> None:
    with reading(many_ways) as connection:
        held = held_about(connection, address)
    counts = [len(held.contacts), len(held.links), len(held.messages), len(held.refusals), len(held.pairings)]
    assert counts == [2, 3, 3, 2, 1]
    assert "code_hash" not in held.pairings[0]
    with writing(many_ways) as connection:
        assert erase(connection, address, NOW) == Erased(contacts=2, stand_ins=0, links=3, messages=3)
    left = everything(many_ways)
    for word in ("chi.nguyen", "Chị Chi", PHONE, "900000001", CHAT, "0000000000"):
        assert word.lower() not in left.lower(), word
    assert HIS in left
    assert "a.xlsx" in left
    with reading(many_ways) as connection:
        assert list(refusals.everything(connection)) == [("email", HIS)]


def test_messages_of_one_day_to_two_addresses_can_both_be_kept(store: Engine) -> None:
    with writing(store) as connection:
        for email in ("a@xa.example", "b@xa.example"):
            address_book.add(connection, Contact("u", "head", "", email, phone=PHONE))
    message(store, "m1", "a@xa.example", "sent", 1)
    message(store, "m2", "b@xa.example", "sent", 2)
    with writing(store) as connection:
        connection.execute(update(table(MessageRow)).values(day=DAY))  # type: ignore[arg-type]
        assert erase(connection, PHONE, NOW).messages == 2


def test_the_name_behind_any_address_is_known(many_ways: Engine) -> None:
    with reading(many_ways) as connection:
        names = names_by_address(connection)
    assert {names[own] for own in (("email", HER.lower()), ("zns", PHONE), ("zalo", CHAT))} == {"Chị Chi"}


def test_links_end_with_the_telephone_or_chat_they_went_to(many_ways: Engine) -> None:
    with writing(many_ways) as connection:
        [first] = [e for e in address_book.entries(connection) if e.contact.zalo]
        before = links.readers(connection)
        address_book.change(connection, first.id, replace(first.contact, zalo="", phone=""), active=True)
        assert links.revoke_of_former(connection, before, NOW) == 2
        assert [link.address for link in links.working(connection, NOW)] == [HER.lower()]


def test_the_second_of_two_who_change_an_entry_is_told(store: Engine) -> None:
    with writing(store) as connection:
        first = address_book.add(connection, Contact("u", "head", "Chị Chi", HER, "x"))
        seen = first.revision
        # A pairing comes from elsewhere and is in nobody's way.
        paired = replace(first.contact, zalo=CHAT)
        assert address_book.change(connection, first.id, paired, active=True, seen=seen).revision == seen
        address_book.change(connection, first.id, replace(paired, name="Chi"), active=True, seen=seen)
        with pytest.raises(ContactOvertaken):
            address_book.change(connection, first.id, replace(paired, name="Bình"), active=True, seen=seen)
        now = address_book.entry(connection, first.id)
        assert now is not None
        assert (now.contact.name, now.contact.zalo) == ("Chi", CHAT)


def test_who_comes_back_under_another_name_has_no_chat(store: Engine) -> None:
    contact = Contact("u", "head", "Chị Chi", HER, "x", zalo=CHAT)
    with writing(store) as connection:
        first = address_book.add(connection, contact)
        address_book.change(connection, first.id, contact, active=False)
        again = address_book.add(connection, Contact("u", "head", "Cô Hoa", HER, "x"))
        assert (again.id, again.contact.zalo) == (first.id, "")
        address_book.change(connection, first.id, contact, active=False)
        assert address_book.add(connection, Contact("u", "head", "CHỊ CHI", HER, "x")).contact.zalo == CHAT
        with pytest.raises(ContactRefused, match="cùng tên"):
            address_book.add(connection, Contact("u", "head", "Chị Chi", HER, "x", phone=PHONE))


def test_a_book_from_elsewhere_keeps_numbers_and_chats(store: Engine) -> None:
    columns = ("name", "email", "phone")
    with writing(store) as connection:
        her = address_book.add(connection, Contact("u", "head", "Chị Chi", HER, "x", copies=False, zalo=CHAT))
        his = address_book.add(connection, Contact("u", "head", "Anh Bình", HIS, "x"))
        given = [Contact("u", "head", "Chị Chi", HER.upper(), phone=PHONE)]
        assert replace_all(connection, given, ["u"], columns) == 1
        found = {each.id: each for each in address_book.entries(connection)}
        assert (found[her.id].contact.phone, found[her.id].contact.zalo) == (PHONE, CHAT)
        assert (found[her.id].contact.copies, found[her.id].contact.purpose) == (False, "x")
        assert (found[her.id].active, found[his.id].active, len(found)) == (True, False, 2)


def test_people_without_mail_stand_in_for_each_other_but_not_for_themselves(store: Engine) -> None:
    with writing(store) as connection:
        one, other, again = (
            address_book.add(connection, Contact(unit, "head", "", "", "x", phone=phone)).id
            for unit, phone in (("u", PHONE), ("v", "84900000002"), ("w", PHONE))
        )
        stand_ins.add(connection, one, other, DAY, NOW.date(), "", "x", NOW)
        with pytest.raises(StandInRefused, match="số điện thoại khác"):
            stand_ins.add(connection, again, one, DAY, NOW.date(), "", "x", NOW)
