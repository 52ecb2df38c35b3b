"""The databases that other tests stand on are real, fresh for each test, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from tests.postgres import PostgresServer, running_postgres

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_a_fresh_database_of_each_kind(database_url: str, turn: int) -> None:
    engine = create_engine(database_url)
    assert engine.dialect.name == ("sqlite" if database_url.startswith("sqlite:///") else "postgresql")
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text('create table "việc" ("tên" text)'))
        connection.execute(text('insert into "việc" values (:name)'), {"name": f"Đôn đốc lần {turn}"})
        assert connection.scalar(text('select "tên" from "việc"')) == f"Đôn đốc lần {turn}"
    engine.dispose()


def test_a_database_can_be_a_copy_of_another(postgres: PostgresServer) -> None:
    postgres.create_database("with_table")
    with postgres.connect("with_table") as connection:
        connection.execute("create table t as select 7 as n")
    postgres.create_database("copy", "with_table")
    left_open = postgres.connect("copy")
    assert left_open.execute("select n from t").fetchall() == [(7,)]
    postgres.drop_database("copy")
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("select 1")
    left_open.close()
    postgres.drop_database("with_table")


def test_the_server_is_gone_after_a_failure() -> None:
    started: list[tuple[int, PostgresServer]] = []

    def fail() -> None:
        with running_postgres() as server:
            started.append((server_pid(server.folder), server))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    pid, server = started[0]
    assert not runs(pid)
    assert not server.folder.exists()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_the_server_is_gone_after_its_tests_were_killed() -> None:
    script = (
        "from tests.postgres import running_postgres\n"
        "with running_postgres() as server:\n"
        "    print(server.folder, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        folder = Path(tests.stdout.readline().strip())
        pid = server_pid(folder)
        tests.send_signal(signal.SIGKILL)
    give_up = time.monotonic() + 20
    while runs(pid) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not runs(pid)
    shutil.rmtree(folder)


def server_pid(folder: Path) -> int:
    pid = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    assert runs(pid)
    return pid


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
