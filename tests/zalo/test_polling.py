"""Asking the bot's server: one process at a time, nothing that came is lost, nothing stops it but its end."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine.installation.opening import Installation, open_installation
from engine.store.access.audit import SYSTEM
from engine.store.database import DatabaseUnavailable, reading, writing
from engine.store.people import address_book, pairing
from engine.store.people.contacts import Contact
from engine.zalo.bot import open_bot
from engine.zalo.polling import Pace, Poller, answering_loop, begin
from tests.far_end.zalo import Zalo
from tests.far_end.zalo import zalo as playing_zalo
from tests.office.offices import NOI_VU, make_home
from tests.zalo.bot_chat import CHAT, said, settings, update

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
AT_ONCE = Pace(waits=0, pause=0.01, idle=0.01, after_failure=0.01)


@dataclass(slots=True)
class Place:
    """A home, the server that its bot talks to, and what the log was told."""

    home: Path
    server: Zalo
    now: datetime = NOW
    noted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def opened(self) -> Installation:
        return open_installation(self.home, with_plans=False)

    def poller(self, opened: Callable[[], Installation] | None = None) -> Poller:
        bot = open_bot(self.opened().settings)
        return Poller(opened or self.opened, bot, lambda: self.now, self.note, AT_ONCE)

    def note(self, event: str, **words: Any) -> None:
        self.noted.append((event, words))

    def code(self) -> tuple[int, str]:
        """A contact and its code."""
        with writing(self.opened().engine) as connection:
            who = address_book.add(connection, Contact(NOI_VU, "head", "Bà An", "an@huyen.example"))
            return who.id, pairing.make(connection, who.id, SYSTEM, self.now)

    def has_turn(self) -> bool:
        """Whether somebody has begun to ask."""
        with reading(self.opened().engine) as connection:
            return bool(connection.execute(text("SELECT count(*) FROM bot_update")).scalar_one())

    def chat_of(self, id: int) -> str:
        with reading(self.opened().engine) as connection:
            entry = address_book.entry(connection, id)
        assert entry is not None
        return entry.contact.zalo


@pytest.fixture
def server() -> Iterator[Zalo]:
    with playing_zalo() as far:
        yield far


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zalo") / "home"
    make_home(folder)
    return folder


@pytest.fixture
def place(pristine: Path, server: Zalo, tmp_path: Path) -> Place:
    home = tmp_path / "home"
    shutil.copytree(pristine, home)
    (home / "dondoc.toml").write_text(settings(server), encoding="utf-8")
    return Place(home, server)


def test_what_people_wrote_is_answered(place: Place) -> None:
    id, code = place.code()
    place.server.updates += [update("Xin chào"), update(code)]
    poller = place.poller()
    assert [poller.round() for _ in range(3)] == [1, 1, 0]
    assert place.chat_of(id) == CHAT
    assert [chat for chat, _ in said(place.server)] == [CHAT, CHAT]
    assert said(place.server)[1][1].startswith("Đã ghép xong.")
    poller.close()
    assert place.noted == []


def test_odd_updates_do_no_harm(place: Place) -> None:
    odd: list[Any] = [{"event_name": "user.followed"}, [], "x", [None, {"message": {"chat": 5}}], None, 7]
    place.server.updates += [*odd, update("Chào")]
    poller = place.poller()
    assert [poller.round() for _ in range(8)] == [0] * 6 + [1, 0]
    assert len(place.server.said) == 1
    poller.close()


def test_one_process_asks_at_a_time(place: Place) -> None:
    mine, theirs = place.poller(), place.poller()
    assert (mine.round(), theirs.round()) == (0, None)
    place.now += timedelta(seconds=10)
    assert mine.round() == 0  # prolonged
    place.now += timedelta(seconds=10)
    place.server.updates.append(update("Chào"))
    assert theirs.round() is None
    assert len(place.server.updates) == 1
    place.now += timedelta(seconds=10)  # the first one died, say
    assert (theirs.round(), mine.round()) == (1, None)
    theirs.close()
    assert mine.round() == 0
    mine.close()


def test_what_came_while_the_database_was_away_is_answered_later(place: Place) -> None:
    id, code = place.code()
    calls = 0

    def opened() -> Installation:
        nonlocal calls
        calls += 1
        if calls in (2, 3):  # the first is for the turn, the next ones for what came
            raise DatabaseUnavailable("máy chủ không trả lời") from OperationalError("", {}, Exception())
        return place.opened()

    place.server.updates.append(update(code))
    poller = place.poller(opened)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            poller.round()
    assert not place.server.updates
    assert poller.round() == 1
    assert place.chat_of(id) == CHAT
    poller.close()


def loop(poller: Poller) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    return begin(poller, stop), stop


def wait_until(what: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not what():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)


def test_the_loop_outlives_a_server_that_refuses(place: Place) -> None:
    id, code = place.code()
    place.server.webhook = {"url": "https://noi-khac.example"}
    place.server.updates.append(update(code))
    thread, stop = loop(place.poller())
    wait_until(lambda: bool(place.noted))
    place.server.webhook = None
    wait_until(lambda: bool(place.server.said))
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert place.chat_of(id) == CHAT
    assert [event for event, _ in place.noted] == ["zalo_poll_failed", "zalo_poll_works_again"]
    assert CHAT not in repr(place.noted)
    again = place.poller()
    assert again.round() == 0  # the turn was given back
    again.close()


def test_an_open_question_holds_nobody_up(place: Place) -> None:
    poller = place.poller()
    poller.pace = Pace(waits=5)
    thread, stop = loop(poller)
    wait_until(place.has_turn)
    stop.set()
    thread.join(0.05)
    assert thread.daemon
    assert thread.is_alive()  # left behind, as at the end of the process
    place.server.updates.append(update("Chào"))  # what comes meanwhile is answered all the same
    thread.join(5)
    assert not thread.is_alive()
    assert len(place.server.said) == 1


def test_a_stopped_loop_asks_nothing(place: Place) -> None:
    stop = threading.Event()
    stop.set()
    place.server.updates.append(update("Chào"))
    answering_loop(place.poller(), stop)
    assert len(place.server.updates) == 1


class Waits(threading.Event):
    """Ends a loop after its first pauses, and says how long they were to be."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.seconds = most, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) == self.most:
            self.set()
        return self.is_set()


def test_a_server_that_answers_empty_at_once_is_not_asked_without_pause(place: Place) -> None:
    poller, stop = place.poller(), Waits(3)
    poller.pace = Pace(waits=0, pause=7)
    answering_loop(poller, stop)
    assert stop.seconds == [7, 7, 7]


def test_who_has_not_the_turn_looks_again_later(place: Place) -> None:
    other, poller, stop = place.poller(), place.poller(), Waits(2)
    assert other.round() == 0
    poller.pace = Pace(waits=0, idle=9)
    answering_loop(poller, stop)
    assert stop.seconds == [9, 9]
    other.close()


def test_pauses_grow_while_the_server_refuses(place: Place) -> None:
    place.server.webhook = {"url": "https://noi-khac.example"}
    poller, stop = place.poller(), Waits(12)
    poller.pace = Pace(waits=0, after_failure=2)
    answering_loop(poller, stop)
    longest = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert all(most / 2 <= each <= most for each, most in zip(stop.seconds, longest, strict=True))
    assert [words["times"] for _, words in place.noted] == [1, 10]
