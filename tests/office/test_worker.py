"""The scheduler: ``dondoc worker`` as processes of their own, with a real mail server and the real clock."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import DondocError
from engine.schedule import run_until
from engine.tracking.progress import VIETNAM
from tests.cli.command_line import ROOT
from tests.notifiers.smtp_server import Hang, SmtpSink, smtp_server
from tests.office.offices import HAI, MOT, NOI_VU, VAN_HOA, VAN_PHONG, Office, copy_of, make_home
from tests.watching.watcher import watcher

EVERYBODY = (NOI_VU, VAN_HOA, VAN_PHONG, MOT, HAI)
TOLD = 5  # all leads, and whoever watches what is late for years
PATIENCE = 30.0


def address(unit: str) -> str:
    return f"{unit.rpartition('.')[2]}@thu.example"


def wait_until(what: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Looks again and again; fails when it never comes true."""
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def working_day() -> None:
    """Messages go out at any hour of today and tomorrow, but for the last minute of a day."""
    now = datetime.now(VIETNAM)
    if (now.hour, now.minute) >= (23, 58):
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1)
        time.sleep((midnight - now).total_seconds())


@pytest.fixture(scope="module")
def staffed_home(working_day: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made after the day was looked at, so that the calendar knows today as a working day."""
    folder = tmp_path_factory.mktemp("worker") / "home"
    make_home(folder)
    book = "".join(f"{unit},{address(unit)}\n" for unit in EVERYBODY)
    office = Office(folder)
    office.good("contacts", "import", office.write("danh-ba.csv", "Đơn vị,Thư điện tử\n" + book))
    return folder


@pytest.fixture
def staffed(staffed_home: Path, tmp_path: Path) -> Office:
    return copy_of(staffed_home, tmp_path / "office")


@contextmanager
def worker(office: Office, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """``dondoc worker`` in a process of its own; killed when the block ends, if it still runs."""
    settings = {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DONDOC_HOURS": "00:00-23:59",
        "DONDOC_SMTP_URL": f"smtp://127.0.0.1:{port}?from=dondoc@thu.example&read_timeout=2",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", "worker", "--home", str(office.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stopped(process: subprocess.Popen[str], seconds: float = 10) -> tuple[int, str, str]:
    """Asks a worker to stop; gives back its exit status and what it said."""
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def recipients(sink: SmtpSink) -> Counter[str]:
    return Counter(address for received in sink.received for address in received.recipients)


ONE_EACH = Counter(map(address, EVERYBODY))


def test_a_worker_sends_what_is_due_and_stops_when_asked(staffed: Office) -> None:
    with (
        watcher() as watching,
        smtp_server() as sink,
        worker(
            staffed, sink.port, DONDOC_PING_URL=watching.url, DONDOC_BASE_URL="https://don-doc.example"
        ) as process,
    ):
        wait_until(lambda: len(sink.received) >= TOLD and bool(watching.asked))
        asked = time.monotonic()
        status, out, err = stopped(process)
        assert time.monotonic() - asked < 5
    assert status == 0
    [line] = [json.loads(line) for line in err.splitlines()]
    assert (line["event"], line["evaluated"], line["sent"], line["failed"]) == ("pass", True, TOLD, 0)
    assert line["channels"] == {"email": {"sent": TOLD, "failed": 0, "unknown": 0}}
    assert len(watching.asked) == 1
    secret = [word for row in staffed.rows("SELECT unit, email, name FROM contact") for word in row if word]
    secret += [word for row in staffed.rows("SELECT subject, id FROM message") for word in row]
    texts = [str(received.mail.get_body(("plain",)).get_content()) for received in sink.received]  # type: ignore[union-attr]
    tokens = re.findall(r"https://don-doc\.example/u/([\w-]{43})", "".join(texts))
    assert len(tokens) == TOLD
    assert [word for word in (*secret, *tokens, "bi-mat") if word in err] == []
    assert out == "Bộ hẹn giờ đang chạy. Dừng bằng Ctrl+C.\n"
    assert recipients(sink) == ONE_EACH
    assert {state for (state,) in staffed.rows("SELECT state FROM message")} == {"sent"}
    found = staffed.good("doctor", "--json").json
    assert any(f["level"] == "ok" and f["what"].startswith("Lượt xét gần nhất") for f in found)


def test_two_workers_on_one_database_send_nothing_twice(staffed: Office) -> None:
    with smtp_server() as sink, worker(staffed, sink.port) as first, worker(staffed, sink.port) as second:
        wait_until(lambda: len(sink.received) >= TOLD)
        assert [stopped(each)[0] for each in (first, second)] == [0, 0]
    assert recipients(sink) == ONE_EACH


def test_what_a_killed_worker_left_is_sent_by_the_next_one(staffed: Office) -> None:
    with smtp_server() as sink:
        sink.will("DATA", Hang(), Hang())
        with worker(staffed, sink.port) as process:
            wait_until(lambda: sink.commands.count("DATA") == 2)  # each of its slots
            process.kill()
            process.wait()
        assert sink.received == []
        with worker(staffed, sink.port) as process:
            wait_until(lambda: len(sink.received) >= TOLD)
            assert stopped(process)[0] == 0
    assert recipients(sink) == ONE_EACH
    assert staffed.rows("SELECT count(*) FROM delivery WHERE outcome = 'unknown'") == [(2,)]


def test_a_worker_stops_in_the_middle_of_sending_and_loses_nothing(staffed: Office) -> None:
    with smtp_server() as sink:
        sink.will("MAIL", Hang(), Hang())
        with worker(staffed, sink.port) as process:
            wait_until(lambda: sink.commands.count("MAIL") == 2)
            status, _, _ = stopped(process, 20)
        assert status == 0
        assert sink.received == []
        states = Counter(state for (state,) in staffed.rows("SELECT state FROM message"))
        assert states == {"queued": TOLD}


def test_a_worker_without_a_home_or_with_wrong_settings_does_not_start(
    staffed: Office, tmp_path: Path
) -> None:
    with worker(Office(tmp_path / "không có"), 9) as process:
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (1, "")
        assert "dondoc init" in err
    with worker(staffed, 9, DONDOC_HOURS="mai") as process:
        _, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "Giờ gửi tin “mai”" in err


def test_a_worker_lives_on_when_its_files_break_and_says_so_once(staffed: Office) -> None:
    staffed.write("rules/calendar.yaml", "years: [")
    staffed.good("sync")
    staffed.write("plans/units/thu.yaml", "units: {")
    with smtp_server() as sink, worker(staffed, sink.port) as process:
        wait_until(lambda: len(sink.received) >= TOLD)
        _, _, err = stopped(process)
    assert err.count("lịch ngày nghỉ") == 1
    assert err.count("sổ đơn vị") == 1


# --- the loop itself ---------------------------------------------------------------------------------------


def looping(job: Callable[[], None], stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=run_until, args=(stop, job), kwargs={"every_seconds": 0.05})
    thread.start()
    return thread


def test_a_job_that_raises_does_not_end_the_loop(capsys: pytest.CaptureFixture[str]) -> None:
    stop, calls = threading.Event(), 0

    def job() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise DondocError("hỏng: noi-vu@thu.example")
        if calls < 4:
            raise ValueError("('Nguyễn Văn Thử', 'noi-vu@thu.example')")
        stop.set()

    looping(job, stop).join(PATIENCE)
    assert calls >= 4
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["kind"], line["detail"]) for line in lines] == [
        *[("tick_failed", "DondocError", "hỏng: n***@thu.example")] * 2,
        # Not our own words: they may quote anything.
        ("tick_failed", "ValueError", ""),
    ]
    assert all(line["place"].startswith("test_worker.py:") for line in lines)


def test_a_job_never_runs_twice_side_by_side_and_ends_before_the_loop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stop, calls, running, most, ended = threading.Event(), 0, 0, 0, 0

    def job() -> None:
        nonlocal calls, running, most, ended
        calls, running = calls + 1, running + 1
        most = max(most, running)
        time.sleep(0.17)
        if calls == 4:
            stop.set()
            time.sleep(0.1)
        running, ended = running - 1, ended + 1

    looping(job, stop).join(PATIENCE)
    assert (most, ended, calls) == (1, 4, 4)
    assert capsys.readouterr().err == "", "a slow job is no news"
