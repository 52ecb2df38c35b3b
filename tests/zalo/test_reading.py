"""Updates of the bot are read in whatever shape they come, and nothing that comes breaks the reading."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.store.people.pairing import DIGITS, LETTERS, plain
from engine.zalo.reading import Said, Wish, code_in, read, wish

CHAT = "e4ea2cd5189df1c3a88c"


def message(text: object = "Xin chào", **other: Any) -> dict[str, Any]:
    return {
        "message_id": "16f6366b3f02645a3d15",
        "chat": {"id": CHAT, "chat_type": "PRIVATE"},
        "from": {"id": CHAT, "display_name": "An", "is_bot": False},
        "text": text,
        "date": 1766619597466,
    } | other


HELLO = Said("16f6366b3f02645a3d15", CHAT, "Xin chào")


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"event_name": "message.text.received", "message": message()}, HELLO),
        ({"ok": True, "result": {"event_name": "message.text.received", "message": message()}}, HELLO),
        ({"message": message(chat={"id": CHAT})}, HELLO),
        ({"message": {**message(), "chat": None}}, HELLO),
        ({"message": message(message_id=44, chat={"id": 12345})}, Said("44", "12345", "Xin chào")),
        (
            {"message": message(chat={"id": CHAT, "chat_type": "GROUP"})},
            Said(HELLO.id, CHAT, HELLO.text, True),
        ),
        ({"message": message(None, sticker="bfe458bf64fa8da4d4eb")}, Said(HELLO.id, CHAT, "")),
        ({"message": message({"a": 1}, photo_url="https://anh.example/1.jpg")}, Said(HELLO.id, CHAT, "")),
        ({"message": message("á" * 9000)}, Said(HELLO.id, CHAT, "á" * 2000)),
        ({"message": message(**{"from": {"id": "b", "is_bot": True}})}, None),
        ({"message": message(chat={"id": "a b"})}, None),
        ({"message": message(chat={"id": "c" * 65})}, None),
        ({"message": message(chat={"id": True})}, None),
        ({"message": message(chat={"id": 10**5000})}, None),
        ({"message": "Xin chào"}, None),
        ({"event_name": "user.followed"}, None),
        ({"result": []}, None),
        ({}, None),
        ([], None),
        ("", None),
        (None, None),
    ],
)
def test_an_update_is_read(update: object, said: Said | None) -> None:
    assert read(update) == said


@pytest.mark.parametrize("id", [None, "", " ", "x" * 401, {"a": 1}, True, "mã"])
def test_a_message_without_a_number_is_told_from_others(id: object) -> None:
    found = [
        read({"message": message(text, message_id=id, date=date)})
        for text, date in (("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", None), ("a", [1]))
    ]
    ids = [said.id for said in found if said]
    assert ids[0] == ids[1]
    assert ids[4] == ids[5]
    assert len(set(ids)) == 4


def test_what_somebody_wrote_is_in_no_log() -> None:
    said = read({"message": message("ABCD-2345")})
    assert CHAT not in repr(said)
    assert "ABCD" not in repr(said)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["message", "result", "chat", "from", "id", "text", "message_id", "date", "chat_type"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_nothing_breaks_it(update: object) -> None:
    said = read(update)
    if said is not None:
        assert 0 < len(said.chat) <= 64
        assert 0 < len(said.id) <= 400
        wish(said.text)


CODE = "ABCD2345"


@pytest.mark.parametrize(
    "text",
    [
        "ABCD-2345",
        "abcd-2345",
        "ABCD2345",
        "ABCD 2345",
        " abcd - 2345 ",
        "ABCD–2345",
        "mã: ABCD-2345",
        "Mã ghép là ABCD2345",
        "ma abcd 2345.",
        "“ABCD-2345”",
        "Chào bot, em gửi mã ABCD-2345 ạ",
        "ＡＢＣＤ－２３４５",
        "ABCD-2345\n",
    ],
)
def test_a_code_in_a_text(text: str) -> None:
    assert wish(text) == (Wish.PAIR, CODE)
    assert wish(unicodedata.normalize("NFD", text)) == (Wish.PAIR, CODE)


NO_CODE = ["Xin chào", "cảm ơn", "THANKYOU", "THAN-KYQU", "ABCD-23456", "XABCD-2345", "ABC-2345", "ABCD0O1I"]
NO_CODE += ["", "mã", "12/2026", "8h30", "2345-6789", "23456789", "gặp anh lúc 8 giờ", "😀" * 8, "\ud800" * 8]


@pytest.mark.parametrize("text", NO_CODE)
def test_what_is_no_code(text: str) -> None:
    assert wish(text) == (Wish.OTHER, "")


@given(
    st.text(LETTERS + DIGITS, min_size=8, max_size=8).filter(lambda c: not c.isalpha() and not c.isdigit())
)
def test_every_code_is_found_as_it_is_shown(code: str) -> None:
    assert code_in(f"{code[:4]}-{code[4:]}") == code == plain(f"{code[:4]}-{code[4:]}")
    assert code_in(code.lower()) == code


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("DỪNG", Wish.STOP),
        ("dừng", Wish.STOP),
        (unicodedata.normalize("NFD", "Dừng."), Wish.STOP),
        ("  Dừng   nhận tin! ", Wish.STOP),
        ("stop", Wish.STOP),
        ("dung", Wish.PERHAPS_STOP),
        ("hủy", Wish.PERHAPS_STOP),
        ("đúng", Wish.OTHER),
        ("dùng", Wish.OTHER),
        ("đừng dừng nhé", Wish.OTHER),
        ("không dừng", Wish.OTHER),
    ],
)
def test_who_wants_no_more(text: str, meant: Wish) -> None:
    assert wish(text) == (meant, "")
