"""Digests from the database to a mail server, beside a bare ``smtplib`` loop with the same bytes.

    python -m benchmarks.mail_rate [10000] [--slots 1,2,4]

The server is aiosmtpd in a process of its own. The loop holds one connection and neither database nor ledger;
it runs before and after the rest, and its better run counts. Each message that the ledger sends is claimed,
gets its link, and is recorded on a disk that has to confirm (``fsync``), on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import smtplib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from benchmarks.children import MailSink, mail_sink, table
from engine.notices.wording import LINK_PATH, LINK_TO_COME
from engine.sending.slots import send_ready
from engine.sending.terms import Terms
from engine.store.access.tokens import new_token
from engine.store.database import open_engine, reading, writing
from engine.store.schema import migrate
from engine.store.tables import DeliveryRow, LinkRow, MessageRow
from engine.worker import this_worker
from notifiers import Address, OutgoingMessage, open_channel
from notifiers.mime import mail_bytes
from notifiers.smtp_settings import parse_smtp_url
from tests.cast import CULTURE, due_on, plan, task
from tests.postgres import running_postgres
from tests.tick.desk import desk_with

HEADINGS = ("cách gửi", "CSDL", "luồng", "tin", "giây", "tin/giây", "giây CPU", "so với vòng lặp")
_DAY = date(2023, 4, 3)
_SITE = "https://dondoc.example"
_TITLE = (
    "Rà soát, cập nhật quy trình nội bộ, quy trình điện tử giải quyết thủ tục hành chính thuộc phạm vi {}"
)
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many messages in so many seconds by the clock and of this process's processor time."""

    messages: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds


@contextmanager
def _timed(messages: int) -> Iterator[list[Rate]]:
    found: list[Rate] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found.append(Rate(messages, time.perf_counter() - wall, time.process_time() - cpu))


def queue(engine: Engine, size: int) -> None:
    """Fills the database with ``size`` copies of one digest of five tasks, each to an address of its own."""
    tasks = [task(f"pl1-{n}", (CULTURE,), due_on(date(2023, 3, 31)), _TITLE.format(n)) for n in range(1, 6)]
    desk = desk_with(engine, [plan(*tasks)], [CULTURE])
    desk.tick(_DAY, silent=True, files=replace(desk.files, base_url=_SITE))
    with writing(engine) as connection:
        [composed] = connection.execute(select(_MESSAGE)).mappings()
        if LINK_TO_COME not in composed["text"]:
            raise RuntimeError("the digest holds no link")
        copies = [
            {**composed, "id": f"20230403-{n:06}", "address": f"don-vi-{n}@dia-phuong.example"}
            for n in range(size - 1)
        ]
        for start in range(0, len(copies), 1000):
            connection.execute(insert(MessageRow), copies[start : start + 1000])


def bare_loop(sink: MailSink, mails: Sequence[bytes]) -> Rate:
    """One connection of smtplib that does nothing but send."""
    settings = parse_smtp_url(sink.url)
    with smtplib.SMTP(settings.host, settings.port, settings.helo) as server, _timed(len(mails)) as found:
        for number, mail in enumerate(mails):
            server.sendmail(settings.sender.value, [f"don-vi-{number}@dia-phuong.example"], mail)
    _all_arrived(sink, len(mails))
    return found[0]


def through_the_ledger(engine: Engine, sink: MailSink, slots: int, size: int) -> Rate:
    """Everything that is queued, through the real channel."""
    _queue_again(engine)
    now = _noon()
    began = datetime.now(UTC)
    terms = Terms(now, this_worker(), lambda: datetime.now(UTC), began, base_url=_SITE)
    with closing(open_channel(f"{sink.url}&slots={slots}")) as channel, _timed(size) as found:
        tally = send_ready(engine, terms, {channel.name: channel})
    if tally[channel.name].sent != size:
        raise RuntimeError(f"{tally} of {size}")
    _all_arrived(sink, size)
    return found[0]


def as_bytes(engine: Engine, sink: MailSink) -> list[bytes]:
    """What is queued as the bytes that go over the line, made before any clock runs."""
    sender = parse_smtp_url(sink.url).sender
    with reading(engine) as connection:
        rows = connection.execute(select(_MESSAGE).order_by(_MESSAGE.c.id)).mappings().all()
    found = []
    for row in rows:
        own = LINK_PATH + new_token()
        text, html = (row[part].replace(LINK_TO_COME, own) for part in ("text", "html"))
        when = row["created_at"]
        outgoing = OutgoingMessage(row["id"], Address(row["address"]), row["subject"], text, when, html)
        found.append(mail_bytes(outgoing, sender))
    return found


def _noon() -> datetime:
    return datetime(2023, 4, 3, 5, tzinfo=UTC)


def _queue_again(engine: Engine) -> None:
    again = {"state": "queued", "attempts": 0, "worker": None, "lease_until": None, "sent_at": None}
    with writing(engine) as connection:
        connection.execute(delete(DeliveryRow))
        connection.execute(delete(LinkRow))
        connection.execute(_MESSAGE.update().values(again))


def _all_arrived(sink: MailSink, size: int) -> None:
    arrived, different = sink.counted()
    if not arrived == different == size:
        raise RuntimeError(f"{arrived} mails arrived, {different} different ones, of {size}")


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with running_postgres(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        server.create_database("mail_rate")
        yield {
            "SQLite": f"sqlite:///{Path(folder) / 'mail_rate.db'}",
            "PostgreSQL": server.url("mail_rate"),
        }


def _row(name: str, database: str, slots: int, rate: Rate, bare: Rate) -> tuple[object, ...]:
    return (
        *(name, database, slots, rate.messages, f"{rate.seconds:.1f}", round(rate.per_second)),
        *(f"{rate.cpu:.1f}", f"{rate.per_second / bare.per_second:.2f}"),
    )


def main(size: int, slots: Sequence[int]) -> None:
    """Prints the table."""
    found: list[tuple[str, int, Rate]] = []
    loops: list[Rate] = []
    with _databases() as urls, mail_sink() as sink:
        mails: list[bytes] = []
        for name, url in urls.items():
            engine = open_engine(url)
            migrate(engine)
            queue(engine, size)
            if not mails:
                mails = as_bytes(engine, sink)
                loops.append(bare_loop(sink, mails))
            for n in slots:
                rate = through_the_ledger(engine, sink, n, size)
                found.append((name, n, rate))
                print(f"# {name}, {n} slots: {rate.per_second:.0f}/s", file=sys.stderr)
            engine.dispose()
        loops.append(bare_loop(sink, mails))
    bare = max(loops, key=lambda rate: rate.per_second)
    rows = [_row("smtplib", "–", 1, rate, bare) for rate in loops]
    rows += [_row("dondoc", name, n, rate, bare) for name, n, rate in found]
    print(f"{len(mails[0])} byte mỗi thư\n")
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    words = sys.argv[1:]
    wanted = words.pop(words.index("--slots") + 1) if "--slots" in words else "1,2,4"
    numbers = [int(word) for word in words if word.isdigit()]
    main(numbers[0] if numbers else 10_000, [int(word) for word in wanted.split(",")])
