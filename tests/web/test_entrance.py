"""The way in: health, the first page of each role, what a stranger sees."""

from __future__ import annotations

import pytest

from engine.model.access import Role
from tests.web.sites import Web


def test_a_stranger_is_sent_to_the_sign_in_and_back(web: Web) -> None:
    answer = web.visitor().get("/?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/dang-nhap?tiep=%2F%3Fa%3D1"


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.AUTHOR, "/soan-ke-hoach"),
        (Role.MANAGER, "/qua-han"),
        (Role.LEADER, "/tong-quan"),
        (Role.ADMINISTRATOR, "/nguoi-dung"),
    ],
)
def test_each_role_begins_where_its_work_is(web: Web, role: Role, path: str) -> None:
    answer = web.signed_in(role).client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, path)


def test_an_unknown_address_is_said_in_vietnamese(web: Web) -> None:
    answer = web.visitor().get("/khong-co")
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.text
