"""What the doctor says of each way to send, and of who watches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from engine.installation import doctor_channels
from engine.installation.doctor_channels import channels, watching
from engine.installation.examined import Examined
from engine.installation.opening import Installation, open_installation
from engine.store.database import reading, writing
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import RESTING, STOPPED, ChannelState
from engine.store.messages.refusals import Refusal
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, Contact
from engine.store.tables import TokenRow
from tests.office.offices import NOI_VU, VAN_HOA, Office
from tests.watching.watcher import Watcher, watcher

NOW = datetime(2023, 6, 15, 3, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"


@contextmanager
def installed(office: Office, **settings: object) -> Iterator[Installation]:
    """The installation with settings over those of its home; ``channels`` are e-mail at a closed port."""
    found = open_installation(office.home)
    values = {"smtp_url": "smtp://127.0.0.1:1?from=d@thu.example", **settings.pop("channels", {})}  # type: ignore[dict-item]
    try:
        more = {"channels": values, "smtp_url": values["smtp_url"], **settings}
        yield replace(found, settings=replace(found.settings, **more))  # type: ignore[arg-type]
    finally:
        found.engine.dispose()


def said(found: Iterator[Examined], words: str) -> Examined:
    """The one finding with these words."""
    [one] = [each for each in found if words in each.what]
    return one


def put(installation: Installation, state: ChannelState) -> None:
    with writing(installation.engine) as connection:
        channel_states.note_used(connection, [state.channel], NOW)
        channel_states.put(connection, state)


def queue(installation: Installation, made: datetime) -> None:
    """A message that waits since then."""
    at = made.strftime("%Y-%m-%d %H:%M:%S.%f")
    with writing(installation.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO message (id, channel, address, recipient, day, subject, text, html, facts,"
                " copies, created_at, state, not_before, attempts, failures, in_doubt)"
                " VALUES (:at, 'email', :at, 'u', '2023-06-15', 's', 't', 'h', '', 0, :at, 'queued', :at,"
                " 0, 0, 0)"
            ),
            {"at": at},
        )


def test_a_channel_that_stopped_is_an_error_with_its_reason_and_the_way_on(office: Office) -> None:
    with installed(office) as installation:
        detail = "Máy chủ thư không nhận tên và mật khẩu"
        put(installation, ChannelState("email", STOPPED, None, 1, 535, detail, NOW, None, None))
        queue(installation, NOW - timedelta(hours=2))
        found = said(channels(installation, NOW), "đã dừng")
    assert found.level == "error"
    assert found.what == (
        f"Kênh Thư điện tử đã dừng từ 10:00 15/06/2023: {detail}; chưa gửi được tin nào; "
        "1 tin đang chờ, cũ nhất từ 08:00 15/06/2023"
    )
    assert "dondoc channels resume email" in found.hint


def test_a_rest_is_a_warning_until_it_is_over(office: Office) -> None:
    with installed(office) as installation:
        until = NOW + timedelta(minutes=10)
        put(installation, ChannelState("email", RESTING, until, 3, 421, "Quá tải", NOW, None, None))
        assert said(channels(installation, NOW), "đang nghỉ").level == "warning"
        assert "đến 10:10 15/06/2023" in said(channels(installation, NOW), "đang nghỉ").what
        assert said(channels(installation, until), "Kênh Thư điện tử đang dùng").level == "ok"


@pytest.mark.parametrize(
    ("age", "level"), [(timedelta(days=1), "ok"), (timedelta(days=1, minutes=1), "warning")]
)
def test_what_waits_too_long_shows(office: Office, age: timedelta, level: str) -> None:
    with installed(office) as installation:
        queue(installation, NOW - age)
        assert said(channels(installation, NOW), "Kênh Thư điện tử đang dùng").level == level


def test_quota_refusals_and_people_without_a_way_are_counted(office: Office) -> None:
    with installed(office) as installation:
        put(installation, ChannelState("email", "open", None, 0, None, "", NOW, 49, NOW))
        with writing(installation.engine) as connection:
            known = [
                Contact(NOI_VU, HEAD, "A", "a@thu.example"),
                Contact(NOI_VU, HEAD, "B", "", phone="84900000001"),
                Contact(VAN_HOA, HEAD, "C", "c@thu.example"),
            ]
            contacts.replace_all(connection, known, {NOI_VU, VAN_HOA})
            refusals.record(connection, Refusal("email", "c@thu.example", 550, "", "", NOW))
        found = list(channels(installation, NOW))
    assert said(iter(found), "hôm nay còn gửi được 49 tin").level == "warning"
    assert said(iter(found), "1 địa chỉ bị kênh Thư điện tử từ chối").level == "warning"
    assert said(iter(found), "2 người trong danh bạ không có kênh nào tới được").level == "warning"
    assert not [each for each in found if "@thu.example" in each.what or "84900000001" in each.what]


TOKENS = [
    (None, "chưa có khóa nào", "error"),
    ({"refresh": "x", "trouble": "Zalo không nhận refresh token"}, "Zalo không nhận refresh token", "error"),
    ({"refresh": "x", "changed_at": NOW - timedelta(days=75)}, "tự đổi mới", "ok"),
    ({"refresh": "x", "changed_at": NOW - timedelta(days=76)}, "sắp hết hạn", "warning"),
    ({"refresh": "x", "changed_at": NOW - timedelta(days=90)}, "đã hết hạn", "error"),
]


@pytest.mark.parametrize(("row", "words", "level"), TOKENS)
def test_the_keys_of_zns_are_looked_at(
    office: Office, row: dict[str, object] | None, words: str, level: str
) -> None:
    with installed(office, secret_key=KEY) as installation:
        if row is not None:
            values = {"channel": "zns", "access": "", "expires_at": NOW, "changed_at": NOW, "trouble": ""}
            with writing(installation.engine) as connection:
                connection.execute(insert(TokenRow).values(**{**values, "seed_hash": "", **row}))
        with reading(installation.engine) as connection:
            [found] = doctor_channels._zns_token(connection, installation, NOW)
    assert (found.level, words in found.what) == (level, True)


def test_zns_without_the_installations_own_key_is_an_error(office: Office) -> None:
    with installed(office) as installation, reading(installation.engine) as connection:
        [found] = doctor_channels._zns_token(connection, installation, NOW)
    assert (found.level, "secret_key" in found.what) == ("error", True)


def bot(far_end: Watcher, **more: str) -> dict[str, str]:
    api = f"http://127.0.0.1:{far_end.port}"
    return {"zalo_bot_token": "1:khoa-bi-mat", "zalo_bot_api": api, **more}


def http(body: dict[str, object]) -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def test_the_bot_is_asked_for_its_name_and_how_codes_arrive_is_said(office: Office) -> None:
    with watcher() as far_end:
        far_end.answer = http({"ok": True, "result": {"account_name": "Bot Đôn đốc"}})
        found = list(doctor_channels._zalo_bot(bot(far_end), None))
        assert [(each.level, each.what) for each in found] == [
            ("ok", "Bot Zalo trả lời: Bot Đôn đốc"),
            ("ok", "Mã ghép nối Zalo được nhận bằng cách hỏi máy chủ Zalo (cần dondoc run)"),
        ]
        hook = bot(far_end, zalo_bot_webhook_secret="tam-ky-tu-tro-len")
        assert list(doctor_channels._zalo_bot(hook, "http://don-doc.example"))[1].level == "error"
        assert list(doctor_channels._zalo_bot(hook, None))[1].level == "error"
        assert list(doctor_channels._zalo_bot(hook, "https://don-doc.example"))[1].level == "ok"
        short = bot(far_end, zalo_bot_webhook_secret="ngan")
        assert list(doctor_channels._zalo_bot(short, "https://don-doc.example"))[1].level == "error"


def test_a_bot_that_is_refused_is_an_error_without_its_token(office: Office) -> None:
    with watcher() as far_end:
        far_end.answer = http({"ok": False, "error_code": 401, "description": "Unauthorized"})
        found = next(doctor_channels._zalo_bot(bot(far_end), None))
    assert found.level == "error"
    assert "khoa-bi-mat" not in found.what + found.hint


def test_a_watcher_is_looked_for_but_gets_no_sign_of_life(office: Office) -> None:
    with watcher() as far_end, installed(office, ping_url=far_end.url) as installation:
        [found] = watching(installation, NOW)
        assert (found.level, far_end.asked) in [("ok", []), ("ok", [""])]
    assert "bi-mat" not in found.what
    with installed(office, ping_url="http://127.0.0.1:1/bi-mat") as installation:
        [found] = watching(installation, NOW)
    assert found.level == "warning"
    assert "bi-mat" not in found.what + found.hint
