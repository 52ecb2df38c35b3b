"""Each way a mail server can misbehave, and what the outcome says about it."""

import socket
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from notifiers import Address, Cause, Channel, Outcome, OutgoingMessage, Status, open_channel
from notifiers.smtp_session import SmtpSession
from notifiers.smtp_settings import parse_smtp_url
from tests.notifiers.smtp_server import (
    CERTIFICATES,
    Action,
    Drip,
    Drop,
    Hang,
    Pause,
    Say,
    SayThenReset,
    SmtpSink,
    smtp_server,
)

SHORT = "connect_timeout=0.5&read_timeout=0.5&timeout=1"  # where the server hangs
PATIENT = "connect_timeout=10&read_timeout=10&timeout=20"  # where it must not fail on a busy machine
TRUSTED = CERTIFICATES / "localhost.pem"
PASSWORD = "mat-khau-rat-kin"


def message(number: int = 1, recipient: str = "vanphong@xa.test") -> OutgoingMessage:
    when = datetime(2023, 7, 3, 0, 30, tzinfo=UTC)
    return OutgoingMessage(
        f"tin-{number}", Address(recipient, "Văn phòng"), "2 nhiệm vụ quá hạn", "Nội dung", when
    )


def channel_to(sink: SmtpSink, more: str = "", limits: str = PATIENT) -> "closing[Channel]":
    return closing(open_channel(f"smtp://127.0.0.1:{sink.port}?from=dondoc@huyen.test&{limits}{more}"))


def send_one(sink: SmtpSink, action: Action | None = None) -> Outcome:
    with channel_to(sink, limits=limits_for(action)) as channel:
        return channel.send(message())


def limits_for(action: Action | None) -> str:
    return SHORT if isinstance(action, Hang | Drip) else PATIENT


