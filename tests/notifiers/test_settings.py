"""From settings URLs to channels, and what is said about a wrong one."""

import smtplib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import ChannelError, mail_address_problem, mask, open_channel
from notifiers.registry import KINDS
from notifiers.smtp_settings import Security, parse_smtp_url

SECRET = "mat-khau-rat-kin"


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "sender"),
    [
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Security.NONE, "dondoc@localhost"),
        ("smtp://localhost", "localhost", 25, Security.NONE, "dondoc@localhost"),
        ("smtp://[::1]:2525", "::1", 2525, Security.NONE, "dondoc@localhost"),
        ("smtp://mail.x.vn?from=a@x.vn", "mail.x.vn", 25, Security.NONE, "a@x.vn"),
        ("smtp://u:p@mail.x.vn?starttls=yes&from=a@x.vn", "mail.x.vn", 587, Security.STARTTLS, "a@x.vn"),
        ("smtp://a%40x.vn:p@mail.x.vn:2587?starttls=yes", "mail.x.vn", 2587, Security.STARTTLS, "a@x.vn"),
        ("smtps://a%40x.vn:p@mail.x.vn", "mail.x.vn", 465, Security.SSL, "a@x.vn"),
        ("SMTPS://a%40x.vn:p@mail.x.vn:465/", "mail.x.vn", 465, Security.SSL, "a@x.vn"),
    ],
)
def test_urls_of_the_contract(url: str, host: str, port: int, security: Security, sender: str) -> None:
    settings = parse_smtp_url(url)
    assert (settings.host, settings.port, settings.security, settings.sender.value) == (
        host,
        port,
        security,
        sender,
    )


def test_every_part_of_a_url_survives_the_way_back() -> None:
    settings = parse_smtp_url(
        "smtp://u%40x.vn:p%2F%3F%23%40%3A%25@mail.x.vn:2587?starttls=yes&from=a@x.vn&name=V%C4%83n+ph%C3%B2ng"
        "&reply=b@x.vn&helo=gui.x.vn&connect_timeout=3&read_timeout=4.5&timeout=60&idle_timeout=5&slots=8"
    )
    assert (settings.user, settings.password) == ("u@x.vn", "p/?#@:%")
    assert settings.sender.name == "Văn phòng"
    assert parse_smtp_url(settings.url(masked=False)) == settings
    masked = settings.url(masked=True)
    assert "***" in masked
    for secret in ("p/?#", "p%2F", "u@x.vn", "u%40x.vn", "from=a@x.vn", "reply=b@x.vn"):
        assert secret not in masked


