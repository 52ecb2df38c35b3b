"""``office chase``: asks units for what they owe; the next pass sends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, AtOption, HomeOption, JsonOption
from engine.cli.office.decide import Assignments, ByOption, office
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import note, print_json, say
from engine.errors import DondocError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.chasing import Prepared
    from engine.notices.notice import Book
    from engine.store.messages.chases import Chase


@office.command("chase", help="Đôn đốc các đơn vị còn nợ việc: mỗi đơn vị một tin, mỗi ngày một lần.")
def chase(
    ids: Assignments,
    words: Annotated[
        str | None, typer.Option("--words", metavar="CHỮ", help="Lời của văn phòng ở đầu tin, đến 500 ký tự.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ cho xem các tin sẽ gửi, không ghi gì.")
    ] = False,
    by: ByOption = "",
    at: AtOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine import chasing
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.access.audit import Actor
    from engine.store.database import reading, writing
    from engine.store.events import unknown_assignment
    from engine.store.messages.reach import means_of

    now = at or now_in_utc()
    own = chasing.own_words(words or "")
    installation = opened(home)
    files, settings = installation.home, installation.settings
    means = means_of(settings.base_url, settings.channels)
    with reading(installation.engine) as connection:
        chosen = _assignments(connection, ids)
        if len(chosen) > chasing.MOST_CHOSEN:
            raise DondocError(
                f"Đang chọn {len(chosen)} việc; mỗi lần đôn đốc nhiều nhất {chasing.MOST_CHOSEN} việc."
            )
        book = Book(files.registry, views.plans(connection), views.tasks(connection))
        ready = chasing.prepare(connection, chosen, book, files.calendar, now, by, own, means)
        if ready.unknown:
            raise DondocError("\n".join(unknown_assignment(connection, id) for id in ready.unknown))
    refused = tuple(ready.before.values())
    begun: tuple[int, ...] = ()
    if ready.fresh and not dry_run:
        with writing(installation.engine) as connection:
            sent = chasing.send(connection, ready.fresh, own, Actor("system", by or "văn phòng"), by, now)
        begun, refused = sent.begun, (*refused, *sent.refused)
    if as_json:
        print_json(_json(ready, begun, refused))
    else:
        _tell(ready, refused, book)
        if begun:
            say(f"Đã ghi đôn đốc {len(begun)} đơn vị; tin đi trong lượt gửi tới (dondoc tick).")
        elif dry_run and ready.fresh:
            say("Chưa ghi và chưa gửi gì.")
    if not (begun or (dry_run and ready.fresh)):
        raise typer.Exit(1)


def _assignments(connection: Connection, ids: list[str]) -> list[str]:
    """The ids as they stand, or of a task named ``plan:task`` all its assignments, each once."""
    # heavy: the database
    from engine.store import views

    chosen: dict[str, None] = {}
    for id in ids:
        whole = views.of_task(connection, id) if id.count(":") == 1 else []
        chosen.update(dict.fromkeys(whole or [id]))
    return list(chosen)


def _tell(ready: Prepared, refused: Sequence[Chase], book: Book) -> None:
    # heavy: channels
    from notifiers.address import masked

    for message in ready.said:
        known = ", ".join(masked(a.channel, a.value) for a in message.addresses)
        to = known or "chưa có địa chỉ liên hệ, tin nằm chờ"
        later = "; hôm nay đã nhận tin nên đi cùng tin của ngày làm việc kế tiếp" if message.later else ""
        say(f"--- Tới: {to}{later}")
        say(message.subject)
        say(message.text)
    for left in ready.draft.left_out:
        note(f"Không đôn đốc {left.assignment}: {left.reason}.")
    for chase in refused:
        note(f"{book.registry.full_name(chase.unit)}: {_words_of(chase)}.")


def _words_of(chase: Chase) -> str:
    """Who was faster, and when."""
    # heavy: zone files
    from engine.tracking.progress import VIETNAM

    who = chase.by or "văn phòng"
    return f"hôm nay đã được {who} đôn đốc lúc {chase.at.astimezone(VIETNAM):%H:%M}, mỗi ngày một lần"


def _json(ready: Prepared, begun: Sequence[int], refused: Sequence[Chase]) -> dict[str, Any]:
    # heavy: channels
    from notifiers.address import masked

    return {
        "chases": list(begun),
        "messages": [
            {
                "units": list(message.units),
                "recipients": [masked(address.channel, address.value) for address in message.addresses],
                "later": message.later,
                "subject": message.subject,
                "text": message.text,
            }
            for message in ready.said
        ],
        "refused": [{"unit": chase.unit, "by": chase.by, "at": chase.at} for chase in refused],
        "left_out": [{"assignment": left.assignment, "reason": left.reason} for left in ready.draft.left_out],
    }
