"""For machines that watch: /healthz and /metrics."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families  # noqa: TID251 - reads what was shown
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from engine.overdue import overdue_rows
from engine.store import views
from engine.store.database import reading, writing
from engine.store.messages import refusals
from engine.store.messages.refusals import Refusal
from engine.store.tables import ChannelStateRow
from engine.watching.metrics import exposition
from engine.watching.pulse import LONGEST_SILENCE, Pulse
from tests.web.desk_scene import make_morning, opened
from tests.web.sites import THURSDAY, Web
from web.app import create_app
from web.site import Site

TOKEN = "chi-may-chu-theo-doi-biet"
BEARER = {"authorization": f"Bearer {TOKEN}"}
HERE, ELSEWHERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)

Found = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One message arrived, one was refused, one was cut off, others have no address; e-mail is set up."""
    home = tmp_path_factory.mktemp("metrics") / "home"
    make_morning(home)
    with opened(home) as web:
        web.site.settings = replace(web.site.settings, channels={"smtp_url": "smtp://127.0.0.1:1"})
        yield web


def visit(web: Web, client: tuple[str, int], headers: Mapping[str, str | bytes] | None = None) -> int:
    browser = TestClient(create_app(web.site), client=client, raise_server_exceptions=False)
    with browser:
        return browser.get("/metrics", headers=headers or {}).status_code  # type: ignore[arg-type]


def figures(web: Web) -> Found:
    """Every sample by name and labels."""
    with reading(web.site.engine) as connection:
        said = exposition(connection, ["email"], web.clock.now).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


def of(found: Found, name: str, **labels: str) -> float:
    return found[f"dondoc_{name}", tuple(sorted(labels.items()))]


# --- /healthz --------------------------------------------------------------------------------------------


def test_health_tells_of_the_last_pass_by_whatever_process(morning: Web) -> None:
    answer = morning.visitor().get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": True, "last_pass": THURSDAY.isoformat()}


@pytest.mark.parametrize(
    ("silence", "status", "said"),
    [
        (LONGEST_SILENCE, 200, "ok"),
        (LONGEST_SILENCE + timedelta(seconds=1), 503, "scheduler"),
    ],
)
def test_a_scheduler_that_is_stuck_shows(web: Web, silence: timedelta, status: int, said: str) -> None:
    pulse = Pulse(THURSDAY - timedelta(days=1))
    site = Site(web.site.home, web.clock, pulse)
    pulse.beat(THURSDAY)
    pulse.beat(THURSDAY - timedelta(hours=3))  # a pass that began earlier ends later
    web.clock.now = THURSDAY + silence
    answer = TestClient(create_app(site)).get("/healthz")
    site.engine.dispose()
    assert (answer.status_code, answer.json()["status"]) == (status, said)


def test_a_page_without_a_scheduler_does_not_answer_for_one(web: Web) -> None:
    web.clock.now = THURSDAY + timedelta(days=9)
    assert web.visitor().get("/healthz").json()["status"] == "ok"


def test_a_database_that_is_gone_is_said(web: Web) -> None:
    web.site.engine.dispose()
    (web.site.home / "dondoc.db").write_bytes(b"kein Datenbank" * 100)
    for more in web.site.home.glob("dondoc.db-*"):
        more.unlink()
    answer = web.visitor().get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "database")


# --- who may read the figures ----------------------------------------------------------------------------


def test_without_a_token_only_this_machine_reads(morning: Web) -> None:
    assert visit(morning, HERE) == 200
    assert visit(morning, ("::1", 1)) == 200
    assert visit(morning, ELSEWHERE) == 404
    assert visit(morning, HERE, BEARER) == 200
    assert visit(morning, ELSEWHERE, BEARER) == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Proto"])
def test_what_a_server_in_front_passes_on_is_not_this_machine(morning: Web, header: str) -> None:
    assert visit(morning, HERE, {header: "127.0.0.1"}) == 404


@pytest.fixture
def guarded(morning: Web) -> Iterator[Web]:
    before = morning.site.settings
    morning.site.settings = replace(before, metrics_token=TOKEN)
    yield morning
    morning.site.settings = before


