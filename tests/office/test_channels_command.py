"""``dondoc channels``: how the ways to send are, and letting one go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.store.database import open_engine, writing
from engine.store.messages import channel_states
from engine.store.messages.channel_states import RESTING, STOPPED, ChannelState
from tests.office.offices import Office

DETAIL = "Máy chủ thư không nhận tên và mật khẩu"


def put(office: Office, state: str, *, until: datetime | None = None, remaining: int | None = None) -> None:
    """Brings the e-mail channel into a state, as sending would."""
    now = datetime.now(UTC)
    said_at = now if remaining is not None else None
    engine = open_engine(f"sqlite:///{office.home / 'dondoc.db'}")
    with writing(engine) as connection:
        channel_states.note_used(connection, ["email"], now)
        found = ChannelState("email", state, until, 3, 535, DETAIL, now, remaining, said_at)
        channel_states.put(connection, found)
    engine.dispose()


@pytest.fixture(autouse=True)
def mail_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_SMTP_URL", "smtp://127.0.0.1:1?from=dondoc@thu.example")


def test_a_channel_that_is_well_says_so(office: Office) -> None:
    [email] = office.good("channels", "list", "--json").json
    assert (email["channel"], email["state"], email["configured"]) == ("email", "open", True)
    assert (email["waiting"], email["unknown"], email["cost_this_month"]) == (0, 0, 0)
    assert "đang dùng" in office.good("channels", "list").out
    assert office.good("channels").out == office.good("channels", "list").out


def test_without_any_channel_the_first_step_is_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DONDOC_SMTP_URL")
    assert "DONDOC_SMTP_URL" in office.good("channels", "list").out
    assert office.good("channels", "list", "--json").json == []


def test_what_stopped_a_channel_and_what_to_do_is_said(office: Office) -> None:
    put(office, STOPPED, remaining=12)
    shown = office.good("channels", "list").out
    assert "đã dừng" in shown
    assert DETAIL in shown
    assert "→ Kiểm tra DONDOC_SMTP_URL" in shown
    [email] = office.good("channels", "list", "--json").json
    assert (email["state"], email["code"], email["detail"], email["remaining"]) == (
        "stopped",
        535,
        DETAIL,
        12,
    )


@pytest.mark.parametrize("state", [RESTING, STOPPED])
def test_a_person_lets_it_go_on_and_the_audit_log_says_so(office: Office, state: str) -> None:
    put(office, state, until=datetime.now(UTC) + timedelta(hours=1) if state == RESTING else None)
    assert "Thư điện tử hoạt động lại" in office.good("channels", "resume", "email").out
    assert office.rows("SELECT state, failures, detail FROM channel_state") == [("open", 0, "")]
    [row] = office.rows("SELECT action, actor_name, subject FROM audit")
    assert row == ("channel.resume", "dòng lệnh", "channel:email")


def test_a_rest_that_is_over_is_none(office: Office) -> None:
    put(office, RESTING, until=datetime.now(UTC) - timedelta(seconds=1))
    [email] = office.good("channels", "list", "--json").json
    assert (email["state"], email["detail"], email["advice"]) == ("open", "", "")


def test_resuming_what_runs_changes_nothing(office: Office) -> None:
    before = office.content()
    assert "không có gì phải làm" in office.good("channels", "resume", "EMAIL").out
    assert office.content() == before


def test_an_unknown_name_is_refused_with_the_nearest(office: Office) -> None:
    assert "Có phải là: email?" in office.refused("channels", "resume", "emali")
    assert "Các kênh: " in office.refused("channels", "resume", "bo-cau")
