"""``backup`` and ``doctor``: a copy from which everything can be had again, and what is not well."""

from __future__ import annotations

import json
import stat
import threading
import tomllib
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import Date, DateTime, Select, Table, insert, select
from sqlmodel import SQLModel

from engine.model.event import Event, EventKind
from engine.store.backup import write_backup
from engine.store.database import open_engine, reading, writing
from engine.store.events import record
from engine.store.schema import HEAD, migrate
from engine.tracking.progress import VIETNAM
from tests.cast import CALENDAR
from tests.notifiers.smtp_server import Say, smtp_server
from tests.office.offices import (
    FORMULA,
    HAI,
    MORE_PLAN,
    MOT,
    NOI_VU,
    PLAN,
    REPORT,
    UNITS,
    VAN_HOA,
    VAN_PHONG,
    Office,
)

BOOK = "Đơn vị,Thư điện tử\nPhòng Nội vụ,noi-vu@thu.example\n"


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with something in every table but the deliveries."""
    office.good("contacts", "import", office.write("danh-ba.csv", BOOK))
    office.say(REPORT, "progress", date(2023, 3, 20), "--note", "“một nửa”")
    office.good("tick", "--at", "2023-04-03T09:00")
    office.write("dondoc.toml", 'base_url = "https://thu.example"\n')
    return office


def in_order(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)


def table_rows(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = open_engine(url)
    with reading(engine) as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(in_order(table)).mappings()]
            for table in SQLModel.metadata.sorted_tables
        }
    engine.dispose()
    return found


def restore(copy: Path, url: str) -> None:
    """Fills an empty database from a copy, in the order that the tables need."""
    engine = open_engine(url)
    migrate(engine)
    with ZipFile(copy) as archive, writing(engine) as connection:
        for table in SQLModel.metadata.sorted_tables:
            for line in archive.read(f"tables/{table.name}.jsonl").decode().splitlines():
                row = json.loads(line)
                for column in table.columns:
                    row[column.name] = _value(column.type, row[column.name])
                connection.execute(insert(table).values(row))
    engine.dispose()


def _value(kind: Any, value: Any) -> Any:
    kind = getattr(kind, "impl", kind)  # a decorated type is stored as the one below it
    match kind, value:
        case _, {"hex": content}:
            return bytes.fromhex(content)
        case DateTime(), str():
            return datetime.fromisoformat(value)
        case Date(), str():
            return date.fromisoformat(value)
    return value


def test_a_backup_holds_everything_and_can_be_restored(busy: Office, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    said = busy.good("backup", file).out
    kept = table_rows(f"sqlite:///{busy.home / 'dondoc.db'}")
    assert f"{sum(map(len, kept.values()))} dòng của {len(kept)} bảng" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        head = json.loads(archive.read("backup.json"))
        assert (head["revision"], head["rows"]) == (HEAD, {name: len(rows) for name, rows in kept.items()})
        assert archive.read("home/plans/thu-2023.yaml").decode() == PLAN
        names = set(archive.namelist())
        assert names >= {"home/plans/units/thu.yaml", "home/rules/calendar.yaml", "home/rules/thu.yaml"}
        assert tomllib.loads(archive.read("home/dondoc.toml").decode()) == {"base_url": "https://thu.example"}
    url = f"sqlite:///{tmp_path / 'lai.db'}"
    restore(file, url)
    assert table_rows(url) == kept
    assert all(
        kept[name]
        for name in ("assignment", "event", "contact", "notice", "message", "slot", "accepted_file")
    )


def test_a_backup_never_overwrites(busy: Office, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.zip"
    file.write_text("quý", encoding="utf-8")
    assert "chọn tên khác" in busy.refused("backup", file)
    assert file.read_text(encoding="utf-8") == "quý"
    assert "Không ghi được" in busy.refused("backup", tmp_path / "không có" / "a.zip")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["office", "sao-luu.zip"]


def test_what_a_killed_backup_left_behind_is_not_made_readable(busy: Office, tmp_path: Path) -> None:
    left = tmp_path / "sao-luu.zip.dang-ghi"
    left.write_text("dở dang", encoding="utf-8")
    left.chmod(0o644)
    busy.good("backup", tmp_path / "sao-luu.zip")
    assert stat.S_IMODE((tmp_path / "sao-luu.zip").stat().st_mode) == 0o600
    assert not left.exists()


def test_a_backup_is_one_moment_while_others_write(busy: Office, tmp_path: Path) -> None:
    """Each event moves one assignment: the events and the revisions must agree in every copy."""
    url = f"sqlite:///{busy.home / 'dondoc.db'}"
    stop = threading.Event()
    recorded = count()

    def keep_writing() -> None:
        engine, said = open_engine(url), Event(FORMULA, EventKind.PROGRESS, datetime(2023, 4, 10, tzinfo=UTC))
        while not stop.is_set():
            with writing(engine) as connection:
                record(connection, [said], CALENDAR, said.at)
            next(recorded)
        engine.dispose()

    engine = open_engine(url)
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for number in range(5):
            write_backup(engine, busy.home, tmp_path / f"{number}.zip", datetime(2023, 4, 10, tzinfo=UTC))
    finally:
        stop.set()
        writer.join()
        engine.dispose()
    seen = set()
    for number in range(5):
        with ZipFile(tmp_path / f"{number}.zip") as archive:
            events = [json.loads(line) for line in archive.read("tables/event.jsonl").splitlines()]
            rows = [json.loads(line) for line in archive.read("tables/assignment.jsonl").splitlines()]
        [revision] = [row["revision"] for row in rows if row["id"] == FORMULA]
        assert revision == sum(event["assignment"] == FORMULA for event in events)
        seen.add(revision)
    assert len(seen) > 1, "the writer must have written between the copies"


# --- doctor ------------------------------------------------------------------------------------------------


def found_by(office: Office, *, status: int) -> dict[str, list[str]]:
    """What the doctor says by level, each with its hint."""
    answer = office("doctor", "--json")
    assert answer.status == status, answer.out
    levels: dict[str, list[str]] = {"ok": [], "warning": [], "error": []}
    for finding in answer.json:
        levels[finding["level"]].append(f"{finding['what']} → {finding['hint']}")
    return levels


def one(lines: list[str], words: str) -> bool:
    return sum(words in line for line in lines) == 1


def test_a_new_office_is_told_what_is_missing(office: Office) -> None:
    found = found_by(office, status=0)
    assert found["error"] == []
    for words in (
        "Chưa có lượt xét nào → Chạy: dondoc tick",
        "4 đơn vị đang có việc mà chưa có ai để nhắc: Phòng Nội vụ; Phòng Văn hóa và Thông tin; UBND xã Hai",
        "Chưa cấu hình máy chủ thư → Đặt DONDOC_SMTP_URL",
    ):
        assert one(found["warning"], words), words
    for words in ("durable-rules nạp được", "1 kế hoạch, 6 đơn vị", "6 luật", "Cơ sở dữ liệu sqlite: 7 việc"):
        assert one(found["ok"], words), words


def test_a_healthy_office(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = "".join(
        f"{u},{u.rpartition('.')[2]}@thu.example\n" for u in (NOI_VU, VAN_HOA, MOT, HAI, VAN_PHONG)
    )
    office.good("contacts", "import", office.write("a.csv", "Đơn vị,Thư điện tử\n" + everybody))
    office.good("account", "add", "quan-tri", "--name", "Người thử", "--role", "administrator")
    monkeypatch.setenv("DONDOC_BASE_URL", "https://dondoc.example")
    monkeypatch.setenv("DONDOC_SECRET_KEY", "0123456789abcdef" * 4)
    with smtp_server() as sink:
        monkeypatch.setenv("DONDOC_SMTP_URL", f"smtp://127.0.0.1:{sink.port}")
        office.good("tick")
        found = found_by(office, status=0)
        said = office.good("doctor").out
    assert (found["warning"], found["error"]) == ([], [])
    assert one(found["ok"], f"Máy chủ thư 127.0.0.1:{sink.port} trả lời")
    assert "✓ 6 luật đang có hiệu lực" in said


def test_broken_files_are_errors(office: Office) -> None:
    office.write("rules/thu.yaml", "rules: [")
    office.write("plans/thu-2023.yaml", "plan: [")
    found = found_by(office, status=1)
    assert one(
        found["error"], "lỗi trong các tệp luật; bộ luật đúng gần nhất vẫn có hiệu lực → Xem: dondoc check"
    )
    assert one(found["error"], "1 lỗi trong các tệp kế hoạch, đơn vị")
    (office.home / "rules" / "calendar.yaml").unlink()
    assert one(found_by(office, status=1)["error"], "Thiếu lịch ngày nghỉ")


def test_what_is_not_in_the_database_yet(office: Office) -> None:
    office.write("plans/them-2023.yaml", MORE_PLAN)
    assert one(found_by(office, status=0)["warning"], "3 việc trong tệp kế hoạch chưa vào cơ sở dữ liệu")
    assert office.rows("SELECT count(*) FROM assignment") == [(7,)]


def test_a_calendar_that_ends(office: Office) -> None:
    calendar = office.home / "rules" / "calendar.yaml"
    text = calendar.read_text(encoding="utf-8")
    this_year = datetime.now(VIETNAM).year
    office.write("rules/calendar.yaml", text.partition(f"- year: {this_year + 1}")[0])
    assert one(found_by(office, status=0)["warning"], f"chưa có năm {this_year + 1}")
    office.write("rules/calendar.yaml", text.partition(f"- year: {this_year}")[0])
    assert one(found_by(office, status=1)["error"], f"Lịch ngày nghỉ chưa có năm {this_year} ")
    office.write(
        "rules/calendar.yaml",
        text.replace(f"- year: {this_year}\n", f"- year: {this_year}\n  provisional: true\n"),
    )
    assert one(found_by(office, status=0)["warning"], f"năm {this_year} mới là dự kiến")


def test_messages_that_need_somebody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.good("contacts", "import", office.write("a.csv", BOOK))
    with smtp_server() as sink:
        monkeypatch.setenv("DONDOC_SMTP_URL", f"smtp://127.0.0.1:{sink.port}")
        sink.will("RCPT", Say("550 5.1.1 no such user"))
        office.good("tick", "--at", "2023-04-03T09:00")
    found = found_by(office, status=1)
    assert one(found["error"], "1 tin không gửi được")
    assert one(found["error"], "Không nối được tới máy chủ thư 127.0.0.1:")
    assert one(found["warning"], "3 tin đang chờ vì nơi nhận chưa có địa chỉ")
    assert one(found["warning"], "Lượt xét gần nhất: 09:00 03/04/2023 → Kiểm tra dondoc run")


def test_what_the_surroundings_say(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_SMTP_ULR", "x")
    monkeypatch.setenv("DONDOC_SMTP_URL", "thu.example")
    settings = office.write("dondoc.toml", "")
    settings.chmod(0o644)
    found = found_by(office, status=1)
    assert one(found["warning"], "DONDOC_SMTP_ULR không có tác dụng gì → Có phải là DONDOC_SMTP_URL?")
    assert one(found["warning"], f"chmod 600 {settings}")
    assert one(found["error"], "DONDOC_SMTP_URL: ")
    settings.chmod(0o600)
    assert not one(found_by(office, status=1)["warning"], "chmod 600")


def test_a_contact_of_a_unit_that_is_gone(office: Office) -> None:
    office.good("contacts", "import", office.write("a.csv", BOOK))
    office.write("plans/units/thu.yaml", UNITS.replace("huyen.noi-vu", "huyen.nv"))
    assert one(found_by(office, status=0)["warning"], "1 mã đơn vị không còn trong sổ đơn vị: huyen.noi-vu")


@pytest.mark.parametrize("content", [b"day khong phai co so du lieu" * 100, b""])
def test_a_database_that_is_none(office: Office, content: bytes) -> None:
    (office.home / "dondoc.db").write_bytes(content)
    found = found_by(office, status=1 if content else 0)
    assert bool(found["error"]) == bool(content)


def test_no_home_at_all(tmp_path: Path) -> None:
    found = found_by(Office(tmp_path / "không có"), status=1)
    assert one(found["error"], "dondoc init")