WRONG = [
    (f"smtp://u:{SECRET}@mail.x.vn:abc?from=a@x.vn", "cổng sai"),
    (f"smtp://u:{SECRET}@mail.x.vn:70000?from=a@x.vn", "cổng sai"),
    (f"smtps://u:{SECRET}@mail.x.vn:0?from=a@x.vn", "cổng phải từ 1"),
    (f"smtps://u:{SECRET}/x@mail.x.vn?from=a@x.vn", "cổng sai"),
    (f"smtps://u:{SECRET}?x@mail.x.vn", "cổng sai"),
    (f"smtps://u:{SECRET}@", "thiếu hoặc sai tên máy chủ"),
    (f"smtps://u:{SECRET}@máy.chủ?from=a@x.vn", "thiếu hoặc sai tên máy chủ"),
    (f"smtps://:{SECRET}@mail.x.vn?from=a@x.vn", "thiếu tên tài khoản"),
    (f"smtps://u:{SECRET}ạ@mail.x.vn?from=a@x.vn", "chữ không dấu"),
    (f"smtps://u:{SECRET}%0D%0A@mail.x.vn?from=a@x.vn", "chữ không dấu"),
    (f"smtps://u:{SECRET}@mail.x.vn/hop-thu?from=a@x.vn", "chỉ được có ?tham số"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn#x", "chỉ được có ?tham số"),
    (f"smtp://u:{SECRET}@mail.x.vn:587?from=a@x.vn", "không được mã hóa"),
    (f"smtps://u:{SECRET}@mail", "chưa biết gửi từ địa chỉ nào"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a", "tham số “from”"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn,b@x.vn", "tham số “from”"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&reply=b%0A@x.vn", "tham số “reply”"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&from=b@x.vn", "viết hai lần"),
    (f"smtps://u:{SECRET}@mail.x.vn?form=a@x.vn", "Có phải là “from”?"),
    (f"smtps://u:{SECRET}@mail.x.vn?xyz=1", "Các tham số có"),
    (f"smtps://u:12?{SECRET}@mail.x.vn", "Các tham số có"),  # "?" not written as %3F
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&starttls=yes", "đã mã hóa sẵn"),
    (f"smtp://u:{SECRET}@mail.x.vn?from=a@x.vn&starttls=maybe", "yes hoặc no"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&timeout=0", "số giây"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&timeout=nan", "số giây"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&read_timeout=-1", "số giây"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&slots=0", "từ 1 đến 8"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&slots=9", "từ 1 đến 8"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&slots=²", "từ 1 đến 8"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&ca=khong-co.pem", "chứng thư"),
    (f"smtps://u:{SECRET}@mail.x.vn?from=a@x.vn&helo=a%0D%0Ab", "helo"),
    (f"mailto://u:{SECRET}@mail.x.vn", "chưa được hỗ trợ"),
    (f"u:{SECRET}@mail.x.vn", "chưa được hỗ trợ"),
    (f"smtp:u:{SECRET}@mail.x.vn", "chưa được hỗ trợ"),
    ("", "chưa được hỗ trợ"),
]


@pytest.mark.parametrize(("url", "said"), WRONG)
def test_a_wrong_url_is_explained_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ChannelError) as caught:
        open_channel(url)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None, "what urllib says of a port may be the password"


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("vanphong@xa.haiphong.gov.vn", True),
        ("a.b+c_d@x.vn", True),
        ("dondoc@localhost", True),
        ("a@b", False),
        ("a", False),
        ("@x.vn", False),
        ("a@", False),
        ("a@@x.vn", False),
        (".a@x.vn", False),
        ("a..b@x.vn", False),
        ("a@x..vn", False),
        ("a@-x.vn", False),
        ("a@x.vn.", False),
        ("a b@x.vn", False),
        ("a@x.vn\n", False),
        ("a@x.vn,b@x.vn", False),
        ('"a b"@x.vn', False),
        ("a@[10.0.0.1]", False),
        ("văn@x.vn", False),
        ("a@phường.vn", False),
        ("a" * 65 + "@x.vn", False),
        ("a@" + "x." * 130 + "vn", False),
    ],
)
def test_mail_addresses(address: str, fine: bool) -> None:
    assert (mail_address_problem(address) is None) is fine


@given(st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,20}@[a-z0-9.-]{1,20}", fullmatch=True))
def test_an_accepted_address_is_what_smtplib_names_to_the_server(address: str) -> None:
    if mail_address_problem(address) is None:
        assert smtplib.quoteaddr(address) == f"<{address}>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gửi a.b@x.vn, c@y.vn", "gửi a***@x.vn, c***@y.vn"),
        ("<vanphong@xa.vn>:", "<v***@xa.vn>:"),
        ("gọi 0912 345 678 hoặc +84912345678", "gọi ••• hoặc •••"),
        ("550 5.1.1 queued as 12345", "550 5.1.1 queued as 12345"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_every_kind_is_told_apart_by_its_name_and_its_settings() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len({kind.settings for kind in KINDS}) == len(KINDS)
    assert all(kind.settings for kind in KINDS)


def test_importing_the_package_loads_neither_apprise_nor_smtplib() -> None:
    code = "import sys, notifiers; print({'apprise', 'smtplib', 'engine', 'ssl'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_an_account_alone_says_who_writes() -> None:
    settings = parse_smtp_url("smtps://user:pass@mail.x.vn:465")
    assert settings.sender.value == "user@mail.x.vn"
