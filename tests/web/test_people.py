"""/nguoi-dung and ``dondoc account``: who works in the office, and what a change does to those signed in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from httpx2 import Response
from sqlalchemy import select, update

from engine.installation.settings import SingleSignOn
from engine.model.access import Role
from engine.store.access import accounts, audit_reading
from engine.store.access.audit_reading import AuditFilter
from engine.store.database import reading, writing
from engine.store.tables import AccountRow
from tests.cli.command_line import dondoc
from tests.web.sites import Browser, Web
from tests.web.test_sign_in import entered

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
_ONCE = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")


@pytest.fixture
def admin(web: Web) -> Browser:
    return web.signed_in(Role.ADMINISTRATOR)


def sent(browser: Browser, path: str, **fields: str) -> Response:
    answer = browser.post(path, {name.replace("_", "-"): value for name, value in fields.items()})
    assert isinstance(answer, Response)
    return answer


def id_of(web: Web, login: str) -> int:
    with reading(web.site.engine) as connection:
        found = accounts.by_login(connection, login)
    assert found is not None
    return found.id


def acts(web: Web) -> list[tuple[str, str]]:
    with reading(web.site.engine) as connection:
        return [(row.action, row.subject) for row in audit_reading.entries(connection, AuditFilter())]


def test_a_new_person_gets_a_password_once_and_can_work(web: Web, admin: Browser) -> None:
    answer = sent(admin, "/nguoi-dung", ten="Binh", ho_ten="Bình <b>", vai_tro="manager")
    assert answer.status_code == 200
    assert "Bình &lt;b&gt;" in answer.text
    (password,) = set(_ONCE.findall(answer.text))
    assert answer.headers["cache-control"] == "no-store"
    listed = admin.client.get("/nguoi-dung").text
    assert "binh" in listed
    assert password not in listed
    assert "chờ đổi mật khẩu lần đầu" in listed
    assert entered(web.visitor(), "binh", password).headers["location"] == "/mat-khau"
    assert ("account.add", f"account:{id_of(web, 'binh')}") in acts(web)
    with reading(web.site.engine) as connection:
        rows = audit_reading.entries(connection, AuditFilter(action="account.add"))
    assert password not in repr(rows)
    assert rows[0].after["role"] == "manager"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ten": "có dấu", "ho_ten": "B", "vai_tro": "manager"}, "Tên đăng nhập gồm"),
        ({"ten": "binh", "ho_ten": "", "vai_tro": "manager"}, "Thiếu họ tên"),
        ({"ten": "binh", "ho_ten": "B", "vai_tro": ""}, "Hãy chọn vai trò"),
        ({"ten": "binh", "ho_ten": "B", "vai_tro": "god"}, "Hãy chọn vai trò"),
        ({"ten": "administrator", "ho_ten": "B", "vai_tro": "leader"}, "Đã có tài khoản"),
    ],
)
def test_a_wrong_entry_is_said_and_keeps_what_was_typed(
    web: Web, admin: Browser, fields: dict[str, str], said: str
) -> None:
    answer = sent(admin, "/nguoi-dung", **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'value="{fields["ten"]}"' in answer.text
    assert not _ONCE.findall(answer.text)


def test_another_role_ends_the_sessions_another_name_does_not(web: Web, admin: Browser) -> None:
    binh = web.signed_in(Role.MANAGER, "binh")
    id = id_of(web, "binh")
    answer = sent(admin, f"/nguoi-dung/{id}/sua", ho_ten="Tên mới", vai_tro="manager")
    assert answer.headers["location"] == f"/nguoi-dung/{id}?da=sua"
    assert binh.client.get("/").status_code == 303
    assert "Tên mới" in binh.client.get("/mat-khau").text
    sent(admin, f"/nguoi-dung/{id}/sua", ho_ten="Tên mới", vai_tro="leader")
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")
    with reading(web.site.engine) as connection:
        (_, first) = audit_reading.entries(connection, AuditFilter(action="account.change"))
    assert (first.before["name"], first.after["name"]) == ("Cán bộ binh", "Tên mới")


def test_a_change_that_changes_nothing_is_not_noted(web: Web, admin: Browser) -> None:
    web.signed_in(Role.MANAGER, "binh")
    before = acts(web)
    sent(admin, f"/nguoi-dung/{id_of(web, 'binh')}/sua", ho_ten="Cán bộ binh", vai_tro="manager")
    assert acts(web) == before


def test_closing_and_opening_again(web: Web, admin: Browser) -> None:
    binh = web.signed_in(Role.MANAGER, "binh")
    id = id_of(web, "binh")
    sent(admin, f"/nguoi-dung/{id}/dong")
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")
    assert "đã đóng" in admin.client.get("/nguoi-dung").text
    sent(admin, f"/nguoi-dung/{id}/mo")
    # The old session does not come back to life.
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")
    assert acts(web)[:2] == [("account.reopen", f"account:{id}"), ("account.close", f"account:{id}")]


def test_a_reset_ends_sessions_and_the_wait_for_failing(web: Web, admin: Browser) -> None:
    binh = web.signed_in(Role.MANAGER, "binh")
    for _ in range(5):
        entered(web.visitor(), "binh", "sai hết cả rồi")
    answer = sent(admin, f"/nguoi-dung/{id_of(web, 'binh')}/mat-khau")
    (password,) = set(_ONCE.findall(answer.text))
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")
    assert entered(web.visitor(), "binh", password).headers["location"] == "/mat-khau"


def test_sessions_are_ended_by_a_button(web: Web, admin: Browser) -> None:
    binh = web.signed_in(Role.MANAGER, "binh")
    sent(admin, f"/nguoi-dung/{id_of(web, 'binh')}/phien")
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")


def test_the_last_administrator_can_neither_close_nor_demote_themselves(web: Web, admin: Browser) -> None:
    id = id_of(web, "administrator")
    page = admin.client.get(f"/nguoi-dung/{id}").text
    assert "quản trị cuối cùng" in page
    assert f"/nguoi-dung/{id}/dong" not in page
    for path, fields in (("dong", {}), ("sua", {"ho_ten": "A", "vai_tro": "leader"})):
        answer = sent(admin, f"/nguoi-dung/{id}/{path}", **fields)
        assert answer.status_code == 400
        assert "quản trị cuối cùng" in answer.text
    assert admin.client.get("/nguoi-dung").status_code == 200
    web.signed_in(Role.ADMINISTRATOR, "chi")
    assert sent(admin, f"/nguoi-dung/{id}/dong").status_code == 303
    assert admin.client.get("/nguoi-dung").status_code == 303


def test_single_sign_on_only(web: Web, admin: Browser) -> None:
    assert "cach-sso" not in admin.client.get("/nguoi-dung").text
    provider = SingleSignOn("https://tinh.example", "a", "b")
    web.site.settings = replace(web.site.settings, base_url="http://testserver", single_sign_on=provider)
    assert "cach-sso" in admin.client.get("/nguoi-dung").text
    answer = sent(admin, "/nguoi-dung", ten="binh", ho_ten="B", vai_tro="leader", cach="mot-lan")
    assert not _ONCE.findall(answer.text)
    with writing(web.site.engine) as connection:
        of_binh = _ACCOUNT.c.login == "binh"
        assert connection.execute(select(_ACCOUNT.c.password_hash).where(of_binh)).scalar() is None
        connection.execute(update(_ACCOUNT).where(of_binh).values(subject="x"))
    id = id_of(web, "binh")
    assert "Bỏ nối" in admin.client.get(f"/nguoi-dung/{id}").text
    sent(admin, f"/nguoi-dung/{id}/bo-noi")
    assert "Bỏ nối" not in admin.client.get(f"/nguoi-dung/{id}").text


@pytest.mark.parametrize(
    "path", ["/nguoi-dung/999", "/nguoi-dung/0", "/nguoi-dung/99999999999999999999", "/nguoi-dung/x"]
)
def test_nobody_there(web: Web, admin: Browser, path: str) -> None:
    assert admin.client.get(path).status_code == 404
    assert sent(admin, f"{path}/dong").status_code == 404


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.MANAGER, Role.LEADER])
def test_others_stay_out(web: Web, role: Role) -> None:
    browser = web.signed_in(role)
    for path in ("/nguoi-dung", "/danh-ba", "/nhat-ky"):
        assert browser.client.get(path).status_code == 403
    assert sent(browser, "/nguoi-dung", ten="x1", ho_ten="X", vai_tro="administrator").status_code == 403
    assert acts(web) == []


def test_without_the_key_of_the_form_nothing_happens(web: Web, admin: Browser) -> None:
    answer = admin.client.post("/nguoi-dung", data={"ten": "x1", "ho-ten": "X", "vai-tro": "leader"})
    assert answer.status_code == 403
    assert acts(web) == []


# --- the command line -------------------------------------------------------------------------------------


def test_the_first_administrator_is_made_on_the_command_line(web: Web) -> None:
    home = web.site.home
    words = (
        "account",
        "add",
        "Quan-Tri",
        "--name",
        "Người cài đặt",
        "--role",
        "administrator",
        "--home",
        home,
    )
    answer = dondoc(*words)
    assert answer.status == 0, answer.err
    (password,) = _ONCE.findall(answer.out)
    assert entered(web.visitor(), "quan-tri", password).headers["location"] == "/mat-khau"
    listed = dondoc("account", "list", "--home", home)
    assert listed.out == "quan-tri: Người cài đặt, quản trị\n"
    assert dondoc("account", "list", "--json", "--home", home).json == [
        {"login": "quan-tri", "name": "Người cài đặt", "role": "administrator", "active": True}
    ]
    again = dondoc(*words)
    assert (again.status, again.out) == (1, "")
    assert "Đã có tài khoản “quan-tri”" in again.err
    assert acts(web)[-1][0] == "account.add"


def test_reset_and_close_on_the_command_line(web: Web) -> None:
    web.signed_in(Role.ADMINISTRATOR)
    binh = web.signed_in(Role.MANAGER, "binh")
    home = web.site.home
    answer = dondoc("account", "reset", "binh", "--home", home)
    (password,) = _ONCE.findall(answer.out)
    assert binh.client.get("/").headers["location"].startswith("/dang-nhap")
    assert entered(web.visitor(), "binh", password).status_code == 303
    assert dondoc("account", "close", "binh", "--home", home).status == 0
    assert entered(web.visitor(), "binh", password).status_code == 401
    wrong = dondoc("account", "close", "bin", "--home", home)
    assert wrong.status == 1
    assert "Có phải là: binh?" in wrong.err
    last = dondoc("account", "close", "administrator", "--home", home)
    assert last.status == 1
    assert "quản trị cuối cùng" in last.err


def test_a_wrong_role_is_named(web: Web) -> None:
    answer = dondoc("account", "add", "an", "--name", "A", "--role", "boss", "--home", web.site.home)
    assert answer.status == 2
    assert "“boss” không phải là một vai trò" in answer.err


def said_by_the_doctor(web: Web) -> dict[str, str]:
    answer = dondoc("doctor", "--json", "--home", web.site.home)
    return {each["what"]: each["level"] for each in answer.json}


def test_the_doctor_looks_at_people_and_the_log(web: Web) -> None:
    said = said_by_the_doctor(web)
    assert said["Trang web chưa có tài khoản nào"] == "warning"
    assert any("địa chỉ trang web" in what for what in said)
    assert any("secret_key" in what for what in said)
    web.signed_in(Role.MANAGER)
    assert said_by_the_doctor(web)["Trang web chưa có người quản trị"] == "warning"
    admin = web.signed_in(Role.ADMINISTRATOR)
    sent(admin, "/nguoi-dung", ten="binh", ho_ten="B", vai_tro="leader")
    said = said_by_the_doctor(web)
    assert not any("quản trị" in what or "tài khoản" in what for what in said)
    assert any(what.startswith("Nhật ký nguyên vẹn: 1 dòng") for what in said)
    with web.site.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor_name = 'khác'")
    broken = [what for what, level in said_by_the_doctor(web).items() if level == "error"]
    assert any(what.startswith("Nhật ký không còn nguyên vẹn từ dòng số 1") for what in broken)


@pytest.mark.parametrize(("key", "warned"), [("a" * 31, True), ("a" * 32, False)])
def test_the_doctor_warns_of_a_short_secret(
    web: Web, monkeypatch: pytest.MonkeyPatch, key: str, warned: bool
) -> None:
    monkeypatch.setenv("DONDOC_SECRET_KEY", key)
    assert any("ngắn hơn 32" in what for what in said_by_the_doctor(web)) is warned


def test_the_doctor_warns_of_an_open_line(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for url, warned in (
        ("http://dondoc.example", True),
        ("http://127.0.0.1:8000", False),
        ("https://a.example", False),
    ):
        monkeypatch.setenv("DONDOC_BASE_URL", url)
        assert any("không mã hóa" in what for what in said_by_the_doctor(web)) is warned
