"""/nhat-ky: what the page shows of the audit log, and that it cannot be turned into something else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.access import Role
from engine.store.access import audit
from engine.store.access.audit import Actor
from engine.store.database import writing
from tests.web.sites import Browser, Web
from web.people import audit_log
from web.people.audit_words import action_words, changes


@pytest.fixture
def admin(web: Web) -> Browser:
    return web.signed_in(Role.ADMINISTRATOR)


def noted(web: Web, action: str = "thu", subject: str = "viec", **more: object) -> None:
    actor = Actor(str(more.pop("actor", "account:1")), str(more.pop("name", "Người làm")), "10.0.0.9")
    at = web.clock.now + timedelta(days=int(str(more.pop("days", 0))))
    with writing(web.site.engine) as connection:
        audit.append(connection, actor, action, subject, at, **more)  # type: ignore[arg-type]


def test_an_empty_log(web: Web, admin: Browser) -> None:
    assert "Chưa có ai làm gì." in admin.client.get("/nhat-ky").text


def test_who_when_from_where_before_and_after(web: Web, admin: Browser) -> None:
    before = {"role": "manager", "active": True, "name": "A"}
    noted(
        web, "account.change", "account:1", before=before, after=before | {"role": "leader", "active": False}
    )
    page = admin.client.get("/nhat-ky").text
    for words in (
        "10:00 15/06/2023",
        "Người làm",
        "10.0.0.9",
        "sửa tài khoản",
        "tài khoản administrator",
        "vai trò: quản lý văn phòng → lãnh đạo",
        "đang dùng: có → không",
    ):
        assert words in page
    assert "họ tên: A" not in page


def test_an_assignment_is_a_link(web: Web, admin: Browser) -> None:
    noted(web, "decide.confirm", "thach-chau-15-2023:pli.i.5:ha-tinh.a b")
    page = admin.client.get("/nhat-ky").text
    assert 'href="/viec/thach-chau-15-2023%3Apli.i.5%3Aha-tinh.a%20b"' in page
    assert "quyết định: xác nhận" in page


def test_what_others_typed_is_escaped(web: Web, admin: Browser) -> None:
    bad = "<script>alert(1)</script>"
    noted(web, bad, f"viec{bad}", name=bad, before={"note": bad}, after={bad: [bad, {"x": bad}]})
    noted(web, "x", f"a:{bad}")
    page = admin.client.get("/nhat-ky", params={"ve": bad, "nguoi": bad, "viec": bad, "tu": bad})
    assert "<script>" not in page.text
    assert "<script>" not in admin.client.get("/nhat-ky").text


def test_filters_stay_in_the_form_and_find(web: Web, admin: Browser) -> None:
    noted(web, "a.mot", "viec:1:x", actor="account:1", days=0)
    noted(web, "b.hai", "viec:2:x", actor="link:7", days=1)
    noted(web, "c.ba", "viec:3:x", actor="system", days=2)

    def shown(**query: str) -> list[str]:
        page = admin.client.get("/nhat-ky", params=query).text
        rows = page.partition("<tbody>")[2]
        return [word for word in ("a.mot", "b.hai", "c.ba") if word in rows]

    assert shown() == ["a.mot", "b.hai", "c.ba"]
    assert shown(tu="16/6/2023") == ["b.hai", "c.ba"]
    assert shown(tu="2023-06-16", den="16/06/2023") == ["b.hai"]
    assert shown(nguoi="account:1") == ["a.mot"]
    assert shown(nguoi="link") == ["b.hai"]
    assert shown(viec="c.ba") == ["c.ba"]
    assert shown(ve="viec:2") == []  # a number at the end asks for exactly that
    assert shown(ve="viec:2:x") == ["b.hai"]
    assert shown(ve="iec") == ["a.mot", "b.hai", "c.ba"]
    assert shown(ve="%") == []
    page = admin.client.get("/nhat-ky", params={"tu": "16/6/2023", "nguoi": "link"}).text
    assert 'value="16/6/2023"' in page
    assert '<option value="link" selected>' in page


@pytest.mark.parametrize("day", ["hôm qua", "31/02/2023", "99/99/9999", "0"])
def test_a_wrong_day_is_said(web: Web, admin: Browser, day: str) -> None:
    answer = admin.client.get("/nhat-ky", params={"tu": day})
    assert answer.status_code == 400
    assert "không phải là một ngày" in answer.text


@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999"])
def test_a_far_day_is_no_error_of_ours(web: Web, admin: Browser, day: str) -> None:
    for name in ("tu", "den"):
        assert admin.client.get("/nhat-ky", params={name: day}).status_code == 400


def test_pages_go_on_to_the_oldest_row(web: Web, admin: Browser) -> None:
    for number in range(101):
        noted(web, subject=f"so{number:03}.")
    first = admin.client.get("/nhat-ky").text
    assert first.count('class="number">') == 51  # the heading, too
    assert "so100." in first
    assert "so050." not in first
    second = admin.client.get("/nhat-ky?truoc=52").text
    assert "so050." in second
    assert "truoc=2" in second
    third = admin.client.get("/nhat-ky?truoc=2").text
    assert "so000." in third
    assert 'rel="next"' not in third
    for odd in ("x", "-1", "9" * 40, "²"):
        assert admin.client.get("/nhat-ky", params={"truoc": odd}).status_code == 200


def test_the_chain_is_checked_and_shown(web: Web, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(web)
    noted(web)
    assert "Nhật ký nguyên vẹn: 2 dòng" in admin.client.get("/nhat-ky").text
    monkeypatch.setattr(audit_log, "_CHECKED_AT_ONCE", 1)
    page = admin.client.get("/nhat-ky").text
    assert "nguyên vẹn" not in page
    assert 'href="/nhat-ky?kiem=1"' in page
    assert "Nhật ký nguyên vẹn" in admin.client.get("/nhat-ky?kiem=1").text
    with web.site.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET before = 'x' WHERE id = 2")
    page = admin.client.get("/nhat-ky?kiem=1").text
    assert "không còn nguyên vẹn từ dòng số 2" in page


def test_the_page_only_reads(web: Web, admin: Browser) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert admin.client.request(method, "/nhat-ky").status_code == 405


def test_every_word_of_the_code_has_one_for_people() -> None:
    assert action_words("decide.return") != "decide.return"
    assert action_words("khac.la") == "khac.la"


def test_changes_name_what_differs_only(web: Web) -> None:
    found = changes(
        {"a": 1, "same": 2}, {"same": 2, "b": None, "at": "2023-06-15T03:00:00+00:00"}, web.site.registry
    )
    assert [(c.name, c.before, c.after) for c in found] == [
        ("a", "1", None),
        ("b", None, "–"),
        ("at", None, "10:00 15/06/2023"),
    ]
