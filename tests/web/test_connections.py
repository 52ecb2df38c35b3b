"""The administrator's page of connections: keys, calendar feeds, webhooks, what was given up."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.model.access import Role
from engine.model.event import Event, EventKind
from engine.store import views, webhooks
from engine.store.access import audit, keys, links
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.tables import AuditRow, WebhookCallRow
from engine.webhooks.signature import secret_of
from tests.web.sites import Browser, Web

SECRET_KEY = "khoa-bi-mat-cua-phan-mem"
COMMUNE = "hai-phong.an-duong.an-hung"

_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]
_CALL = WebhookCallRow.__table__  # type: ignore[attr-defined]


@pytest.fixture
def boss(web: Web) -> Browser:
    """The administrator of a site that can sign."""
    web.site.settings = replace(web.site.settings, secret_key=SECRET_KEY, base_url="http://testserver")
    return web.signed_in(Role.ADMINISTRATOR)


def words(answer: Any) -> str:
    """What a reader sees: no markup, one blank between words."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def secret_on(answer: Any) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', answer.text)
    assert found is not None, answer.text
    return html.unescape(found[1])


def acts(web: Web) -> list[tuple[str, str]]:
    with reading(web.site.engine) as connection:
        rows = connection.execute(select(_AUDIT.c.action, _AUDIT.c.subject).order_by(_AUDIT.c.id))
        return [(action, subject) for action, subject in rows if not action.startswith("sign_in")]


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.MANAGER, Role.LEADER])
def test_only_the_administrator_opens_it(web: Web, role: Role) -> None:
    assert web.signed_in(role).client.get("/ket-noi").status_code == 403


def test_a_key_is_shown_once_works_and_is_revoked(web: Web, boss: Browser) -> None:
    form = {
        "ten": "Hệ thống <b>văn bản</b>",
        "quyen": ["read", "submit"],
        "don_vi": "UBND xã An Hưng (huyện An Dương)",
    }
    made: Any = boss.post("/ket-noi/khoa", {**form, "thoi_han": "90"})
    assert made.status_code == 200
    secret = secret_on(made)
    assert secret.startswith("dondoc_")
    again = boss.client.get("/ket-noi")
    assert secret not in again.text
    assert "Hệ thống <b>văn bản</b>" in words(again)
    assert "<b>văn bản</b>" not in again.text
    assert "đọc nhiệm vụ; gửi cập nhật tiến độ" in words(again)
    headers = {"authorization": f"Bearer {secret}"}
    rows = web.visitor().get("/api/v1/assignments", headers=headers).json()["items"]
    assert {row["unit"] for row in rows} == {COMMUNE}

    with reading(web.site.engine) as connection:
        (key,) = keys.all_keys(connection)
    assert key.expires_at is not None
    assert (key.expires_at - web.clock.now).days == 90
    gone: Any = boss.post(f"/ket-noi/khoa/{key.id}/thu-hoi")
    assert (gone.status_code, gone.headers["location"]) == (303, "/ket-noi?da=thu-hoi-khoa")
    assert web.visitor().get("/api/v1/plans", headers=headers).status_code == 401
    twice: Any = boss.post(f"/ket-noi/khoa/{key.id}/thu-hoi")
    assert twice.headers["location"] == "/ket-noi?da=khong-con"
    assert acts(web) == [("key.add", f"key:{key.id}"), ("key.revoke", f"key:{key.id}")]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"ten": "", "quyen": "read", "thoi_han": "90"}, "Hãy ghi tên hệ thống"),
        ({"ten": "A", "thoi_han": "90"}, "Hãy chọn ít nhất một quyền"),
        ({"ten": "A", "quyen": "root", "thoi_han": "90"}, "Hãy chọn ít nhất một quyền"),
        ({"ten": "A", "quyen": "read", "thoi_han": "99999"}, "Hãy chọn thời hạn"),
        ({"ten": "A", "quyen": "read", "thoi_han": "90", "don_vi": "xã <Mây>"}, "Không có đơn vị"),
        ({"ten": "A\x07", "quyen": "read", "thoi_han": "90"}, "ký tự không dùng được"),
    ],
)
def test_a_key_that_cannot_be_made_comes_back_with_what_was_typed(
    web: Web, boss: Browser, form: dict[str, object], message: str
) -> None:
    answer: Any = boss.post("/ket-noi/khoa", form)
    assert answer.status_code == 422
    assert message in words(answer)
    assert "<Mây>" not in answer.text
    if "don_vi" in form:
        assert 'value="xã &lt;Mây&gt;"' in answer.text
    with reading(web.site.engine) as connection:
        assert keys.all_keys(connection) == []


def test_a_form_without_its_key_changes_nothing(web: Web, boss: Browser) -> None:
    answer = boss.client.post("/ket-noi/khoa", data={"ten": "A", "quyen": "read", "thoi_han": "90"})
    assert answer.status_code == 403
    with reading(web.site.engine) as connection:
        assert keys.all_keys(connection) == []