REPLIES = [
    # step, action, status, code, cause
    ("CONNECT", Say("554 no service here"), Status.TEMPORARY, 554, Cause.CHANNEL),
    ("CONNECT", Say("hello, who are you"), Status.TEMPORARY, None, Cause.CHANNEL),
    ("CONNECT", Drop(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("CONNECT", Hang(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("CONNECT", Drip("220 slow"), Status.TEMPORARY, None, Cause.CHANNEL),
    ("MAIL", Say("451 4.3.0 try later"), Status.TEMPORARY, 451, Cause.CHANNEL),
    ("MAIL", Say("550 5.7.1 sender not allowed"), Status.TEMPORARY, 550, Cause.CHANNEL),
    ("MAIL", Say("552 5.3.4 too big"), Status.PERMANENT, 552, Cause.MESSAGE),
    ("MAIL", Say("530 5.7.0 authentication required"), Status.TEMPORARY, 530, Cause.CHANNEL),
    ("RCPT", Say("421 closing"), Status.TEMPORARY, 421, Cause.CHANNEL),
    ("RCPT", Say("550 5.1.1 no such user"), Status.PERMANENT, 550, Cause.RECIPIENT),
    ("RCPT", Drop(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("RCPT", Hang(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("RCPT", Drip("250 sure"), Status.TEMPORARY, None, Cause.CHANNEL),
    ("DATA", Drop(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("DATA", Hang(), Status.TEMPORARY, None, Cause.CHANNEL),
    ("BODY", Say("451 4.7.0 later"), Status.TEMPORARY, 451, Cause.MESSAGE),
    ("BODY", Say("421 shutting down"), Status.TEMPORARY, 421, Cause.CHANNEL),
    ("BODY", Drop(), Status.UNKNOWN, None, None),
    ("BODY", Hang(), Status.UNKNOWN, None, None),
    ("BODY", Drip("250 kept it"), Status.UNKNOWN, None, None),
    ("BODY", Say("eh?"), Status.UNKNOWN, None, None),
    ("RCPT", Say("250 " + "x" * 9000), Status.TEMPORARY, None, Cause.CHANNEL),
    ("BODY", Say("250 " + "x" * 9000), Status.UNKNOWN, None, None),
    ("BODY", SayThenReset("250 2.0.0 kept it"), Status.SENT, 250, None),
]


@pytest.mark.parametrize(
    ("step", "action", "status", "code", "cause"), REPLIES, ids=lambda value: str(value)[:50]
)
def test_each_misbehaviour_has_its_outcome(
    step: str, action: Action, status: Status, code: int | None, cause: Cause | None
) -> None:
    with smtp_server() as sink:
        sink.will(step, action)
        start = time.monotonic()
        outcome = send_one(sink, action)
        spent = time.monotonic() - start
    assert (outcome.status, outcome.code, outcome.cause) == (status, code, cause)
    assert outcome.detail
    assert outcome.retry_helps is (status is Status.TEMPORARY)
    assert spent < 2.0, "a server that hangs costs its limit and no more"
    assert len(sink.received) == (1 if step == "BODY" else 0)


@pytest.mark.parametrize(
    "action", [Drop(), Hang(), Say("451 later"), Say("550 never"), SayThenReset("250 ok")]
)
@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA", "BODY"])
def test_the_next_mail_goes_after_any_misbehaviour(step: str, action: Action) -> None:
    with smtp_server() as sink, channel_to(sink, limits=limits_for(action)) as channel:
        sink.will(step, action)
        channel.send(message(1))
        assert channel.send(message(2)).status is Status.SENT
    assert sink.received[-1].mail["Message-ID"] == "<tin-2@huyen.test>"


def test_a_drip_is_stopped_by_the_limit_for_the_whole_mail() -> None:
    with smtp_server() as sink:
        for step in ("MAIL", "RCPT", "DATA"):
            sink.will(step, Drip("250 ok" if step != "DATA" else "354 go", pause=0.055))
        start = time.monotonic()
        with closing(open_channel(f"smtp://127.0.0.1:{sink.port}?read_timeout=0.6&timeout=0.7")) as channel:
            outcome = channel.send(message())
    assert outcome.status is Status.TEMPORARY
    assert time.monotonic() - start < 1.5


def test_one_wait_never_outlasts_the_limit_for_the_whole_mail() -> None:
    with smtp_server() as sink:
        sink.will("RCPT", Hang())
        start = time.monotonic()
        with closing(open_channel(f"smtp://127.0.0.1:{sink.port}?read_timeout=9&timeout=0.4")) as channel:
            assert channel.send(message()).status is Status.TEMPORARY
    assert time.monotonic() - start < 3


def test_a_line_that_starts_with_a_dot_arrives_with_it() -> None:
    with smtp_server() as sink:
        session = SmtpSession(parse_smtp_url(f"smtp://127.0.0.1:{sink.port}?{PATIENT}"))
        session.transfer("a@x.test", "b@x.test", b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\nb\r\n")
        session.close()
    assert sink.received[0].content.endswith(b"\r\n\r\n.\r\n..\r\n.a\r\nb\r\n")


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_plain_refusal_keeps_the_connection(step: str) -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        sink.will(step, Say("550 no"), Say("451 later"))
        assert [channel.send(message(n)).status for n in (1, 2, 3)][2] is Status.SENT
    assert sink.connections == 1


def test_a_server_that_stops_reading_is_given_up() -> None:
    """Not aiosmtpd: a socket that answers up to DATA and then never reads again."""

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"220 hi\r\n")
            for reply in (b"250 ok", b"250 ok", b"250 ok", b"354 go"):
                peer.recv(1000)
                peer.sendall(reply + b"\r\n")
            done.wait(5)

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        big = OutgoingMessage(
            "to", Address("u@x.test"), "Lớn", "x" * 20_000_000, datetime(2023, 7, 3, tzinfo=UTC)
        )
        with closing(open_channel(f"smtp://127.0.0.1:{listener.getsockname()[1]}?{SHORT}")) as channel:
            start = time.monotonic()
            outcome = channel.send(big)
            spent = time.monotonic() - start
            done.set()
        thread.join()
    assert (outcome.status, outcome.cause) == (Status.TEMPORARY, Cause.CHANNEL)
    assert "đang chuyển nội dung" in outcome.detail
    assert spent < 2.5


def test_nobody_listening_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with closing(open_channel(f"smtp://127.0.0.1:{port}?{SHORT}")) as channel:
        outcome = channel.send(message())
    assert (outcome.status, outcome.code, outcome.cause) == (Status.TEMPORARY, None, Cause.CHANNEL)
    assert outcome.detail == "Mất kết nối khi kết nối máy chủ thư."


@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        ("450 4.2.0 Greylisted, please try again in 5 minutes", timedelta(minutes=5)),
        ("451 Greylisting in action for 300 seconds", timedelta(seconds=300)),
        ("450 come back after 99999 h", timedelta(days=1)),
        ("450 4.2.1 mailbox busy", None),
    ],
)
def test_the_pause_that_the_server_asks_for_is_kept(reply: str, pause: timedelta | None) -> None:
    with smtp_server() as sink:
        sink.will("RCPT", Say(reply))
        assert send_one(sink).retry_after == pause


def test_greylisted_then_accepted_is_the_same_mail_to_the_last_byte() -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        sink.will("BODY", Say("451 4.7.1 greylisted"))
        assert channel.send(message()).status is Status.TEMPORARY
        assert channel.send(message()).status is Status.SENT
    assert sink.connections == 1
    first, second = sink.received
    assert first == second


def test_500_mails_go_over_one_connection() -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        outcomes = [channel.send(message(number, f"u{number}@xa.test")) for number in range(500)]
    assert {outcome.status for outcome in outcomes} == {Status.SENT}
    assert sink.connections == 1
    assert [got.recipients for got in sink.received] == [(f"u{number}@xa.test",) for number in range(500)]
    assert len({got.mail["Message-ID"] for got in sink.received}) == 500


@pytest.mark.parametrize("slots", [1, 3])
def test_threads_share_as_many_connections_as_there_are_slots(slots: int) -> None:
    with smtp_server() as sink, channel_to(sink, f"&slots={slots}") as channel:
        assert channel.slots == slots
        sink.will("MAIL", *[Pause(0.1)] * slots)  # so that they meet
        threads = [
            threading.Thread(target=lambda start=start: [channel.send(message(start + n)) for n in range(10)])
            for start in range(0, 40, 10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sink.connections == slots
    assert sorted(str(got.mail["Message-ID"]) for got in sink.received) == sorted(
        f"<tin-{number}@huyen.test>" for number in range(40)
    )


def test_a_mail_that_hangs_holds_up_its_own_slot_alone() -> None:
    with smtp_server() as sink, channel_to(sink, "&slots=2", "read_timeout=5&timeout=5") as channel:
        sink.will("BODY", Hang())
        outcomes: list[Outcome] = []
        hanging = threading.Thread(target=lambda: outcomes.append(channel.send(message(0))))
        hanging.start()
        while not sink.received:
            time.sleep(0.001)
        sent = [channel.send(message(number)).status for number in (1, 2, 3)]
        assert hanging.is_alive(), "the others did not wait for it"
        sink.cut_all()
        hanging.join()
    assert sent == [Status.SENT] * 3
    assert [outcome.status for outcome in outcomes] == [Status.UNKNOWN]


def test_closing_ends_every_connection() -> None:
    with smtp_server() as sink, channel_to(sink, "&slots=2") as channel:
        sink.will("MAIL", *[Pause(0.1)] * 2)
        threads = [threading.Thread(target=channel.send, args=(message(n),)) for n in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        channel.close()
        assert sink.commands.count("QUIT") == 2
        assert channel.send(message(3)).status is Status.SENT
    assert sink.connections == 3


@pytest.mark.parametrize("step", [Drop(), Say("421 4.4.2 idle too long")])
def test_a_connection_that_ended_meanwhile_is_opened_anew(step: Action) -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        assert channel.send(message(1)).status is Status.SENT
        sink.will("MAIL", step)
        assert channel.send(message(2)).status is Status.SENT
    assert sink.connections == 2
    assert len(sink.received) == 2


def test_a_connection_left_idle_is_not_trusted() -> None:
    with smtp_server() as sink, channel_to(sink, "&idle_timeout=0.1") as channel:
        channel.send(message(1))
        time.sleep(0.2)
        assert channel.send(message(2)).status is Status.SENT
    assert sink.connections == 2


def test_a_fresh_connection_that_breaks_is_not_tried_twice() -> None:
    with smtp_server() as sink:
        sink.will("MAIL", Drop())
        assert send_one(sink).status is Status.TEMPORARY
    assert sink.connections == 1


def test_a_lost_answer_is_never_followed_by_a_second_copy() -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        channel.send(message(1))
        sink.will("BODY", Drop())
        assert channel.send(message(2)).status is Status.UNKNOWN
    assert len(sink.received) == 2


def test_after_close_the_channel_opens_again() -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        channel.send(message(1))
        channel.close()
        channel.close()
        assert channel.send(message(2)).status is Status.SENT
    assert sink.connections == 2


def test_a_mail_larger_than_the_server_takes_is_permanent() -> None:
    big = OutgoingMessage("to", Address("u@x.test"), "Lớn", "x" * 9000, datetime(2023, 7, 3, tzinfo=UTC))
    with smtp_server(size_limit=5000) as sink, channel_to(sink) as channel:
        outcome = channel.send(big)
    assert (outcome.status, outcome.code, outcome.cause) == (Status.PERMANENT, 552, Cause.MESSAGE)
    assert "DATA" not in sink.commands, "refused by its announced size, before it was sent"


@pytest.mark.parametrize("address", ["khong-co-a-cong", "a@b", "a..b@x.vn", "a@-x.vn", "84912345678"])
def test_what_is_no_mail_address_is_permanent_and_reaches_no_server(address: str) -> None:
    with smtp_server() as sink, channel_to(sink) as channel:
        outcome = channel.send(message(1, address))
    assert (outcome.status, outcome.cause) == (Status.PERMANENT, Cause.RECIPIENT)
    assert sink.connections == 0


# --- encryption and login ---


def test_starttls_and_ssl_with_a_trusted_certificate() -> None:
    for mode, scheme, more in (("starttls", "smtp", "&starttls=yes"), ("ssl", "smtps", "")):
        with smtp_server(tls=mode, login=("dondoc", PASSWORD)) as sink:
            url = f"{scheme}://dondoc:{PASSWORD}@localhost:{sink.port}?ca={TRUSTED}&{PATIENT}{more}"
            with closing(open_channel(url)) as channel:
                assert [channel.send(message(n)).status for n in (1, 2)] == [Status.SENT] * 2, mode
        assert sink.connections == 1


@pytest.mark.parametrize(
    ("mode", "scheme", "more"), [("starttls", "smtp", "&starttls=yes"), ("ssl", "smtps", "")]
)
def test_an_untrusted_certificate_gets_neither_password_nor_mail(mode: str, scheme: str, more: str) -> None:
    with smtp_server(tls=mode, login=("dondoc", PASSWORD)) as sink:
        url = f"{scheme}://dondoc:{PASSWORD}@localhost:{sink.port}?{SHORT}{more}"
        with closing(open_channel(url)) as channel:
            outcome = channel.send(message())
    assert (outcome.status, outcome.cause) == (Status.TEMPORARY, Cause.CHANNEL)
    assert outcome.detail.startswith("Chứng thư của máy chủ không được tin cậy")
    assert "AUTH" not in sink.commands
    assert not sink.received


def test_a_certificate_for_another_name_is_not_trusted() -> None:
    with smtp_server(tls="ssl", certificate="other") as sink:
        url = f"smtps://localhost:{sink.port}?ca={CERTIFICATES / 'other.pem'}&{PATIENT}"
        with closing(open_channel(url)) as channel:
            outcome = channel.send(message())
    assert outcome.detail.startswith("Chứng thư của máy chủ không được tin cậy")
    assert not sink.received


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        (Say("454 4.7.0 TLS not available"), "Máy chủ từ chối khi thiết lập kết nối mã hóa"),
        (Say("220 and now something that is no TLS\r\n" + "x" * 200), "Không mã hóa được kết nối"),
        (Hang(), "Hết thời gian chờ khi thiết lập kết nối mã hóa"),
        (Drop(), "Mất kết nối khi thiết lập kết nối mã hóa"),
    ],
)
def test_without_encryption_nothing_is_sent(action: Action, detail: str) -> None:
    with smtp_server(tls="starttls") as sink:
        sink.will("STARTTLS", action)
        with channel_to(sink, "&starttls=yes", limits_for(action)) as channel:
            outcome = channel.send(message())
    assert (outcome.status, outcome.cause) == (Status.TEMPORARY, Cause.CHANNEL)
    assert outcome.detail.startswith(detail)
    assert "MAIL" not in sink.commands


def test_a_server_that_does_not_offer_starttls() -> None:
    with smtp_server() as sink, channel_to(sink, "&starttls=yes") as channel:
        outcome = channel.send(message())
    assert "không hỗ trợ" in outcome.detail
    assert not sink.received


def test_a_wrong_password_is_the_channels_trouble_and_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)  # below DEBUG: Apprise has a TRACE
    caplog.set_level(1, "apprise")
    with smtp_server(login=("dondoc", "khac")) as sink:
        url = f"smtp://dondoc:{PASSWORD}@127.0.0.1:{sink.port}?from=nguoi.gui@huyen.test&{PATIENT}"
        with closing(open_channel(url)) as channel:
            outcome = channel.send(message())
            shown = repr(channel)
    assert any("MailCarrier" in record.getMessage() for record in caplog.records), "TRACE is on"
    assert (outcome.status, outcome.code, outcome.cause) == (Status.PERMANENT, 535, Cause.CHANNEL)
    assert sink.commands.count("AUTH") == 1, "each try counts towards a locked mailbox"
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.log")]
    for text in (outcome.detail, shown, *ours):
        assert PASSWORD not in text
        assert "nguoi.gui" not in text
        assert "vanphong@xa.test" not in text


def test_a_server_that_repeats_the_password_does_not_get_it_into_the_outcome() -> None:
    with smtp_server(login=("dondoc", PASSWORD)) as sink:
        sink.will("AUTH", *[Say(f"535 5.7.8 {PASSWORD} is wrong")] * 3)
        url = f"smtp://dondoc:{PASSWORD}@127.0.0.1:{sink.port}?{PATIENT}"
        with closing(open_channel(url)) as channel:
            outcome = channel.send(message())
    assert outcome.detail == "Máy chủ từ chối khi đăng nhập máy chủ thư: 535 5.7.8."


def test_the_servers_words_are_kept_without_the_address() -> None:
    with smtp_server() as sink:
        sink.will("RCPT", Say("550 5.1.1 <vanphong@xa.test>: unknown, call 0912 345 678"))
        outcome = send_one(sink)
    assert outcome.detail == (
        "Máy chủ từ chối khi khai báo người nhận: 550 5.1.1 <v***@xa.test>: unknown, call •••."
    )
