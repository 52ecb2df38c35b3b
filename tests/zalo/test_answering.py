"""What the bot answers, and what it does: each message counts once, nobody is left without any channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine

from engine.store.access.audit import SYSTEM
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.messages.refusals import Refusal
from engine.store.people import address_book, pairing
from engine.store.people.contacts import Contact
from engine.zalo.answering import answer
from engine.zalo.reading import Said
from tests.cast import COMMUNES, CULTURE, HOME_AFFAIRS, REGISTRY

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
CHAT = "e4ea2cd5189df1c3a88c"
EVERY = ("email", "zalo", "zns")


class Chat:
    """One chat with the bot, message by message."""

    def __init__(self, store: Engine, id: str = CHAT, channels: tuple[str, ...] = EVERY) -> None:
        self.store, self.id, self.channels, self.numbers, self.now = store, id, channels, count(), NOW

    def says(self, text: str, *, number: int | None = None, is_group: bool = False) -> str | None:
        id = f"{self.id}-{next(self.numbers) if number is None else number}"
        said = Said(id, self.id, text, is_group)
        with writing(self.store) as connection:
            return answer(connection, said, self.now, REGISTRY, self.channels)


def person(store: Engine, unit: object = HOME_AFFAIRS, **other: object) -> int:
    values = {"unit": unit, "role": "head", "name": "Bà An", "email": "an@huyen.example"} | other
    with writing(store) as connection:
        return address_book.add(connection, Contact(**values)).id  # type: ignore[arg-type]


def code_for(store: Engine, id: int) -> str:
    with writing(store) as connection:
        return pairing.make(connection, id, SYSTEM, NOW)


def chat_of(store: Engine, id: int) -> str:
    with reading(store) as connection:
        entry = address_book.entry(connection, id)
    assert entry is not None
    return entry.contact.zalo


def test_from_the_first_word_to_the_last(store: Engine) -> None:
    id, chat = person(store), Chat(store)
    code = code_for(store, id)
    assert "lấy mã ghép" in (chat.says("Xin chào") or "")
    assert "chưa ghép với ai" in (chat.says("DỪNG") or "")
    assert "không có mã này" in (chat.says("AAAA-2222") or "")
    paired = chat.says(f"mã {code.lower()}") or ""
    assert paired.startswith("Đã ghép xong. Từ nay tin nhắc việc của Phòng Nội vụ (huyện An) sẽ đến đây.")
    assert "DỪNG" in paired
    assert chat_of(store, id) == CHAT
    assert "đã được dùng" in (chat.says(code) or "")
    assert "không đọc được câu trả lời" in (chat.says("Vâng, tôi làm xong rồi") or "")
    assert "DỪNG (có dấu) hoặc STOP" in (chat.says("dung") or "")
    assert chat_of(store, id) == CHAT
    stopped = chat.says("Dừng") or ""
    assert "Phòng Nội vụ (huyện An) không đến đây nữa, sẽ đi qua thư điện tử" in stopped
    assert chat_of(store, id) == ""
    assert "chưa ghép với ai" in (chat.says("Dừng") or "")


def test_every_answer_fits_into_a_message(store: Engine) -> None:
    """2000 letters are what Zalo takes."""
    chat, code = Chat(store), ""
    for unit in (*COMMUNES, HOME_AFFAIRS, CULTURE):
        code = code_for(store, person(store, unit))
    answers = [chat.says(text) for text in (code, code, "AAAA-2222", "chào", "dung", "stop", "chào", "stop")]
    assert all(answers)
    assert max(len(each or "") for each in answers) < 600
    assert "và 2 đơn vị khác" in (answers[0] or "")


def test_a_message_counts_once(store: Engine) -> None:
    id, chat = person(store), Chat(store)
    assert (chat.says(code_for(store, id), number=7) or "").startswith("Đã ghép xong")
    assert chat.says("DỪNG", number=7) is None
    assert chat_of(store, id) == CHAT


def test_an_old_code(store: Engine) -> None:
    id, chat = person(store), Chat(store)
    code = code_for(store, id)
    chat.now = NOW + pairing.LIVES
    assert "hết hạn hoặc đã được thay" in (chat.says(code) or "")
    assert chat_of(store, id) == ""


def test_who_guesses_is_told_to_wait(store: Engine) -> None:
    id, chat = person(store), Chat(store)
    code = code_for(store, id)
    for _ in range(5):
        chat.says("AAAA-2222")
    waiting = chat.says(code) or ""
    assert "quá nhiều mã sai" in waiting
    assert "Thử lại sau 1 giờ, lúc 11:00." in waiting
    assert chat_of(store, id) == ""


def test_who_writes_and_writes_gets_no_more_answers(store: Engine) -> None:
    chat = Chat(store)
    answers = [chat.says("chào") for _ in range(25)]
    assert all(answers[:20])
    assert not any(answers[20:])
    assert Chat(store, "somebody-else").says("chào")
    chat.now = NOW + timedelta(hours=1)
    assert chat.says("chào")


@pytest.mark.parametrize(
    ("other", "channels", "refused", "elsewhere"),
    [
        ({}, EVERY, None, "thư điện tử"),
        ({"phone": "84900000001", "channels": ("zns",)}, EVERY, None, "tin ZNS"),
        ({"phone": "84900000001"}, EVERY, "an@huyen.example", "tin ZNS"),
        ({}, ("zalo",), None, None),
        ({"phone": "84900000001"}, ("zalo",), None, None),
        ({"email": "", "phone": "84900000001"}, ("zalo", "email"), None, None),
        ({}, EVERY, "an@huyen.example", None),
    ],
)
def test_nobody_is_left_without_any_way(
    store: Engine,
    other: dict[str, object],
    channels: tuple[str, ...],
    refused: str | None,
    elsewhere: str | None,
) -> None:
    id, chat = person(store, **other), Chat(store, channels=channels)
    chat.says(code_for(store, id))
    if refused:
        with writing(store) as connection:
            refusals.record(connection, Refusal("email", refused, 550, "", "m", NOW))
    said = chat.says("DỪNG") or ""
    if elsewhere:
        assert f"sẽ đi qua {elsewhere}." in said
        assert chat_of(store, id) == ""
    else:
        assert "Zalo là cách duy nhất để tin nhắc đến với Phòng Nội vụ" in said
        assert chat_of(store, id) == CHAT


def test_a_group_of_people_is_left_alone(store: Engine) -> None:
    id, chat = person(store), Chat(store)
    code = code_for(store, id)
    assert chat.says("Chào cả nhà", is_group=True) is None
    assert chat.says("dừng", is_group=True) is None
    assert "trò chuyện riêng" in (chat.says(code, is_group=True) or "")
    assert chat_of(store, id) == ""


def test_pictures_and_stickers_are_answered_like_any_word(store: Engine) -> None:
    assert "lấy mã ghép" in (Chat(store).says("") or "")
