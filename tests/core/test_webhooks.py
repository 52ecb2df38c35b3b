"""Webhooks: what is called, how it is signed, tried again and given up, and what must never be called."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from engine.errors import DondocError
from engine.installation.settings import load_settings
from engine.model.event import EventKind
from engine.store import webhooks
from engine.store.access import keys
from engine.store.access.keys import Scope
from engine.store.database import reading, writing
from engine.store.events import EventsRefused, record
from engine.store.sync import sync
from engine.store.tables import WebhookCallRow
from engine.store.webhooks import LEASE, Webhook
from engine.webhooks.addresses import AddressRefused, may_be_called, target_of
from engine.webhooks.calls import KEPT, RETRIES, Caller, call_waiting
from engine.webhooks.http_call import Answer, post
from engine.webhooks.signature import secret_of, signature_of
from tests.cast import CALENDAR, CULTURE, DISTRICT, HOME_AFFAIRS, REGISTRY, at, plan, said, task
from tests.core.receiver import CERTIFICATES, receiver
from tests.office.offices import Office as Program
from tests.office.offices import make_home
from tests.store.databases import opened

NOW = at(date(2023, 3, 20))
ONE = f"an-2023:pl1-1:{HOME_AFFAIRS}"
TWO = f"an-2023:pl1-2:{CULTURE}"
SECRET_KEY = "khoa bí mật của phần mềm"

_CALL = WebhookCallRow.__table__  # type: ignore[attr-defined]


# --- which addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1"),
        *("192.0.2.1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2002:7f00:1::", "2002:a00:1::1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1", "100::1"),
        *("3fff::1", "5f00::1", "4000::1"),
    ],
)
def test_addresses_that_are_never_called_from_outside(address: str) -> None:
    assert not may_be_called(ipaddress.ip_address(address), allow_private=False)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "113.160.0.1", "2405:4800::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_called(address: str) -> None:
    assert may_be_called(ipaddress.ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "127.0.0.1", "::1", "fd12::1", "8.8.8.8"])
def test_private_ones_only_where_the_setting_allows_it(address: str) -> None:
    assert may_be_called(ipaddress.ip_address(address), allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "168.63.129.16",
        "::ffff:169.254.1.1",
        "224.0.0.1",
        "0.0.0.0",
    ],
)
def test_metadata_of_clouds_not_even_then(address: str) -> None:
    assert not may_be_called(ipaddress.ip_address(address), allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_ipv6_form_of_an_ipv4_address_is_judged_like_it(address: ipaddress.IPv4Address) -> None:
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        for private in (True, False):
            assert may_be_called(ipaddress.ip_address(form), allow_private=private) == may_be_called(
                address, allow_private=private
            )


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "van-ban.example",
            "//van-ban.example/",
            "ftp://a.example/",
            "http://a.example/",
            "file:///etc/x",
        ),
        *("https://", "https:///x", "https://a b.example/", "https://tên.example/", "https://a.example/#x"),
        *(
            "https://u:p@a.example/",
            "https://u@a.example/",
            "https://a.example:0/",
            "https://a.example:99999/",
        ),
        *("https://a.example\r\nX: y/", "https://127.0.0.1/", "https://localhost/", "https://x.localhost/"),
        *("https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/", "https://2130706433/"),
        *("https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://169.254.169.254/latest/"),
        *(
            "https://[::1/",
            "https://-a.example/",
            "https://a_b.example/",
            "https://10.0.0.1./",
            "https://" + "a" * 600,
        ),
        "http://localhost:8080/",
    ],
)
def test_an_address_that_may_not_be_named(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, allow_private=False)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://a.example/", "https://169.254.169.254/"])
def test_nor_where_private_ones_are_allowed(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, allow_private=True)


def test_the_parts_of_an_address() -> None:
    found = target_of("https://Van-Ban.example:8443/nhan?x=1&y=%20", allow_private=False)
    assert (found.host, found.port, found.path) == ("van-ban.example", 8443, "/nhan?x=1&y=%20")
    assert found.authority == "van-ban.example:8443"
    assert target_of("https://a.example", allow_private=False).path == "/"
    assert target_of("http://127.0.0.1:8080/x", allow_private=True).secure is False


# --- one call ---------------------------------------------------------------------------------------------


def at_home(*_: object) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))


def test_a_call_goes_to_the_address_that_was_checked(trusted: None) -> None:
    """The name is looked up once: what it means afterwards (DNS rebinding) does not matter."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with receiver("localhost") as there:
        answer = post(there.url(host="localhost"), b"{}", {}, allow_private=True, resolve=resolve)
        assert (answer.heard, asked) == (True, ["localhost"])
        assert there.heard[0].headers["host"] == f"localhost:{there.port}"


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["fe80::1%lo"], ["rác"]]
)
def test_a_name_that_leads_home_is_not_called(found: list[str]) -> None:
    with receiver("localhost") as there:
        url = f"https://van-ban.example:{there.port}/"
        answer = post(url, b"{}", {}, allow_private=False, resolve=lambda *_: found)
        assert answer.refused
        assert answer.code is None
        assert there.heard == []


