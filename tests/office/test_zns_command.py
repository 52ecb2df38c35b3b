"""``dondoc zns``: keeping a key, and how the channel stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.store.access import audit_reading
from engine.store.database import open_engine, reading, writing
from engine.store.messages import channel_states
from engine.store.messages.channel_states import STOPPED, ChannelState
from tests.cli.command_line import Answer, dondoc
from tests.far_end.zalo import SECRET, Zalo, zalo
from tests.office.offices import Office

KEY = "a secret of the installation, long enough"


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zalo]:
    monkeypatch.setenv("DONDOC_SECRET_KEY", KEY)
    with zalo() as running:
        for name, value in running.settings().items():
            monkeypatch.setenv(f"DONDOC_{name.upper()}", value)
        yield running


def give(office: Office, typed: str) -> Answer:
    return dondoc("zns", "token", "--home", office.home, stdin=typed.encode())


def stop(office: Office) -> None:
    now = datetime.now(UTC)
    engine = open_engine(f"sqlite:///{office.home / 'dondoc.db'}")
    with writing(engine) as connection:
        channel_states.note_used(connection, ["zns"], now)
        found = ChannelState("zns", STOPPED, None, 1, -124, "Mã không còn dùng được", now, None, None)
        channel_states.put(connection, found)
    engine.dispose()


def state(office: Office) -> str:
    listed = office.good("channels", "list", "--json").json
    return str(next(each["state"] for each in listed if each["channel"] == "zns"))


def test_without_settings_what_is_missing_is_named(office: Office) -> None:
    found = office("zns", "status")
    assert found.status == 1
    assert "DONDOC_ZNS_APP_ID" in found.err


def test_without_a_secret_key_nothing_is_kept(
    office: Office, far_end: Zalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DONDOC_SECRET_KEY")
    found = give(office, "refresh-0\n")
    assert found.status == 1
    assert "DONDOC_SECRET_KEY" in found.err


def test_before_any_key_the_first_step_is_named(office: Office, far_end: Zalo) -> None:
    found = office("zns", "status")
    assert found.status == 1
    assert "dondoc zns token" in found.err


@pytest.mark.parametrize("typed", ["", "\n", "two words\n", "x" * 4001])
def test_what_is_no_key_is_refused(office: Office, far_end: Zalo, typed: str) -> None:
    found = give(office, typed)
    assert found.status == 1
    assert "Chưa có mã làm mới" in found.err


def test_a_key_is_kept_out_of_sight_and_lets_the_channel_go_on(office: Office, far_end: Zalo) -> None:
    stop(office)
    assert state(office) == "stopped"
    kept = give(office, "refresh-0\n")
    assert kept.status == 0
    assert state(office) == "open"
    before = office.good("zns", "status", "--no-ask")
    assert "mã truy cập được xin khi gửi tin đầu tiên" in before.out
    assert far_end.refreshes == []
    asked = office.good("zns", "status")
    assert "Hôm nay còn gửi được" in asked.out
    assert far_end.refreshes == ["refresh-0"]
    assert "tự xin mã mới" in office.good("zns", "status", "--no-ask").out
    said = "".join(run.out + run.err for run in (kept, before, asked))
    assert not [secret for secret in ("refresh-0", far_end.access, far_end.refresh, SECRET) if secret in said]
    content = (office.home / "dondoc.db").read_bytes()
    assert not [secret for secret in (b"refresh-0", far_end.refresh.encode()) if secret in content]
    engine = open_engine(f"sqlite:///{office.home / 'dondoc.db'}")
    with reading(engine) as connection:
        log = audit_reading.actions(connection)
    engine.dispose()
    assert "channel.key" in log


def test_a_quota_without_numbers_is_said_in_words(office: Office, far_end: Zalo) -> None:
    give(office, "refresh-0\n")
    far_end.will("quota", 0)  # "no error", and nothing else
    assert "ZNS không cho biết" in office.good("zns", "status").out


def test_a_key_that_zalo_refuses_stays_told(office: Office, far_end: Zalo) -> None:
    assert give(office, "a-token-of-three-months-ago\n").status == 0
    for _ in range(2):
        found = office("zns", "status")
        assert found.status == 1
        assert "dondoc zns token" in found.err
        assert "three-months" not in found.err
    assert len(far_end.refreshes) <= 1
