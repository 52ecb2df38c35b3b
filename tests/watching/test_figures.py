"""What is counted of each channel, on both databases."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from engine.store.database import reading, writing
from engine.store.messages import channel_figures as figures
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import RESTING, STOPPED, ChannelState
from engine.store.messages.desk import DeskState
from engine.store.messages.refusals import Refusal
from engine.store.tables import DeliveryRow, MessageRow
from engine.tick import TickResult
from engine.watching.channels import channels_now
from engine.watching.log import did_something, pass_line, quiet_libraries, state_lines
from engine.watching.metrics import exposition
from tests.cast import plan, task
from tests.tick.desk import desk_with

NOW = datetime(2023, 6, 15, 3, tzinfo=UTC)
MONDAY = date(2023, 4, 3)  # one working day late
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2023, 6, 14, 17, tzinfo=UTC)  # in Viet Nam


def message(store: Engine, id: str, channel: str, state: str, **more: Any) -> None:
    """One message, made an hour ago."""
    values = {
        "id": id,
        "channel": channel,
        "address": f"{id}@thu.test",
        "recipient": "u",
        "day": date(2023, 6, 15),
        "subject": "s",
        "text": "t",
        "html": "h",
        "facts": "",
        "copies": False,
        "created_at": NOW - HOUR,
        "state": state,
        "not_before": NOW,
        "attempts": 1,
        "failures": 0,
        "in_doubt": False,
        **more,
    }
    with writing(store) as connection:
        connection.execute(insert(MessageRow), values)


def attempt(store: Engine, of: str, outcome: str, at: datetime, cost: int = 0) -> None:
    values = {"message": of, "attempt": 1, "started_at": at, "outcome": outcome, "cost": cost}
    with writing(store) as connection:
        connection.execute(insert(DeliveryRow), {**values, "detail": "", "reference": ""})


def test_each_channel_is_counted_apart(store: Engine) -> None:
    message(store, "a", "email", "queued")
    message(store, "b", "email", "queued", created_at=NOW - 5 * HOUR)
    message(store, "c", "email", "queued", created_at=NOW - 9 * HOUR, in_doubt=True)
    message(store, "d", "zns", "failed", in_doubt=True)
    message(store, "e", "email", "sent", sent_at=MIDNIGHT)
    message(store, "f", "email", "sent", sent_at=MIDNIGHT - timedelta(seconds=1))
    message(store, "g", "none", "no_channel", address="unit:x")
    message(store, "h", "none", "no_channel", address="unit:x", day=date(2023, 6, 14))
    attempt(store, "d", "unknown", NOW - HOUR, 300)
    attempt(store, "e", "sent", NOW - 24 * HOUR)
    attempt(store, "f", "sent", NOW - 24 * HOUR - timedelta(seconds=1))
    with reading(store) as connection:
        assert {(u.channel, u.state, u.messages, u.oldest) for u in figures.unsettled(connection)} == {
            ("email", DeskState.WAITING, 2, NOW - 5 * HOUR),
            ("email", DeskState.UNKNOWN, 1, NOW - 9 * HOUR),
            ("zns", DeskState.UNKNOWN, 1, NOW - HOUR),
            ("none", DeskState.NO_ADDRESS, 2, NOW - HOUR),
        }
        assert figures.nobody_to_tell(connection) == 1
        assert figures.sent_since(connection, MIDNIGHT) == {"email": 1}
        assert figures.last_sent(connection, ["email", "zns"]) == {"email": MIDNIGHT}
        assert figures.attempts_since(connection, NOW - 24 * HOUR) == {
            ("zns", "unknown"): 1,
            ("email", "sent"): 1,
        }
        email, zns = channels_now(connection, ["email"], NOW)
        assert exposition(connection, ["email"], NOW)
    assert (email.name, email.waiting, email.oldest, email.in_doubt) == ("email", 2, NOW - 5 * HOUR, 1)
    assert (email.sent_today, email.cost, email.configured) == (1, 0, True)
    assert (zns.name, zns.in_doubt, zns.cost, zns.configured) == ("zns", 1, 300, False)


def test_yesterdays_quota_says_nothing_of_today(store: Engine) -> None:
    with writing(store) as connection:
        channel_states.note_used(connection, ["zns"], NOW)
        found = ChannelState("zns", "open", None, 0, None, "", NOW, 7, MIDNIGHT - timedelta(seconds=1))
        channel_states.put(connection, found)
        refusals.record(connection, Refusal("zns", "84900000001", -118, "", "", NOW))
        [zns] = channels_now(connection, [], NOW)
    assert (zns.remaining, zns.refused) == (None, 1)


def test_money_has_advice_of_its_own(store: Engine) -> None:
    with writing(store) as connection:
        channel_states.note_used(connection, ["zns"], NOW)
        channel_states.put(connection, ChannelState("zns", STOPPED, None, 1, -115, "", NOW, None, None))
        [zns] = channels_now(connection, [], NOW)
    assert zns.advice.startswith("Nạp tiền")


# --- the log ---------------------------------------------------------------------------------------------


def test_a_pass_in_the_log_holds_counts_and_nobody(store: Engine) -> None:
    desk = desk_with(store, [plan(task())])
    result = desk.tick(MONDAY)
    assert did_something(result)
    line = pass_line(result, 1.23456)
    assert (line["evaluated"], line["seconds"], line["sent"]) == (True, 1.235, result.sent)
    assert result.sent
    said = str(line)
    people = desk.rows("SELECT unit, email FROM contact") + desk.rows("SELECT subject, id FROM message")
    assert [word for row in people for word in row if str(word) in said] == []
    assert not did_something(desk.tick(MONDAY, minute=1))


def test_idle_passes_are_no_lines() -> None:
    assert not did_something(TickResult(NOW))
    assert did_something(TickResult(NOW, evaluated=True))
    assert did_something(TickResult(NOW, unknown=1))


def test_a_channel_that_changes_is_a_line_without_its_words() -> None:
    stopped = ChannelState("email", STOPPED, None, 1, 535, "tai-khoan@thu.test", NOW, None, None)
    resting = ChannelState("email", RESTING, NOW, 3, 421, "", NOW, None, None)
    [line] = state_lines({}, {"email": stopped})
    assert (line["channel"], line["was"], line["state"], line["code"]) == ("email", "open", "stopped", 535)
    assert "tai-khoan" not in str(line)
    assert list(state_lines({"email": stopped}, {"email": stopped})) == []
    assert [each["was"] for each in state_lines({"email": resting}, {"email": stopped})] == ["resting"]


def test_libraries_that_talk_are_kept_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    quiet_libraries()
    quiet_libraries()
    for name in ("apprise", "urllib3.connectionpool", "requests", "httpx", "httpcore.http11"):
        logger = logging.getLogger(name)
        assert not logger.isEnabledFor(logging.WARNING), name
        logger.error("bot123:khoa-bi-mat")
    assert sum(isinstance(h, logging.NullHandler) for h in logging.getLogger("apprise").handlers) == 1
    assert capsys.readouterr().err == ""
