"""Telephone numbers: what people type becomes one form; what Zalo does not reach is refused with why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.phone import PhoneError, is_plain_phone, plain_phone, spoken_phone

KEPT = "84900000001"
kept = st.builds(
    lambda first, rest: f"84{first}{rest:08}", st.sampled_from("35789"), st.integers(0, 10**8 - 1)
)
beginnings = st.sampled_from(["0", "84", "+84", "0084", "+84 0", "+84 (0)", "84 0", ""])


@pytest.mark.parametrize(
    "typed",
    [
        "0900 000 001",
        "0900.000.001",
        "0900-000-001",
        "0900–000–001",
        "(090) 000 0001",
        "+84 900 000 001",
        "+84(0)900000001",
        "84900000001",
        "0084 900 000 001",
        "900000001",
        " 0900000001 ",
        "0900\u00a0000\u00a0001",
        "\u202a0900000001\u202c".replace("\u202a", "\u200e").replace("\u202c", "\u200e"),
        "0900000001;",
    ],
)
def test_every_usual_spelling_is_the_same_number(typed: str) -> None:
    assert plain_phone(typed) == KEPT


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "chỉ gồm chữ số"),
        ("không có", "chỉ gồm chữ số"),
        ("0900 000 00l", "chỉ gồm chữ số"),
        ("٠٩٠٠٠٠٠٠٠١", "chỉ gồm chữ số"),
        ("0900000001 / 0900000002", "một số"),
        ("0900000001, 0900000002", "một số"),
        ("0900000001 và 0900000002", "một số"),
        ("024 3825 0001", "máy bàn"),
        ("+84 24 3825 0001", "máy bàn"),
        ("0168 000 0001", "đổi thành 038"),
        ("84 123 000 0001", "đổi thành 083"),
        ("0900 000 0001", "ở đây có 11"),
        ("0900 000 00", "ở đây có 9"),
        ("0400 000 001", "đầu số này"),
        ("+1 202 555 0100", "Việt Nam"),
        ("0044 20 7946 0001", "Việt Nam"),
        ("+", "chỉ gồm chữ số"),
        ("0" * 400, "Việt Nam"),
        ("09" * 200, "ở đây có"),
    ],
)
def test_what_zalo_does_not_reach_is_refused_with_the_reason(typed: str, said: str) -> None:
    with pytest.raises(PhoneError, match=said) as refused:
        plain_phone(typed)
    assert not typed.strip() or typed not in str(refused.value), "a number is personal data"


@given(kept, beginnings)
def test_a_number_survives_every_beginning(phone: str, beginning: str) -> None:
    assert plain_phone(beginning + phone[2:]) == phone


@given(kept, st.lists(st.tuples(st.integers(0, 9), st.sampled_from(" .-()\u00a0–")), max_size=6))
def test_separators_change_nothing(phone: str, marks: list[tuple[int, str]]) -> None:
    typed = "0" + phone[2:]
    for at, mark in marks:
        typed = typed[:at] + mark + typed[at:]
    assert plain_phone(typed) == phone


@given(kept)
def test_what_is_shown_reads_back(phone: str) -> None:
    assert is_plain_phone(phone)
    assert plain_phone(spoken_phone(phone)) == plain_phone(phone) == phone


@given(st.text(alphabet="0123456789+() .-abc٣", max_size=20))
def test_an_answer_is_always_in_the_kept_form(typed: str) -> None:
    try:
        found = plain_phone(typed)
    except PhoneError:
        return
    assert is_plain_phone(found)
    assert plain_phone(found) == found


def test_what_is_no_kept_number_is_shown_as_it_is() -> None:
    assert spoken_phone("") == ""
    assert spoken_phone("0900") == "0900"
