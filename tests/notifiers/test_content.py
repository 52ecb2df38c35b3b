"""What a mail looks like to the one who gets it, and that nothing in it can change where it goes."""

import re
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers import Address, MessageError, OutgoingMessage, Status, open_channel
from notifiers.lines import CLEANED_BREAKS, CLEANED_HIDDEN, CLEANED_LENGTH, CLEANED_SPECIALS
from notifiers.mime import mail_bytes
from tests.notifiers.smtp_server import smtp_server

WHEN = datetime(2023, 7, 3, 0, 30, tzinfo=UTC)
SENDER = Address("dondoc@huyen.test", "Văn phòng HĐND và UBND huyện")
TEXT = (
    "Kính gửi Phòng Văn hóa và Thông tin,\n\n"
    "Quá hạn 3 ngày làm việc: Thí điểm giao một số thủ tục hành chính (hạn 28/6/2023).\n"
    ".Dòng bắt đầu bằng dấu chấm\nFrom đầu dòng\n--=_dondoc_alternative--\n"
)
HTML = "<p>" + TEXT.replace("\n", "<br>") + "</p>"
SUBJECT = (
    "1 quá hạn, 2 sắp đến hạn: Phòng Văn hóa và Thông tin, huyện An Dương, thành phố Hải Phòng (03/7/2023)"
)

EXPECTED_HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]

ATTACKS = [
    "Hạn\r\nBcc: evil@x.test",
    "Hạn\nBcc: evil@x.test",
    "Hạn\rBcc: evil@x.test",
    "Hạn\x00\x0b\x0c\x85\u2028\u2029Bcc: evil@x.test",
    "Hạn\r\n\r\n<h1>thân thư khác</h1>",
    "=?utf-8?q?H=0D=0ABcc:_evil@x.test?=",  # an encoded word that decodes to a header of its own
    "=?utf-8?b?SA0KQmNjOiBldmlsQHgudGVzdA==?= " * 5,
    "\u202egnạh áuq",  # a right-to-left override
    "\ud800 nửa ký tự",
    "a" * 2000,
    "ạ" * 2000,
    'một,hai;ba<bốn@x.test>"năm"(sáu)[bảy]\\tám:chín',
]


def make(
    subject: str = SUBJECT, name: str = "Phòng VH&TT", text: str = TEXT, html: str | None = HTML
) -> OutgoingMessage:
    return OutgoingMessage("dondoc.17", Address("vhtt@xa.test", name), subject, text, WHEN, html)


def parsed(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=policy.default)


def decoded(mail: bytes, header: str) -> str:
    """A header as a mail program shows it (policy.default of 3.11 puts blanks between encoded words)."""
    unfolded = re.sub(r"\r\n(?= )", "", message_from_bytes(mail)[header])
    return str(make_header(decode_header(unfolded)))


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    content = found.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def assert_harmless(mail: bytes, recipient: str, *, html: bool = True) -> None:
    """Exactly our headers, one recipient, ASCII lines of allowed length, CRLF only."""
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
    expected = EXPECTED_HEADERS if html else [*EXPECTED_HEADERS, "Content-Transfer-Encoding"]
    assert names == expected
    assert all(len(line) <= 76 for line in head.split("\r\n") if not line.startswith(("Message-ID", " <")))
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert not re.search(rb"[^\r]\n|\r[^\n]", mail)
    mailboxes = getaddresses([decoded(mail, "To")])
    assert [address for _, address in mailboxes] == [recipient]
    for header in ("To", "From", "Subject"):
        assert not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", decoded(mail, header))
    message = parsed(mail)
    assert [address.addr_spec for address in message["To"].addresses] == [recipient]
    assert [kind.get_content_type() for kind in message.walk()] == (
        ["multipart/alternative", "text/plain", "text/html"] if html else ["text/plain"]
    )