def test_http_leads_to_this_machine_only() -> None:
    answer = post("http://localhost/", b"", {}, allow_private=True, resolve=lambda *_: ["10.255.255.1"])
    assert answer.refused


def test_a_certificate_of_somebody_else_is_not_accepted(trusted: None) -> None:
    with receiver("other") as there:
        answer = post(there.url(host="localhost"), b"{}", {}, allow_private=True, resolve=at_home)
        assert (answer.heard, answer.detail) == (False, "Chứng thư TLS của máy nhận không hợp lệ")
        assert there.heard == []


def test_no_redirect_is_followed_and_no_proxy_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with receiver() as there:
        there.answer = "redirect"
        answer = post(there.url(), b"{}", {}, allow_private=True)
        assert (answer.code, answer.heard) == (307, False)
        assert [each.path for each in there.heard] == ["/nhan"]


@pytest.mark.parametrize(
    ("behaviour", "detail"),
    [
        ("hang", "Quá thời gian chờ trả lời"),
        ("drip", "Quá thời gian chờ trả lời"),
        ("garbage", "Máy nhận trả lời không đúng giao thức HTTP"),
        ("close", "Máy nhận trả lời không đúng giao thức HTTP"),
        (500, "Máy nhận trả lời 500"),
        (404, "Máy nhận trả lời 404"),
    ],
)
@pytest.mark.parametrize("certificate", [None, "localhost"])
def test_a_receiver_that_misbehaves_ends_in_time(
    trusted: None, behaviour: int | str, detail: str, certificate: str | None
) -> None:
    with receiver(certificate) as there:
        there.answer = behaviour
        began = time.monotonic()
        url = there.url(host="localhost")
        answer = post(url, b"{}", {}, allow_private=True, resolve=at_home, total_seconds=0.5)
        assert time.monotonic() - began < 3
        assert not answer.heard
        assert answer.detail == detail


def test_nobody_there_and_no_such_name() -> None:
    with receiver() as there:
        url = there.url()
    answer = post(url, b"{}", {}, allow_private=True)
    assert answer == Answer(None, "Không nối được tới máy nhận: máy chủ từ chối kết nối")

    def unknown(*_: object) -> list[str]:
        raise OSError("no such name")

    answer = post("https://a.example/", b"", {}, allow_private=False, resolve=unknown)
    assert answer == Answer(None, "Không tìm thấy máy mang tên trong địa chỉ")


def test_the_signature_is_what_openssl_makes_of_the_same() -> None:
    # printf '%s' '1686798000.{"id":1}' | openssl dgst -sha256 -hmac whsec_thu
    assert signature_of("whsec_thu", 1686798000, b'{"id":1}') == (
        "sha256=9caff2c0f6645bbb77fa444ac976e0fae960c0d7ebbd2b05fb5b11d80ab4d68b"
    )
    assert secret_of("a", 1) != secret_of("a", 2) != secret_of("b", 2)


