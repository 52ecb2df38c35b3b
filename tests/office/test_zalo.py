"""dondoc zalo: how the bot stands, one look at what waits, the webhook, the worker that asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from engine.installation.opening import open_installation
from engine.store.access.audit import SYSTEM
from engine.store.database import writing
from engine.store.people import address_book, pairing
from engine.store.people.contacts import Contact
from tests.cli.command_line import ROOT
from tests.far_end.zalo import BOT_TOKEN, Zalo
from tests.far_end.zalo import zalo as playing_zalo
from tests.office.offices import NOI_VU, Office
from tests.zalo.bot_chat import BOT_NAME, settings, update

SECRET = "khoa-bi-mat-cua-webhook"


@pytest.fixture
def server(office: Office) -> Iterator[Zalo]:
    with playing_zalo() as far:
        configure(office, far)
        yield far


def configure(office: Office, far: Zalo, **more: str) -> None:
    (office.home / "dondoc.toml").write_text(settings(far, **more), encoding="utf-8")


def code_of(office: Office) -> str:
    installation, now = open_installation(office.home), datetime.now(UTC)
    with writing(installation.engine) as connection:
        who = address_book.add(connection, Contact(NOI_VU, "head", "Bà An", "an@huyen.example"))
        return pairing.make(connection, who.id, SYSTEM, now)


def test_without_a_bot(office: Office) -> None:
    said = office.good("zalo", "status").out
    assert "DONDOC_ZALO_BOT_TOKEN" in said
    for words in (["poll"], ["webhook", "off"]):
        answer = office("zalo", *words)
        assert answer.status == 1
        assert "Chưa khai bot Zalo" in answer.err


def test_status_and_one_look(office: Office, server: Zalo) -> None:
    server.updates += [update(code_of(office)), update("cảm ơn")]
    before = office.good("zalo", "status").out
    assert "bộ hẹn giờ tự hỏi máy chủ Zalo" in before
    assert "Đã ghép: 0 liên hệ. Mã chưa dùng: 1." in before
    assert BOT_NAME in before
    assert "Đã nhận 2 tin nhắn." in office.good("zalo", "poll").out
    assert "Không có tin nhắn nào" in office.good("zalo", "poll").out
    assert "Đã ghép: 1 liên hệ. Mã chưa dùng: 0." in office.good("zalo", "status").out
    assert len(server.said) == 2


def test_the_webhook_on_and_off(office: Office, server: Zalo) -> None:
    answer = office("zalo", "webhook", "on")
    assert (answer.status, server.webhook) == (1, None)
    assert "DONDOC_ZALO_BOT_WEBHOOK_SECRET" in answer.err
    base = {"base_url": "https://don-doc.huyen.example"}
    for wrong in ("ngan", "có dấu dài dài"):
        configure(office, server, zalo_bot_webhook_secret=wrong, **base)
        answer = office("zalo", "webhook", "on")
        assert (answer.status, server.webhook) == (1, None)
        assert "từ 8 đến 256" in answer.err
        assert wrong not in answer.err
    configure(office, server, zalo_bot_webhook_secret=SECRET, base_url="http://don-doc.huyen.example")
    answer = office("zalo", "webhook", "on")
    assert (answer.status, server.webhook) == (1, None)
    assert "https://" in answer.err
    configure(office, server, zalo_bot_webhook_secret=SECRET, **base)
    said = office.good("zalo", "webhook", "on").out
    assert server.webhook == {"url": "https://don-doc.huyen.example/zalo/webhook", "secret_token": SECRET}
    assert "https://don-doc.huyen.example/zalo/webhook" in said
    said += office.good("zalo", "status").out
    answer = office("zalo", "poll")
    assert answer.status == 1
    assert "webhook" in answer.err
    said += office.good("zalo", "webhook", "off").out
    assert server.webhook is None
    assert SECRET not in said
    assert BOT_TOKEN not in said
    assert office("zalo", "webhook", "perhaps").status == 2


def test_what_the_server_refuses_is_said(office: Office, server: Zalo) -> None:
    server.webhook = {"url": "https://noi-khac.example"}
    answer = office("zalo", "poll")
    assert answer.status == 1
    assert "Máy chủ Zalo" in answer.err
    assert BOT_TOKEN not in answer.err
    (office.home / "dondoc.toml").write_text('zalo_bot_token = "sai"\n', encoding="utf-8")
    answer = office("zalo", "status")
    assert answer.status == 1
    assert "không đúng dạng" in answer.err


@contextmanager
def worker(office: Office) -> Iterator[subprocess.Popen[str]]:
    """``dondoc worker`` in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", "worker", "--home", str(office.home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_worker_answers_and_stops_at_once(office: Office, server: Zalo) -> None:
    """Its open question, which Zalo holds for many seconds, keeps nobody waiting."""
    server.updates.append(update(code_of(office)))
    with worker(office) as process:
        give_up = time.monotonic() + 30
        while not server.said:
            assert time.monotonic() < give_up, "no answer"
            time.sleep(0.02)
        time.sleep(0.3)  # the next question is open
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
        assert time.monotonic() - asked < 3
    assert process.returncode == 0
    # During office hours its first pass may have a reminder for the new chat as well.
    assert [each["text"].partition(".")[0] for each in server.said].count("Đã ghép xong") == 1
    assert not [level for level in ("warning", "error", "critical") if f'"level": "{level}"' in err]
    assert BOT_TOKEN not in err
