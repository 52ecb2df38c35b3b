"""``dondoc web`` and ``dondoc run`` as processes of their own, visited over the network."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.cli.command_line import ROOT
from tests.office.offices import Office
from tests.office.test_worker import wait_until


@contextmanager
def started(office: Office, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address that it says; killed when the block ends, if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", *words, "--home", str(office.home), "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def is_well(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("command", ["web", "run"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_page_is_there_until_it_is_stopped(office: Office, command: str, ending: signal.Signals) -> None:
    with started(office, command) as (process, address):
        wait_until(lambda: is_well(address))
        assert "location" in httpx2.get(address).headers
        process.send_signal(ending)
        assert process.wait(timeout=20) == 0
        assert not is_well(address)
        assert "Traceback" not in process.stderr.read()  # type: ignore[union-attr]


def test_run_evaluates_the_rules_beside_the_page(office: Office) -> None:
    with started(office, "run") as (_, address):
        wait_until(lambda: is_well(address))
        wait_until(lambda: office.rows("SELECT count(*) FROM slot")[0][0] > 0)


def test_a_taken_port_is_said_in_vietnamese(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = office("web", "--port", str(taken.getsockname()[1]))
    assert answer.status == 1
    assert "cổng đang có chương trình khác dùng" in answer.err