# --- queue, call, try again, give up ----------------------------------------------------------------------


@dataclass(slots=True)
class Office:
    """A database with two assignments, and a clock."""

    store: Engine
    now: datetime = NOW
    secret_key: str | None = SECRET_KEY

    def add(self, url: str, *kinds: EventKind, unit: str | None = None, key: int | None = None) -> Webhook:
        with writing(self.store) as connection:
            return webhooks.add(connection, url, kinds, "quản trị", self.now, unit=unit, key=key)

    def say(self, id: str, kind: str, **more: object) -> int:
        with writing(self.store) as connection:
            event = said(id, kind, self.now.date(), **more)
            return record(connection, [event], CALENDAR, self.now)[0]

    def caller(self, goes_on: Callable[[], bool] = lambda: True) -> Caller:
        return Caller(self.store, REGISTRY, CALENDAR, self.secret_key, True, lambda: self.now, goes_on)

    def round(self) -> tuple[int, int, int]:
        done = call_waiting(self.caller())
        return done.heard, done.again, done.failed

    def calls(self) -> list[tuple[str, int]]:
        with reading(self.store) as connection:
            rows = connection.execute(select(_CALL.c.state, _CALL.c.attempts).order_by(_CALL.c.id))
            return [(state, attempts) for state, attempts in rows]


@pytest.fixture
def office(store: Engine) -> Office:
    with writing(store) as connection:
        both = plan(task(), task("pl1-2", leads=(CULTURE,)))
        sync(connection, [both], (), REGISTRY, CALENDAR, at(date(2023, 3, 1)))
    return Office(store)


def test_an_event_is_told_signed_and_once(office: Office) -> None:
    with receiver() as there:
        webhook = office.add(there.url("/nhan?ma=1"))
        number = office.say(ONE, "progress", percent=40, note="Đã xong dự thảo", by="Bà Lan")
        assert there.heard == []
        assert office.round() == (1, 0, 0)
        assert office.round() == (0, 0, 0)
    (heard,) = there.heard
    assert heard.path == "/nhan?ma=1"
    assert heard.event == number
    assert heard.is_signed_with(secret_of(SECRET_KEY, webhook.id))
    assert not heard.is_signed_with(secret_of(SECRET_KEY, webhook.id + 1))
    assert int(heard.headers["x-dondoc-timestamp"]) == int(NOW.timestamp())
    event = heard.said
    assert (event["id"], event["kind"], event["percent"], event["note"]) == (
        number,
        "progress",
        40,
        "Đã xong dự thảo",
    )
    assert event["recorded_at"] == "2023-03-20T09:00:00+07:00"
    assert event["assignment"]["id"] == ONE
    assert event["assignment"]["state"] == "in_progress"
    assert "Lan" not in heard.body.decode()
    assert office.calls() == [("heard", 1)]


def test_what_is_refused_or_rolled_back_is_not_told(office: Office) -> None:
    with receiver() as there:
        office.add(there.url())
        with pytest.raises(EventsRefused):
            office.say(ONE, "confirm")
        with writing(office.store) as connection:
            record(connection, [said(ONE, "received", NOW.date())], CALENDAR, NOW)
            connection.rollback()
        assert office.round() == (0, 0, 0)
        assert office.calls() == []


def test_a_webhook_hears_of_its_kinds_and_units_only(office: Office) -> None:
    with receiver() as there, receiver() as narrow, receiver() as wide:
        office.add(there.url(), EventKind.DONE)
        office.add(narrow.url(), unit=CULTURE)
        office.add(wide.url(), unit=DISTRICT)
        received, done = office.say(ONE, "received"), office.say(TWO, "done")
        office.round()
        assert there.events == [done]
        assert narrow.events == [done]
        assert wide.events == [received, done]