def test_with_a_token_whoever_knows_it_reads(guarded: Web) -> None:
    assert visit(guarded, ELSEWHERE, BEARER) == 200
    assert visit(guarded, HERE) == 404
    for wrong in ("", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ố"):
        assert visit(guarded, HERE, {"authorization": wrong.encode()}) == 404, wrong


def test_the_answer_is_in_the_form_of_prometheus(guarded: Web) -> None:
    answer = guarded.visitor().get("/metrics", headers=BEARER)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(r'^dondoc_messages\{channel="email",state="failed"\} 1\.0$', answer.text, re.MULTILINE)
    assert "process_resident_memory_bytes" in answer.text or not Path("/proc").exists()


# --- what they say ---------------------------------------------------------------------------------------


def test_figures_say_what_the_database_holds(morning: Web) -> None:
    found = figures(morning)
    assert of(found, "messages", channel="email", state="failed") == 1
    assert of(found, "messages", channel="email", state="unknown") == 1
    assert of(found, "messages", channel="email", state="waiting") == 0
    assert of(found, "deliveries_last_day", channel="email", outcome="sent") == 1
    assert of(found, "deliveries_last_day", channel="email", outcome="permanent") == 1
    assert of(found, "deliveries_last_day", channel="email", outcome="unknown") == 1
    assert of(found, "channel_state", channel="email", state="open") == 1
    assert of(found, "last_pass_timestamp_seconds") == THURSDAY.timestamp()
    with reading(morning.site.engine) as connection:
        stuck, still_open = connection.execute(
            text(
                "SELECT (SELECT count(DISTINCT address) FROM message WHERE state = 'no_channel'),"
                " (SELECT count(*) FROM assignment WHERE open)"
            )
        ).one()
    assert of(found, "recipients_unreachable") == stuck > 0
    assert of(found, "assignments_open") == still_open > 0


def test_overdue_is_what_the_overdue_list_counts(morning: Web) -> None:
    site = morning.site
    with reading(site.engine) as connection:
        tracked = views.tracked(connection, site.registry, only_open=False)
        listed = overdue_rows(tracked, site.book(connection), site.calendar, site.today(), {})
    assert of(figures(morning), "assignments_overdue") == len(listed) > 0


def test_waiting_resting_cost_and_refusals_are_counted(web: Web) -> None:
    now = web.clock.now
    with writing(web.site.engine) as connection:
        message = (
            "INSERT INTO message (id, channel, address, recipient, day, subject, text, html, facts, copies,"
            " created_at, state, not_before, attempts, failures, in_doubt) VALUES (:id, 'email', :id, 'u',"
            " :day, 's', 't', 'h', '', 0, :at, 'queued', :at, 0, 0, 0)"
        )
        for id, hours in (("a", 5), ("b", 2)):
            at = (now - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f")
            connection.execute(text(message), {"id": id, "day": "2023-06-15", "at": at})
        attempt = (
            "INSERT INTO delivery (message, attempt, started_at, outcome, detail, reference, cost)"
            " VALUES ('a', :n, :at, 'sent', '', '', 300)"
        )
        # The month begins at midnight in Viet Nam: 17:00 UTC of the day before.
        for n, at in ((1, "2023-05-31 16:59:59.000000"), (2, "2023-05-31 17:00:00.000000")):
            connection.execute(text(attempt), {"n": n, "at": at})
        rests = {"state": "resting", "until": now + timedelta(minutes=5), "remaining": 7, "remaining_at": now}
        row = {"channel": "email", "failures": 3, "detail": "", "changed_at": now, **rests}
        connection.execute(insert(ChannelStateRow), row)
        refusals.record(connection, Refusal("email", "x@thu.test", 550, "", "a", now))
    found = figures(web)
    assert of(found, "messages", channel="email", state="waiting") == 2
    assert of(found, "message_oldest_waiting_seconds", channel="email") == 5 * 3600
    assert of(found, "cost_this_month_dong", channel="email") == 300
    assert of(found, "addresses_refused", channel="email") == 1
    assert of(found, "channel_remaining", channel="email") == 7
    states = [of(found, "channel_state", channel="email", state=s) for s in ("open", "resting", "stopped")]
    assert states == [0, 1, 0]
    web.clock.advance(minutes=5)  # the rest is over: one message may try
    assert of(figures(web), "channel_state", channel="email", state="open") == 1
    web.clock.advance(days=1)
    assert ("dondoc_channel_remaining", (("channel", "email"),)) not in figures(web)


def test_no_label_and_no_help_holds_a_person_or_a_unit(morning: Web) -> None:
    with reading(morning.site.engine) as connection:
        said = exposition(connection, ["email"], morning.clock.now).decode()
        known = connection.execute(text("SELECT unit, email, name FROM contact")).all()
    ours = [line for line in said.splitlines() if line.startswith("dondoc_")]
    assert known
    assert not [word for row in known for word in row if any(word in line for line in ours)]
    labels = {label for line in ours for label in re.findall(r'="([^"]*)"', line)}
    assert labels <= {
        *("email", "other", "open", "resting", "stopped", "waiting", "sending", "failed"),
        *("unknown", "sent", "temporary", "permanent"),
    }


def test_a_scrape_is_quick_also_with_many_messages(web: Web) -> None:
    """20,000 settled messages with long words: a scrape reads indexes and not the words."""
    with writing(web.site.engine) as connection:
        connection.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                " INSERT INTO message (id, channel, address, recipient, day, subject, text, html, facts,"
                " copies, created_at, state, not_before, attempts, failures, in_doubt)"
                " SELECT 'm' || i, 'email',"
                " 'a' || i, 'u', '2023-01-02', 's', hex(zeroblob(1500)), hex(zeroblob(1500)), '', 0,"
                " '2023-01-02 03:00:00.000000', iif(i % 20, 'sent', 'failed'), '2023-01-02 03:00:00.000000',"
                " 1, 0, 0 FROM n"
            )
        )
    began = time.perf_counter()
    figures(web)
    assert time.perf_counter() - began < 0.5