def test_a_feed_is_made_for_several_units_and_revoked(web: Web, boss: Browser) -> None:
    form: dict[str, object] = {"cac_don_vi": f"{COMMUNE}\r\n\r\nUBND xã An Đồng", "ten_lich": "Hai xã"}
    made: Any = boss.post("/ket-noi/lich", form)
    address = secret_on(made)
    assert re.fullmatch(r"http://testserver/lich/[\w-]{43}\.ics", address)
    assert "BEGIN:VCALENDAR" in web.visitor().get(address).text
    assert "UBND xã An Hưng (huyện An Dương); UBND xã An Đồng" in words(made)
    (number,) = re.findall(r"/ket-noi/lich/(\d+)/thu-hoi", boss.client.get("/ket-noi").text)
    boss.post(f"/ket-noi/lich/{number}/thu-hoi")
    assert web.visitor().get(address).status_code == 404
    assert acts(web) == [("feed.add", f"link:{number}"), ("feed.revoke", f"link:{number}")]
    wrong: Any = boss.post("/ket-noi/lich", {"cac_don_vi": f"{COMMUNE}\nxã Mây"})
    assert wrong.status_code == 422
    assert "xã Mây</textarea>" in wrong.text


def test_the_page_revokes_calendars_only(web: Web, boss: Browser) -> None:
    with writing(web.site.engine) as connection:
        token = links.make(connection, [COMMUNE], "", "", now=web.clock.now)
        link = links.find(connection, token, web.clock.now)
    assert link is not None
    answer: Any = boss.post(f"/ket-noi/lich/{link.id}/thu-hoi")
    assert answer.headers["location"] == "/ket-noi?da=khong-con"
    with reading(web.site.engine) as connection:
        assert links.find(connection, token, web.clock.now) is not None


def test_a_webhook_shows_its_secret_and_ends(web: Web, boss: Browser) -> None:
    url = "https://van-ban.example/nhan?ma=bi-mat"
    made: Any = boss.post("/ket-noi/webhook", {"dia_chi": url, "loai": ["done", "confirm"]})
    with reading(web.site.engine) as connection:
        (webhook,) = webhooks.active(connection, web.clock.now)
        logged = connection.execute(select(_AUDIT.c.after)).scalars().all()
        assert audit.first_broken(connection) is None
    assert secret_on(made) == secret_of(SECRET_KEY, webhook.id)
    assert webhook.kinds == {EventKind.DONE, EventKind.CONFIRM}
    assert "bi-mat" not in "".join(logged)
    assert "bi-mat" not in boss.client.get("/ket-noi").text
    boss.post(f"/ket-noi/webhook/{webhook.id}/dung")
    assert "Chưa có webhook nào" in words(boss.client.get("/ket-noi"))


@pytest.mark.parametrize(
    "url",
    ["http://van-ban.example/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "javascript:alert(1)"],
)
def test_a_webhook_to_a_place_that_must_not_be_called_is_refused(web: Web, boss: Browser, url: str) -> None:
    answer: Any = boss.post("/ket-noi/webhook", {"dia_chi": url})
    assert answer.status_code == 422
    assert f'value="{url}"' in answer.text
    with reading(web.site.engine) as connection:
        assert webhooks.active(connection, web.clock.now) == []


def test_without_a_secret_key_there_are_no_webhooks(web: Web) -> None:
    answer: Any = web.signed_in(Role.ADMINISTRATOR).post(
        "/ket-noi/webhook", {"dia_chi": "https://a.example/"}
    )
    assert answer.status_code == 422
    assert "DONDOC_SECRET_KEY" in words(answer)


def test_what_was_given_up_is_shown_and_called_again(web: Web, boss: Browser) -> None:
    boss.post("/ket-noi/webhook", {"dia_chi": "https://van-ban.example/nhan"})
    with writing(web.site.engine) as connection:
        found = [
            t.promise.id
            for t in views.tracked(connection, web.site.registry, plan="thach-chau-15-2023", only_open=True)
            if t.standing.state.value == "not_started"
        ][:2]
        events = [Event(id, EventKind.RECEIVED, web.clock.now) for id in found]
        record(connection, events, web.site.calendar, web.clock.now)
        connection.execute(
            update(_CALL).values(
                state="failed", attempts=8, detail="Máy nhận trả lời 500", ended_at=web.clock.now
            )
        )
    shown = boss.client.get("/ket-noi")
    assert "Tin không gửi được (2)" in words(shown)
    assert "Máy nhận trả lời 500" in words(shown)
    assert all(id in shown.text for id in found)
    first = re.findall(r"/ket-noi/tin-hong/(\d+)/goi-lai", shown.text)[0]
    boss.post(f"/ket-noi/tin-hong/{first}/goi-lai")
    assert "Tin không gửi được (1)" in words(boss.client.get("/ket-noi"))
    boss.post("/ket-noi/tin-hong/goi-lai")
    after = boss.client.get("/ket-noi?da=goi-lai")
    assert "Không có tin nào hỏng" in words(after)
    assert "Đã xếp hàng để gọi lại" in words(after)
    with reading(web.site.engine) as connection:
        calls = {tuple(row) for row in connection.execute(select(_CALL.c.state, _CALL.c.attempts))}
    assert calls == {("queued", 0)}
    none: Any = boss.post("/ket-noi/tin-hong/goi-lai")
    assert none.headers["location"] == "/ket-noi?da=khong-con"
