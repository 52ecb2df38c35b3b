"""Everything held about a person, and what is left after its erasure: on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select
from sqlmodel import SQLModel

from engine.store.access import links
from engine.store.database import reading, writing
from engine.store.people import address_book
from engine.store.people.address_book import ContactRefused
from engine.store.people.contacts import Contact
from engine.store.people.erasure import Erased, ErasureRefused, erase, held_about
from engine.store.tables import (
    DeliveryRow,
    LinkRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
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
