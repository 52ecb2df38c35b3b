"""The dead man's switch: one GET, a limit on the whole of it, no redirect, no address in what is said."""

from __future__ import annotations

import time

import pytest

from engine.watching.ping import ping
from tests.watching.watcher import watcher


def test_one_get_to_the_very_address() -> None:
    with watcher() as far_end:
        assert ping(f"{far_end.url}?rid=1") is None
    [asked] = far_end.asked
    assert asked.startswith("GET /bi-mat-2f6c?rid=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{far_end.port}\r\n" in asked


WRONG = [
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "Máy nhận trả lời 404"),
    (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "Máy nhận trả lời 503"),
    (b"220 mail.example ESMTP\r\n", "Máy nhận trả lời không đúng giao thức HTTP"),
    (b"", "Máy nhận trả lời không đúng giao thức HTTP"),
]


@pytest.mark.parametrize(("answer", "words"), WRONG)
def test_anything_but_a_good_answer_is_said(answer: bytes, words: str) -> None:
    with watcher() as far_end:
        far_end.answer = answer
        said = ping(far_end.url)
    assert said is not None
    assert said.startswith(words) or not answer
    assert "bi-mat" not in said


def test_a_redirect_is_not_followed() -> None:
    with watcher() as elsewhere, watcher() as far_end:
        far_end.answer = (
            f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        said = ping(far_end.url)
    assert (len(far_end.asked), elsewhere.asked) == (1, [])
    assert said is not None
    assert "DONDOC_PING_URL" in said


@pytest.mark.parametrize("drip", [True, False])
def test_a_far_end_that_hangs_or_drips_costs_no_more_than_the_limit(drip: bool) -> None:
    with watcher() as far_end:
        far_end.answer, far_end.drip = (b"HTTP/1.1 200 OK\r\nX: ", True) if drip else (None, False)
        began = time.monotonic()
        said = ping(far_end.url, 0.2)
        took = time.monotonic() - began
    assert said == "Quá thời gian chờ trả lời"
    assert took < 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/x", "Không nối được tới máy nhận"),
        ("http://khong-co.invalid/x", "Không tìm thấy máy"),
        ("http://may.example:99999/x", "Địa chỉ báo hiệu không đúng dạng"),
        ("http://127.0.0.1:1/bí mật", "Địa chỉ báo hiệu không đúng dạng"),
    ],
)
def test_what_cannot_be_reached_is_said_in_words(url: str, words: str) -> None:
    said = ping(url)
    assert said is not None
    assert said.startswith(words)


def test_a_certificate_that_is_none_is_no_sign_of_life() -> None:
    with watcher() as far_end:
        said = ping(far_end.url.replace("http://", "https://"))
    assert said == "Không lập được kết nối TLS với máy nhận"
