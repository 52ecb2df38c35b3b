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
from engine.vietnamese import nearest

_NUMBER = re.compile(r"[0-9]{1,18}")  # what a database can count


@app.command(
    "explain", help="Vì sao có một thông báo: luật nào, ngày nào, tính thế nào; hoặc một luật nói gì."
)
def explain(
    id: Annotated[str, typer.Argument(metavar="MÃ", help="Số của thông báo, mã của tin, hoặc tên của luật.")],
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.explain import explain_rule_named, explain_stored
    from engine.indicator_watch import watched_of
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.database import reading
    from engine.store.messages.deliveries import notices_of_message

    installation = opened(home, with_plans=True)  # the targets of indicators stand in the files
    ruleset = rules_in_force(installation, now_in_utc())
    registry, calendar = installation.home.registry, installation.home.calendar
    with reading(installation.engine) as connection:
        numbers = [int(id)] if _NUMBER.fullmatch(id) else notices_of_message(connection, id)
        indicators = watched_of(installation.home.plans)
        book = Book(registry, views.plans(connection), views.tasks(connection), indicators)
        texts = [text for _, text in explain_stored(connection, numbers, ruleset, book, calendar)]
    if not texts and (text := explain_rule_named(id, ruleset)) is not None:
        texts = [text]
    if not texts:
        near = nearest(id, [rule.id for rule in ruleset.rules])
        hint = f" Có phải là luật “{near[0]}”?" if near else ""
        raise DondocError(
            f"Không có thông báo hay tin nào mang số “{id}”, cũng không có luật nào tên vậy.{hint}"
        )
    if as_json:
        print_json({"id": id, "text": "\n\n".join(texts)})
    else:
        say("\n\n".join(texts))


@app.command("why-not", help="Vì sao một việc không có thông báo nào trong một ngày.")
def why_not(
    assignment: Annotated[
        str,
        typer.Argument(
            metavar="MÃ", help="Mã việc được giao; hoặc office:ĐƠN_VỊ, leader:ĐƠN_VỊ để hỏi về tin tổng hợp."
        ),
    ],
    on: Annotated[date, typer.Option("--on", metavar="NGÀY", parser=read_day, help="Ngày cần hỏi.")],
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.explain import explain_silence
    from engine.indicator_watch import watched_of
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.database import reading

    installation = opened(home, with_plans=True)  # the targets of indicators stand in the files
    ruleset = rules_in_force(installation, now_in_utc())
    registry, calendar = installation.home.registry, installation.home.calendar
    with reading(installation.engine) as connection:
        indicators = watched_of(installation.home.plans)
        book = Book(registry, views.plans(connection), views.tasks(connection), indicators)
        text = explain_silence(connection, assignment, on, ruleset, book, calendar)
    if as_json:
        print_json({"assignment": assignment, "on": on, "text": text})
    else:
        say(text)