def test_a_mail_as_it_arrives() -> None:
    with smtp_server() as sink:
        url = f"smtp://127.0.0.1:{sink.port}?from={SENDER.value}&name=V%C4%83n%20ph%C3%B2ng&reply=tra.loi@huyen.test"
        with closing(open_channel(url)) as channel:
            assert channel.send(make()).status is Status.SENT
    got = sink.received[0]
    mail = got.mail
    assert (got.sender, got.recipients) == ("dondoc@huyen.test", ("vhtt@xa.test",))
    assert mail["Subject"] == SUBJECT
    assert str(mail["From"]) == "Văn phòng <dondoc@huyen.test>"
    assert str(mail["To"]) == "Phòng VH&TT <vhtt@xa.test>"
    assert str(mail["Reply-To"]) == "tra.loi@huyen.test"
    assert mail["Message-ID"] == "<dondoc.17@huyen.test>"
    assert parsedate_to_datetime(mail["Date"]) == WHEN
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Content-Language"] == "vi"
    assert list(mail) == [*EXPECTED_HEADERS[:2], "Reply-To", *EXPECTED_HEADERS[2:]]
    assert part(mail, "plain") == TEXT
    assert part(mail, "html") == HTML


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.extend(data.split())


def test_both_parts_say_the_same() -> None:
    mail = parsed(mail_bytes(make(), SENDER))
    reader = _Words()
    reader.feed(part(mail, "html"))
    assert reader.words == part(mail, "plain").split()
    assert [kind.get_content_charset() for kind in mail.iter_parts()] == ["utf-8", "utf-8"]


def test_without_html_the_mail_is_one_plain_part() -> None:
    mail = mail_bytes(make(html=None), SENDER)
    assert_harmless(mail, "vhtt@xa.test", html=False)
    assert part(parsed(mail), "plain") == TEXT


def test_the_same_message_is_the_same_mail() -> None:
    assert mail_bytes(make(), SENDER) == mail_bytes(make(), SENDER)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_adds_a_header_or_a_recipient(attack: str) -> None:
    message = make(attack, attack, attack, attack)
    mail = mail_bytes(message, Address("dondoc@huyen.test", attack))
    assert_harmless(mail, "vhtt@xa.test")
    assert decoded(mail, "Subject") == message.subject


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_changes_the_envelope(attack: str) -> None:
    with smtp_server() as sink, closing(open_channel(f"smtp://127.0.0.1:{sink.port}")) as channel:
        assert channel.send(make(attack, attack, attack, attack)).status is Status.SENT
    assert [got.recipients for got in sink.received] == [("vhtt@xa.test",)]


anything = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\0,;<>@:\"'()[]\\=?_.-\u2028\u202eạếữ ")), max_size=300
)


@settings(max_examples=300, deadline=None)
@given(subject=anything, name=anything, text=anything, html=anything, sender=anything)
def test_whatever_is_written_the_mail_stays_one_mail(
    subject: str, name: str, text: str, html: str, sender: str
) -> None:
    message = make("S" + subject, name, "T" + text, html)
    mail = mail_bytes(message, Address("dondoc@huyen.test", sender))
    assert_harmless(mail, "vhtt@xa.test")
    assert decoded(mail, "Subject") == message.subject
    shown = getaddresses([decoded(mail, "To")])[0][0]
    assert shown == message.recipient.name
    lines = re.compile(r"\r\n|\r")
    assert part(parsed(mail), "plain") == lines.sub("\n", message.text)
    assert part(parsed(mail), "html") == lines.sub("\n", message.html or "")


@settings(max_examples=300)
@given(value=anything)
def test_an_address_is_refused_or_taken_as_it_is(value: str) -> None:
    if value == "" or re.search(r"[^\x21-\x7e]|[,;:<>()\[\]\\\"]", value):
        with pytest.raises(MessageError, match=r"địa chỉ|Địa chỉ"):
            Address(value)
    else:
        assert Address(value).value == value


