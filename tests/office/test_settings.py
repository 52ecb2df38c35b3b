"""Settings as commands meet them: what is wrong is named, what is secret is never shown."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from engine.errors import DondocError
from engine.installation.settings import load_settings, unknown_variables
from tests.office.offices import Office

SECRET = "bi-mat-kh0ng-ke"


def loaded(home: Path, toml: str = "", **environment: str) -> object:
    (home / "dondoc.toml").write_text(toml, encoding="utf-8")
    return load_settings(home, environment)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('smtp_ulr = "x"', "khóa lạ “smtp_ulr”. Có phải là “smtp_url”? Các khóa: base_url"),
        ("hours = 7", "Giờ gửi tin “7” không đúng dạng"),
        ('hours = "07:30Z-17:00Z"', "không đúng dạng"),
        ('hours = "07:30-24:00"', "không đúng dạng"),
        ('hours = "07:30-07:30"', "giờ đầu phải trước giờ cuối"),
        ('slot_minutes = "²"', "ước của 60"),
        ("slot_minutes = 45", "ước của 60"),
        ("slot_minutes = true", "giá trị của “slot_minutes” phải là chữ"),
        ('smtp_url = ["smtp://a"]', "giá trị của “smtp_url” phải là chữ"),
        ('base_url = "javascript:alert(1)"', "phải bắt đầu bằng http:// hoặc https://"),
        ('base_url = "https://"', "phải bắt đầu bằng http:// hoặc https://"),
        ('hours = "08:00-17:00"\nsmtp_url = smtp', "không đọc được ở dòng 2, cột"),
        ('a = "1"\na = "2"', "không đọc được"),
    ],
)
def test_a_wrong_setting_is_named(home: Path, toml: str, said: str) -> None:
    with pytest.raises(DondocError) as caught:
        loaded(home, toml)
    assert said in str(caught.value)
    assert "dondoc.toml" in str(caught.value) or "“" in str(caught.value) or "base_url" in str(caught.value)


def test_what_is_read(home: Path) -> None:
    found = load_settings(
        home, {"DONDOC_HOURS": "7:30–16:45", "DONDOC_SLOT_MINUTES": "5", "DONDOC_BASE_URL": "https://a/b/"}
    )
    assert (found.hours, found.slot_minutes, found.base_url) == (
        (time(7, 30), time(16, 45)),
        5,
        "https://a/b",
    )


def test_an_empty_value_is_none_and_an_empty_environment_is_not_our_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "dondoc.toml").write_text('smtp_url = "smtp://a"\nhours = ""\n', encoding="utf-8")
    monkeypatch.setenv("DONDOC_SMTP_URL", "smtp://b")
    assert load_settings(home, {}).smtp_url == "smtp://a"
    assert load_settings(home).smtp_url == "smtp://b"
    monkeypatch.setenv("DONDOC_SMTP_URL", "")
    assert (load_settings(home).smtp_url, load_settings(home).hours[0]) == (None, time(7, 30))


def test_a_secret_file_may_begin_with_a_mark_and_end_with_a_line(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_bytes(b"\xef\xbb\xbfsmtp://a\r\n")
    assert load_settings(home, {"DONDOC_SMTP_URL_FILE": str(file)}).smtp_url == "smtp://a"
    file.write_bytes(b"\xff" + SECRET.encode())
    with pytest.raises(DondocError) as caught:
        load_settings(home, {"DONDOC_SMTP_URL_FILE": str(file)})
    assert "DONDOC_SMTP_URL_FILE" in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


def test_variables_that_mean_nothing_are_found() -> None:
    given = {
        "DONDOC_SMTP_ULR": "x",
        "DONDOC_QWERTY": "x",
        "DONDOC_SMTP_URL": "x",
        "DONDOC_SECRET_KEY_FILE": "x",
        "DONDOC_DEBUG": "1",
        "DONDOC_ZALO_BOT_TOKEN": "x",
        "DONDOC_ZNS_APP_ID": "x",
        "PATH": "x",
    }
    found = unknown_variables(given)
    assert sorted(found) == ["DONDOC_QWERTY", "DONDOC_SMTP_ULR"]
    assert found["DONDOC_SMTP_ULR"][0] == "DONDOC_SMTP_URL"


LEAKY = [
    {"DONDOC_SMTP_URL": f"smtp://user:{SECRET}@thu.example"},
    {"DONDOC_SMTP_URL": f"http://user:{SECRET}@thu.example"},
    {"DONDOC_SMTP_URL": f"smtps://user:{SECRET}@thu.example:x"},
    {"DONDOC_SMTP_URL": f"smtps://user:{SECRET}@127.0.0.1:9?from=khong-phai-thu"},
    {"DONDOC_SMTP_URL": f"smtps://user:{SECRET}@127.0.0.1:9?from=a@thu.example"},
    {"DONDOC_DATABASE_URL": f"postgresql://user:{SECRET}@127.0.0.1:9/khong-co"},
    {"DONDOC_DATABASE_URL": f"mysql://user:{SECRET}@127.0.0.1:9/khong-co"},
    {"DONDOC_DATABASE_URL": f"khong phai dia chi {SECRET}"},
    {"DONDOC_SECRET_KEY": SECRET},
]


@pytest.mark.parametrize("environment", LEAKY, ids=lambda e: next(iter(e.values())).split(":")[0])
@pytest.mark.parametrize("debug", ["", "1"])
def test_a_secret_is_never_printed(
    office: Office, environment: dict[str, str], debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environment, "DONDOC_DEBUG": debug}.items():
        monkeypatch.setenv(name, value)
    for words in (
        ("tick", "--at", "2023-03-06T09:00", "--json"),
        ("doctor", "--json"),
        ("assignments", "--json", "--as-of", "2023-03-06"),
    ):
        answer = office(*words)
        assert SECRET not in answer.out + answer.err
        assert answer.status == 0 or answer.err or words[0] == "doctor"


def test_wrong_settings_stop_a_command_with_words(office: Office) -> None:
    office.write("dondoc.toml", 'smtp_ulr = "x"\n')
    assert "khóa lạ “smtp_ulr”" in office.refused("tick", "--json")
    office.write("dondoc.toml", 'smtp_url = "thu.example"\n')
    assert "DONDOC_SMTP_URL: " in office.refused("tick", "--json")
