"""``explain`` and ``why-not``: why something was sent, and why nothing was."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, app, read_day
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.office.passes import rules_in_force
from engine.cli.output import print_json, say
from engine.errors import DondocError

_NUMBER = re.compile(r"[0-9]{1,18}")  # what a database can count


@app.command("explain", help="Vì sao có một thông báo: luật nào, ngày nào, tính thế nào.")
def explain(
    id: Annotated[str, typer.Argument(metavar="SỐ", help="Số của thông báo, hoặc mã của tin.")],
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.explain import explain_stored
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.database import reading
    from engine.store.messages.deliveries import notices_of_message

    installation = opened(home)
    ruleset = rules_in_force(installation, now_in_utc())
    registry, calendar = installation.home.registry, installation.home.calendar
    with reading(installation.engine) as connection:
        numbers = [int(id)] if _NUMBER.fullmatch(id) else notices_of_message(connection, id)
        book = Book(registry, views.plans(connection), views.tasks(connection))
        texts = [text for _, text in explain_stored(connection, numbers, ruleset, book, calendar)]
    if not texts:
        raise DondocError(f"Không có thông báo hay tin nào mang số “{id}”.")
    if as_json:
        print_json({"id": id, "text": "\n\n".join(texts)})
    else:
        say("\n\n".join(texts))


@app.command("why-not", help="Vì sao một việc không có thông báo nào trong một ngày.")
def why_not(
    assignment: Annotated[str, typer.Argument(metavar="MÃ", help="Mã việc được giao.")],
    on: Annotated[date, typer.Option("--on", metavar="NGÀY", parser=read_day, help="Ngày cần hỏi.")],
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.explain import explain_silence
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.database import reading

    installation = opened(home)
    ruleset = rules_in_force(installation, now_in_utc())
    registry, calendar = installation.home.registry, installation.home.calendar
    with reading(installation.engine) as connection:
        book = Book(registry, views.plans(connection), views.tasks(connection))
        text = explain_silence(connection, assignment, on, ruleset, book, calendar)
    if as_json:
        print_json({"assignment": assignment, "on": on, "text": text})
    else:
        say(text)
