"""Answers of Zalo, and of gateways in front of it, that a careless reader takes for something else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from notifiers import Address, Cause, Outcome, OutgoingMessage, Status
from notifiers.errors import ChannelError
from notifiers.vault import TokenPair, VaultTrouble
from notifiers.zalo import ZaloBot, outcome_of
from notifiers.zalo_errors import ZNS_ERRORS
from notifiers.zns import ZnsChannel, open_api
from tests.far_end.zalo import TEMPLATE, Zalo, zalo
from tests.notifiers.test_zalo import FACTS, Pocket


class Gateway(ThreadingHTTPServer):
    answer: tuple[int, bytes, dict[str, str]]
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Silence."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body, headers = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"ok": false, "error_code": 500}', (Status.UNKNOWN, None)),
        (200, b'{"ok": false, "error_code": 503}', (Status.UNKNOWN, None)),
        (200, b'{"ok": false, "error_code": Infinity}', (Status.UNKNOWN, None)),
        # No answer of the bot's: nobody's address is to blame for a gateway.
        (404, b'{"message": "no route"}', (Status.UNKNOWN, None)),
        (403, b'{"message": "forbidden"}', (Status.UNKNOWN, None)),
        (302, b'{"message": "moved"}', (Status.UNKNOWN, None)),
        (429, b"<html>slow down</html>", (Status.TEMPORARY, Cause.CHANNEL)),
        (404, b'{"ok": false, "error_code": 404}', (Status.PERMANENT, Cause.RECIPIENT)),
    ],
)
def test_the_bot(gateway: Gateway, status: int, body: bytes, expected: tuple[Status, Cause | None]) -> None:
    gateway.answer = (status, body, {})
    outcome = ZaloBot("1:2", f"http://127.0.0.1:{gateway.server_port}").say("4455", "Nội dung")
    assert (outcome.status, outcome.cause) == expected


@pytest.mark.parametrize(("asked", "pause"), [("90", 90), ("soon", 60), ("99999999", 60), ("999999", 86_400)])
def test_too_fast_waits_as_long_as_is_asked(gateway: Gateway, asked: str, pause: int) -> None:
    gateway.answer = (429, b'{"ok": false, "error_code": 429}', {"Retry-After": asked})
    outcome = ZaloBot("1:2", f"http://127.0.0.1:{gateway.server_port}").say("4455", "Nội dung")
    assert outcome.retry_after == timedelta(seconds=pause)


@pytest.mark.parametrize("number", [-144, -147])
def test_a_days_share_that_is_used_up_rests_for_hours(number: int) -> None:
    outcome = outcome_of(ZNS_ERRORS[number], number)
    assert (outcome.retry_after, outcome.remaining) == (timedelta(hours=6), 0)


class Unrenewable(Pocket):
    """A key that still opens, and nobody to buy the next one from."""

    def is_stale(self, pair: TokenPair) -> bool:
        return True

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        raise VaultTrouble("Chưa xin được mã ZNS mới", lasting=False)


@pytest.mark.parametrize(("access", "status"), [("access-0", Status.SENT), ("ended", Status.TEMPORARY)])
def test_a_key_that_still_opens_is_used_while_no_newer_one_is_to_be_had(access: str, status: Status) -> None:
    with zalo() as far_end:
        far_end.access = "access-0"
        vault = Unrenewable()
        vault.pair = TokenPair(access, "r", vault.pair.expires_at)
        now = datetime(2023, 6, 12, 5, tzinfo=UTC)
        channel = ZnsChannel(open_api(far_end.settings()), TEMPLATE, {}, vault)
        outcome = channel.send(
            OutgoingMessage("20230612-abc", Address("84900000001"), "s", "t", now, facts=FACTS)
        )
    assert outcome.status is status


@pytest.fixture
def zns_server() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


def zns(server: Zalo) -> Callable[[], Outcome]:
    now = datetime(2023, 6, 12, 5, tzinfo=UTC)
    channel = ZnsChannel(open_api(server.settings()), TEMPLATE, {}, Pocket())
    return lambda: channel.send(
        OutgoingMessage("20230612-abc", Address("84900000001"), "s", "t", now, facts=FACTS)
    )


def test_a_template_that_was_changed_is_asked_for_again(zns_server: Zalo) -> None:
    send = zns(zns_server)
    for answer in ("ok", -118, -1121, "ok", -117, "ok"):
        zns_server.will("84900000001", answer)
        send()
    # What Zalo says of a person is no reason to ask; a value too long and a template that is locked are.
    assert zns_server.asked["template"] == 3
    zns_server.template = ({"name": "ma", "require": True, "type": "STRING", "maxLength": 3},)
    zns_server.will("84900000001", -1122)
    assert [send().detail, send().detail] == [
        "Thiếu một giá trị mà mẫu ZNS cần",
        "Mẫu ZNS chỉ cho “ma” dài 3 ký tự.",
    ]
    zns_server.template = ({"name": "ma", "require": True, "type": "STRING", "maxLength": 30},)
    assert send().status is Status.SENT


@pytest.mark.parametrize("data", [{}, {"listParams": None}, {"listParams": "many"}, None])
def test_a_description_that_describes_nothing_is_none(gateway: Gateway, data: object) -> None:
    """Else every message of the day would go without its values, and be refused for good."""
    gateway.answer = (200, json.dumps({"error": 0, "data": data}).encode(), {})
    address = f"http://127.0.0.1:{gateway.server_port}"
    settings = {"zns_app_id": "1", "zns_secret": "s", "zns_api": address, "zns_oauth_api": address}
    now = datetime(2023, 6, 12, 5, tzinfo=UTC)
    channel = ZnsChannel(open_api(settings), TEMPLATE, {}, Pocket())
    outcome = channel.send(OutgoingMessage("i", Address("84900000001"), "s", "t", now, facts=FACTS))
    assert (outcome.status, outcome.cause) == (Status.TEMPORARY, Cause.CHANNEL)


def test_a_pair_is_not_lost_for_a_life_that_no_calendar_holds(gateway: Gateway) -> None:
    body = {"access_token": "a", "refresh_token": "r", "expires_in": "9" * 30}
    gateway.answer = (200, json.dumps(body).encode(), {})
    address = f"http://127.0.0.1:{gateway.server_port}"
    settings = {"zns_app_id": "1", "zns_secret": "s", "zns_oauth_api": address}
    now = datetime(2023, 6, 12, 5, tzinfo=UTC)
    pair = open_api(settings, lambda: now).exchange("r0")
    assert (pair.access, pair.refresh, pair.expires_at) == ("a", "r", now + timedelta(days=90))


def test_a_quota_that_cannot_be_read_is_said_in_words(zns_server: Zalo) -> None:
    zns_server.will("quota", "garbage")
    channel = ZnsChannel(open_api(zns_server.settings()), TEMPLATE, {}, Pocket())
    with pytest.raises(ChannelError, match="Không đọc được câu trả lời"):
        channel.quota()
