"""Files that go with a mail: how they arrive, and which are refused."""

import re
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers import Address, Attachment, Cause, MessageError, OutgoingMessage, Status, open_channel
from notifiers.message import ATTACHMENTS_LIMIT
from notifiers.mime import mail_bytes
from tests.notifiers.smtp_server import smtp_server

WHEN = datetime(2023, 7, 3, 0, 30, tzinfo=UTC)
SENDER = Address("dondoc@huyen.test", "Văn phòng")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONG_NAME = "Danh sách nhiệm vụ quá hạn của các xã, thị trấn đến hết quý II năm 2023 – kèm báo cáo.xlsx"


def make(*files: Attachment, html: str | None = "<p>Nội dung</p>") -> OutgoingMessage:
    return OutgoingMessage(
        "tin-1", Address("u@x.test"), "Tổng hợp", "Nội dung", WHEN, html, attachments=files
    )


def parsed(mail: bytes) -> EmailMessage:
    return message_from_bytes(mail, policy=policy.default)


def test_files_arrive_beside_both_readings_of_the_text() -> None:
    files = (
        Attachment(LONG_NAME, SHEET, bytes(range(256)) * 40),
        Attachment("so lieu 1.csv", "text/csv", "Đơn vị;Số việc\r\n".encode()),
    )
    with smtp_server() as sink, closing(open_channel(f"smtp://127.0.0.1:{sink.port}")) as channel:
        assert channel.send(make(*files)).status is Status.SENT
    mail = sink.received[0].mail
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", SHEET, "text/csv",
    ]  # fmt: skip
    arrived = list(mail.iter_attachments())
    assert [part.get_filename() for part in arrived] == [LONG_NAME, "so lieu 1.csv"]
    assert [part.get_content_disposition() for part in arrived] == ["attachment"] * 2
    assert [part.get_payload(decode=True) for part in arrived] == [file.content for file in files]
    body = mail.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == "<p>Nội dung</p>"


def test_a_plain_text_may_carry_a_file_too() -> None:
    mail = parsed(mail_bytes(make(Attachment("a.csv", "text/csv", b""), html=None), SENDER))
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/mixed", "text/plain", "text/csv"]


def test_the_same_message_is_the_same_mail() -> None:
    files = (Attachment(LONG_NAME, SHEET, b"x" * 1000),)
    assert mail_bytes(make(*files), SENDER) == mail_bytes(make(*files), SENDER)


letters = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\0\"'%*;=/\\.\u2028\u202eạếữ ")), max_size=130
)


@settings(max_examples=300, deadline=None)
@given(name=letters, media_type=st.one_of(st.just(SHEET), letters), content=st.binary(max_size=300))
def test_whatever_a_file_is_called_the_mail_stays_one_mail(
    name: str, media_type: str, content: bytes
) -> None:
    try:
        message = make(Attachment(f"{name}.xlsx", media_type, content))
    except MessageError:
        return
    mail = mail_bytes(message, SENDER)
    assert not re.search(rb"[^\r]\n|\r[^\n]", mail)
    assert max(map(len, mail.split(b"\r\n"))) <= 100
    found = parsed(mail)
    [file] = found.iter_attachments()
    assert file.get_filename() == f"{name}.xlsx"
    assert file.get_payload(decode=True) == content
    assert list(file) == ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
    assert [part.get_content_type() for part in found.walk()][:2] == [
        "multipart/mixed",
        "multipart/alternative",
    ]


@pytest.mark.parametrize(
    ("name", "media_type", "said"),
    [
        ("", SHEET, "Tên tệp"),
        ("khong-co-duoi", SHEET, "Tên tệp"),
        (".xlsx", SHEET, "Tên tệp"),
        ("../a.xlsx", SHEET, "Tên tệp"),
        ("C:\\a.xlsx", SHEET, "Tên tệp"),
        ('a".xlsx', SHEET, "Tên tệp"),
        ("a\r\nBcc: evil@x.test\r\n.xlsx", SHEET, "Tên tệp"),
        ("a\u202excod.xlsx", SHEET, "Tên tệp"),
        ("ạ" * 116 + ".xlsx", SHEET, "Tên tệp"),
        ("a.xlsx", "", "Loại của tệp"),
        ("a.xlsx", "message/rfc822", "Loại của tệp"),
        ("a.xlsx", "multipart/mixed", "Loại của tệp"),
        ("a.xlsx", 'text/plain; name="x"', "Loại của tệp"),
        ("a.xlsx", "text/plain\r\nBcc: evil@x.test", "Loại của tệp"),
    ],
)
def test_a_file_that_could_harm_is_refused(name: str, media_type: str, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        make(Attachment(name, media_type, b"x"))


def test_files_together_have_a_limit() -> None:
    half = bytes(ATTACHMENTS_LIMIT // 2)
    make(Attachment("a.bin", "application/zip", half), Attachment("b.bin", "application/zip", half))
    with pytest.raises(MessageError, match="10 MB"):
        make(
            Attachment("a.bin", "application/zip", half),
            Attachment("b.bin", "application/zip", half + b"x"),
        )


def test_a_mail_whose_files_are_too_much_for_the_server_is_never_repeated() -> None:
    with (
        smtp_server(size_limit=5000) as sink,
        closing(open_channel(f"smtp://127.0.0.1:{sink.port}")) as channel,
    ):
        outcome = channel.send(make(Attachment("a.xlsx", SHEET, bytes(9000))))
    assert (outcome.status, outcome.code, outcome.cause) == (Status.PERMANENT, 552, Cause.MESSAGE)


def test_one_click_unsubscribe_arrives_as_mail_programs_want_it() -> None:
    """RFC 8058: both headers, the address in https."""
    headers = {
        "List-Unsubscribe": f"<https://dondoc.example/u/{'x' * 43}/tin-de-biet>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    message = OutgoingMessage("m1", Address("u@x.test"), "Tin", "Nội dung", WHEN, headers=headers)
    with smtp_server() as sink, closing(open_channel(f"smtp://127.0.0.1:{sink.port}")) as channel:
        assert channel.send(message).status is Status.SENT
    raw = message_from_bytes(sink.received[0].content)
    assert {name: raw.get_all(name) for name in headers} == {n: [value] for n, value in headers.items()}