def test_a_failure_is_tried_again_later_and_given_up_in_the_end(office: Office) -> None:
    with receiver() as there:
        there.answer = 500
        webhook = office.add(there.url())
        number = office.say(ONE, "received")
        for wait in RETRIES:
            assert office.round() == (0, 1, 0)
            assert office.round() == (0, 0, 0)
            office.now += wait * 0.8
            assert office.round() == (0, 0, 0)
            office.now += wait * 0.31
        assert office.round() == (0, 0, 1)
        assert office.calls() == [("failed", len(RETRIES) + 1)]
        assert set(there.events) == {number}
        with writing(office.store) as connection:
            (dead,) = webhooks.dead_letters(connection, 10)
            assert (dead.webhook, dead.assignment, dead.code) == (webhook.id, ONE, 500)
            assert dead.detail == "Máy nhận trả lời 500"
            assert webhooks.retry(connection, office.now, dead.id) == 1
        there.answer = 200
        assert office.round() == (1, 0, 0)
        with reading(office.store) as connection:
            assert webhooks.dead_letters(connection, 10) == []


def test_one_that_is_gone_is_given_up_at_once(office: Office) -> None:
    with receiver() as there:
        there.answer = 410
        office.add(there.url())
        office.say(ONE, "received")
        assert office.round() == (0, 0, 1)


def test_while_a_receiver_is_down_the_rest_waits_untried_and_others_hear(office: Office) -> None:
    with receiver() as down, receiver() as well:
        down.answer = "close"
        office.add(down.url())
        office.add(well.url())
        numbers = [office.say(ONE, "received"), office.say(TWO, "received"), office.say(TWO, "done")]
        assert office.round() == (3, 1, 0)
        assert len(down.heard) == 1
        assert well.events == numbers
        down.answer = 204
        office.now += timedelta(minutes=2)
        assert office.round() == (3, 0, 0)
        assert sorted(down.events) == sorted([*numbers, numbers[0]])


def test_two_workers_never_make_the_same_call(office: Office) -> None:
    with receiver() as there:
        office.add(there.url())
        numbers = [office.say(ONE, "progress", percent=n) for n in range(12)]
        with ThreadPoolExecutor(4) as pool:
            rounds = list(pool.map(lambda _: office.round(), range(4)))
        assert sum(heard for heard, _, _ in rounds) == 12
        assert sorted(there.events) == numbers


def test_a_call_cut_short_is_made_again_under_the_same_number(office: Office) -> None:
    with receiver() as there:
        webhook = office.add(there.url())
        number = office.say(ONE, "received")
        with writing(office.store) as connection:
            (waiting,) = webhooks.waiting(connection, webhook.id, office.now, 10)
            lost = webhooks.claim(connection, waiting, office.now)
            assert lost is not None
            assert webhooks.claim(connection, waiting, office.now) is None
        office.now += LEASE - timedelta(seconds=1)
        assert office.round() == (0, 0, 0)
        office.now += timedelta(seconds=1)
        assert office.round() == (1, 0, 0)
        assert there.events == [number]
        with writing(office.store) as connection:
            # Who comes back after its lease undoes nothing.
            webhooks.settle(connection, lost, webhooks.FAILED, office.now)
        assert office.calls() == [("heard", 2)]


def test_without_a_secret_key_calls_wait(office: Office) -> None:
    with receiver() as there:
        office.add(there.url())
        office.say(ONE, "received")
        office.secret_key = None
        assert office.round() == (0, 0, 0)
        office.secret_key = SECRET_KEY
        assert office.round() == (1, 0, 0)
        assert len(there.heard) == 1