@pytest.mark.parametrize(
    ("subject", "kept", "remarks"),
    [
        ("Nhiệm vụ\r\nBcc: x@y.test", "Nhiệm vụ Bcc: x@y.test", (CLEANED_BREAKS,)),
        ("Nhiệm\u200b vụ", "Nhiệm vụ", (CLEANED_HIDDEN,)),
        ("  Nhiệm   vụ  ", "Nhiệm vụ", ()),
        ("Nhie\u0323\u0302m vu\u0323", "Nhiệm vụ", ()),  # decomposed letters
        ("x" * 300, "x" * 249 + "…", (CLEANED_LENGTH,)),
    ],
)
def test_a_subject_is_cleaned_with_a_reason(subject: str, kept: str, remarks: tuple[str, ...]) -> None:
    message = make(subject)
    assert (message.subject, message.cleaned) == (kept, remarks)


@pytest.mark.parametrize(
    ("name", "kept", "remarks"),
    [
        ("Sở Văn hóa, Thể thao và Du lịch", "Sở Văn hóa - Thể thao và Du lịch", (CLEANED_SPECIALS,)),
        ("A\nBcc: evil@x.vn", "A Bcc evil x.vn", (CLEANED_BREAKS, CLEANED_SPECIALS)),
        ('"Phòng" <a@b.vn>', "Phòng a b.vn", (CLEANED_SPECIALS,)),
        ("Văn phòng - Thống kê", "Văn phòng - Thống kê", ()),
        ("", "", ()),
    ],
)
def test_a_name_is_cleaned_with_a_reason(name: str, kept: str, remarks: tuple[str, ...]) -> None:
    address = Address("u@x.test", name)
    assert (address.name, address.cleaned) == (kept, remarks)
    assert make(name=name).cleaned == remarks


def test_extra_headers_arrive_once_and_as_written() -> None:
    headers = {
        "List-Unsubscribe": "<https://dondoc.test/u/1>",
        "References": "<a@x.test> <b@x.test>",
        "X-Dondoc-Kind": "digest",
    }
    message = OutgoingMessage("m1", Address("u@x.test"), "Tin", "Nội dung", WHEN, headers=headers)
    mail = parsed(mail_bytes(message, SENDER))
    assert {name: mail.get_all(name) for name in headers} == {
        name: [value] for name, value in headers.items()
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Bcc", "evil@x.test"),
        ("To", "evil@x.test"),
        ("message-id", "<x@y>"),
        ("Content-Type", "text/html"),
        ("X-Auto-Response-Suppress", "None"),
        ("X-A\r\nBcc", "evil@x.test"),
        ("X-A: b", "c"),
        ("X-A", "b\r\nBcc: evil@x.test"),
        ("X-A", "b\nc"),
        ("X-A", "có dấu"),
        ("X-A", ""),
        ("X-A", "x" * 901),
    ],
)
def test_a_header_that_could_harm_is_refused(name: str, value: str) -> None:
    with pytest.raises(MessageError, match="trường đầu thư"):
        OutgoingMessage("m1", Address("u@x.test"), "Tin", "Nội dung", WHEN, headers={name: value})


@pytest.mark.parametrize("wrong", ["", "có dấu", "a b", "a@b", "a..b", ".a", "a\n", "<a>", "x" * 101])
def test_an_id_that_is_no_message_id_is_refused(wrong: str) -> None:
    with pytest.raises(MessageError, match="Mã tin"):
        OutgoingMessage(wrong, Address("u@x.test"), "Tin", "Nội dung", WHEN)


@pytest.mark.parametrize(
    ("subject", "text"), [("", "a"), ("\r\n", "a"), ("\u200b", "a"), ("a", ""), ("a", " \n")]
)
def test_a_message_without_words_is_refused(subject: str, text: str) -> None:
    with pytest.raises(MessageError, match="Tin không có"):
        make(subject, text=text)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(MessageError, match="múi giờ"):
        OutgoingMessage("m1", Address("u@x.test"), "Tin", "a", datetime(2023, 7, 3))  # noqa: DTZ001


def test_addresses_and_texts_do_not_show_in_a_repr() -> None:
    shown = repr(make())
    assert "vhtt@xa.test" not in shown
    assert "Kính gửi" not in shown
