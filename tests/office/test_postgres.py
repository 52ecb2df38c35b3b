"""The main path once more on a real PostgreSQL, named by DONDOC_DATABASE_URL."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine.store.accepted import accept
from engine.store.database import open_engine, writing
from engine.store.schema import migrate
from tests.cli.command_line import dondoc_process
from tests.notifiers.smtp_server import smtp_server
from tests.office.offices import REPORT, Office


@pytest.fixture
def office(
    pristine_office: Path, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Office:
    """The same files on an empty PostgreSQL database."""
    shutil.copytree(pristine_office, tmp_path / "office", ignore=shutil.ignore_patterns("dondoc.db*"))
    monkeypatch.setenv("DONDOC_DATABASE_URL", postgres_url.replace("postgresql+psycopg:", "postgresql:"))
    return Office(tmp_path / "office")


def test_the_main_path(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Chạy: dondoc sync" in office("assignments", "--plan", "thu-2023").err
    assert len(office.good("sync", "--json").json["added"]) == 7
    assert office.good("sync", "--json").json["unchanged"] == 7
    book = office.write("a.csv", "Đơn vị,Thư điện tử\nPhòng Nội vụ,noi-vu@thu.example\n")
    office.good("contacts", "import", book)
    file = office.write("b.csv", f"Mã;Trạng thái;Tỷ lệ;Ngày\n{REPORT};tiến độ;;\n")
    assert office("submit", "--file", file).status == 1
    file = office.write("b.csv", f"Mã;Trạng thái;Tỷ lệ;Ngày\n{REPORT};progress;60%;20/03/2023\n")
    office.good("submit", "--file", file)
    with smtp_server() as sink:
        monkeypatch.setenv("DONDOC_SMTP_URL", f"smtp://127.0.0.1:{sink.port}")
        first = office.good("tick", "--at", "2023-04-03T09:00", "--json").json
        office.good("doctor")
        again = office.good("tick", "--at", "2023-04-03T09:00", "--json").json
    assert (first["evaluated"], first["sent"], again["evaluated"], again["sent"]) == (True, 1, False, 0)
    [late] = office.good("overdue", "--as-of", "2023-04-03", "--json").json["rows"]
    assert (late["assignment"], late["reminders"], late["days_late"]) == (REPORT, 1, 1)
    assert late["last_event"] == {"on": "2023-03-20", "text": "cập nhật tiến độ: 60%"}
    office.good("office", "extend", REPORT, "--to", "28/4/2023", "--cures", "--at", "2023-04-04")
    assert office.good("overdue", "--as-of", "2023-04-05", "--json").json["total"] == 0
    message = next(m["id"] for m in first["messages"] if m["channel"] == "email")
    assert "đã gửi lúc 09:00 03/04/2023" in office.good("explain", message).out
    assert "trong ngày này" in office.good("why-not", REPORT, "--on", "2023-04-03").out
    office.good("backup", tmp_path / "a.zip")
    with ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("tables/event.jsonl").count(b"\n") == 2
    assert not list(office.home.glob("dondoc.db*"))


def test_two_who_remember_the_same_file_at_once_take_turns(postgres_url: str) -> None:
    now, engine = datetime(2023, 4, 3, tzinfo=UTC), open_engine(postgres_url)
    migrate(engine)

    def remember() -> tuple[str, ...]:
        with writing(engine) as connection:
            return accept(connection, {"rules/a.yaml": b"a"}, now)

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            assert accept(connection, {"rules/a.yaml": b"a"}, now) == ("rules/a.yaml",)
            other = pool.submit(remember)
            with pytest.raises(TimeoutError):
                other.result(0.5)
        assert other.result(20) == ()
    engine.dispose()


def test_processes_that_start_together_on_an_empty_database(office: Office) -> None:
    """Each makes the tables, tries the rules and remembers them; none stands in the way of another."""
    with ThreadPoolExecutor(4) as pool:
        words = ("tick", "--at", "2023-04-03T09:00", "--json", "--home", office.home)
        answers = list(pool.map(lambda _: dondoc_process(*words), range(4)))
    assert [(answer.status, answer.err) for answer in answers] == [(0, "")] * 4
    assert sum(answer.json["evaluated"] for answer in answers) == 1