def test_a_worker_that_stops_begins_no_new_call(office: Office) -> None:
    with receiver() as there:
        office.add(there.url())
        office.say(ONE, "received")
        call_waiting(office.caller(goes_on=lambda: False))
        assert there.heard == []
        assert office.calls() == [("queued", 0)]


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_webhook_falls_silent_with_the_key_that_asked_for_it(office: Office, how: str) -> None:
    with receiver() as there:
        with writing(office.store) as connection:
            key, _ = keys.make(
                connection,
                "Hệ thống",
                frozenset({Scope.WEBHOOKS}),
                "quản trị",
                NOW,
                expires_at=NOW + timedelta(days=1),
            )
        office.add(there.url(), key=key.id)
        office.say(ONE, "received")
        if how == "revoked":
            with writing(office.store) as connection:
                assert keys.revoke(connection, key.id, NOW) is not None
        else:
            office.now += timedelta(days=1)
        office.say(TWO, "received")
        assert office.round() == (0, 0, 0)
        assert there.heard == []
        assert office.calls() == [("queued", 0)]


def test_an_ended_webhook_hears_nothing_more(office: Office) -> None:
    with receiver() as there:
        webhook = office.add(there.url())
        office.say(ONE, "received")
        with writing(office.store) as connection:
            assert webhooks.end(connection, webhook.id, office.now) is not None
            assert webhooks.end(connection, webhook.id, office.now) is None
        office.say(TWO, "received")
        assert office.round() == (0, 0, 0)
        assert office.calls() == [("dropped", 0)]
        assert there.heard == []


def test_calls_that_went_well_are_forgotten_after_a_while(office: Office) -> None:
    with receiver() as there:
        there.answer = 410
        office.add(there.url())
        office.say(ONE, "received")
        office.round()
        there.answer = 200
        office.say(TWO, "received")
        office.round()
        office.now += KEPT + timedelta(seconds=1)
        office.round()
        assert office.calls() == [("failed", 1)]


def test_a_receiver_in_the_office_network_is_not_called_unless_allowed(office: Office) -> None:
    with receiver() as there:
        office.add(there.url())
        office.say(ONE, "received")
        strict = Caller(office.store, REGISTRY, CALENDAR, SECRET_KEY, False, lambda: office.now)
        assert call_waiting(strict).failed == 1
        assert there.heard == []
        with reading(office.store) as connection:
            (dead,) = webhooks.dead_letters(connection, 10)
        assert dead.detail


# --- in the office ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", ["true", "false"])
def test_a_pass_of_the_program_calls_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str
) -> None:
    make_home(tmp_path / "office")
    office = Program(tmp_path / "office")
    monkeypatch.setenv("DONDOC_SECRET_KEY", SECRET_KEY)
    office.write("dondoc.toml", f"webhook_allow_private = {allowed}\n")
    id = office.good("assignments", "--json").json[0]["id"]
    with receiver() as there:
        with opened(f"sqlite:///{office.home / 'dondoc.db'}") as engine, writing(engine) as connection:
            webhook = webhooks.add(connection, there.url(), (), "quản trị", NOW)
        office.good("submit", id, "received")
        office.good("tick", "--dry-run")
        assert there.heard == []
        office.good("tick")
        office.good("tick")
        if allowed == "true":
            (heard,) = there.heard
            assert (heard.said["kind"], heard.said["assignment"]["id"]) == ("received", id)
            assert heard.is_signed_with(secret_of(SECRET_KEY, webhook.id))
        else:
            assert there.heard == []
            assert office.rows("SELECT state, code FROM webhook_call") == [("failed", None)]


@pytest.mark.parametrize("text", ["webhook_allow_private = 1", 'webhook_allow_private = "co"'])
def test_the_setting_is_yes_or_no(tmp_path: Path, text: str) -> None:
    (tmp_path / "dondoc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DondocError, match="true hoặc false"):
        load_settings(tmp_path, {})
    assert load_settings(tmp_path / "khac", {}).webhook_allow_private is False
    assert load_settings(tmp_path / "khac", {"DONDOC_WEBHOOK_ALLOW_PRIVATE": "TRUE"}).webhook_allow_private
