"""``sync``, ``assignments`` and ``overdue``: what is owed and what is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import (
    HERE,
    AsOfOption,
    DryRunOption,
    HomeOption,
    JsonOption,
    PlanOption,
    UnitOption,
    app,
)
from engine.cli.office.opened import known_plan, now_in_utc, opened, today_in_vietnam, units_under
from engine.cli.output import Column, day_words, print_json, print_table, say

if TYPE_CHECKING:
    from engine.installation.opening import Installation
    from engine.notices.notice import Book
    from engine.overdue import OverdueRow
    from engine.tracking.assess import Tracked

MOST_SHOWN = 30


@app.command(
    "sync", help="Đưa nhiệm vụ trong các kế hoạch vào cơ sở dữ liệu; chạy lại bao nhiêu lần cũng được."
)
def sync(dry_run: DryRunOption = False, as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.installation.opening import sync_installation
    from engine.installation.sync_words import moves

    installation = opened(home, with_plans=True)
    result = sync_installation(installation, now_in_utc(), dry_run=dry_run)
    if as_json:
        changed = [
            {"id": c.id, "changes": [{"field": f, "old": a, "new": b} for f, a, b in c.differs]}
            for c in result.changed
        ]
        print_json(
            {
                "dry_run": dry_run,
                "plans": result.plans,
                "added": result.added,
                "changed": changed,
                "withdrawn": result.withdrawn,
                "restored": result.restored,
                "unchanged": result.unchanged,
                "stale": installation.home.stale,
                "broken": installation.home.broken,
            }
        )
        return
    head = "Sẽ thay đổi (chưa ghi gì)" if dry_run else "Đã đồng bộ"
    say(
        f"{head}: {result.plans} kế hoạch; thêm {len(result.added)}, sửa {len(result.changed)}, "
        f"rút {len(result.withdrawn)}, giao lại {len(result.restored)}, giữ nguyên {result.unchanged}."
    )
    _show("+", result.added, "thêm")
    _show("~", [f"{c.id}: {moves(c.differs)}" for c in result.changed], "sửa")
    _show("-", result.withdrawn, "rút")
    _show("+", result.restored, "giao lại")


def _show(mark: str, lines: tuple[str, ...] | list[str], word: str) -> None:
    for line in lines[:MOST_SHOWN]:
        say(f"  {mark} {line}")
    if len(lines) > MOST_SHOWN:
        say(f"  … và {len(lines) - MOST_SHOWN} việc {word} khác (xem đủ: --json)")


@app.command("assignments", help="Danh sách việc được giao cho từng đơn vị, từng mốc, từng kỳ.")
def assignments(
    plan: PlanOption = None,
    unit: UnitOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.exchange.assignment_json import assignment_json
    from engine.tracking.assess import TIMELINESS_NAMES, assess
    from engine.tracking.progress import STATE_NAMES

    installation = opened(home)
    day = as_of or today_in_vietnam()
    found, book = _standing(installation, known_plan(installation, plan), unit, as_of)
    rows: list[dict[str, Any]] = []
    people: list[tuple[str, ...]] = []
    for each in found:
        seen = assess(each, day, installation.home.calendar)
        promise, state = each.promise, each.standing.state
        rows.append(assignment_json(each, seen, book.registry))
        if not as_json and len(people) < 500:
            people.append(
                (
                    promise.id,
                    book.registry.full_name(promise.unit),
                    day_words(seen.due),
                    STATE_NAMES[state],
                    TIMELINESS_NAMES[seen.timeliness],
                    str(seen.days_late or ""),
                )
            )
    if as_json:
        print_json(rows)
        return
    columns = (
        Column("Mã", fixed=True),
        Column("Đơn vị"),
        Column("Hạn", fixed=True),
        Column("Trạng thái"),
        Column("So với hạn"),
        Column("Chậm", "right", fixed=True),
    )
    title = f"{len(rows)} việc được giao, tính đến hết ngày {day:%d/%m/%Y} – chậm: ngày làm việc"
    print_table(columns, people, title=title)
    if len(people) < len(rows):
        say(f"… và {len(rows) - len(people)} việc khác; thu hẹp bằng --plan, --unit hoặc dùng --json.")


@app.command("overdue", help="Danh sách việc quá hạn, chậm nhất đứng trước.")
def overdue(
    as_of: AsOfOption = None,
    plan: PlanOption = None,
    unit: UnitOption = None,
    as_json: JsonOption = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="TỆP", help="Ghi ra tệp Excel.")] = None,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.overdue import overdue_rows
    from engine.store.database import reading
    from engine.store.messages.deliveries import reminder_counts

    installation = opened(home)
    day = as_of or today_in_vietnam()
    found, book = _standing(installation, known_plan(installation, plan), unit, as_of)
    rows = overdue_rows(found, book, installation.home.calendar, day, {})
    with reading(installation.engine) as connection:
        counts = reminder_counts(connection, [r.tracked.promise.id for r in rows], as_of)
    rows = [replace(row, reminders=counts.get(row.tracked.promise.id, 0)) for row in rows]
    if xlsx is not None:
        # heavy: openpyxl
        from engine.exchange.overdue_sheet import write_overdue

        write_overdue(xlsx, rows, day)
    if as_json:
        print_json({"as_of": day, "total": len(rows), "rows": [row.to_json() for row in rows]})
        return
    show_overdue(rows, day)
    if xlsx is not None:
        say(f"Đã ghi {xlsx}.")


def show_overdue(
    rows: Sequence[OverdueRow], day: date, *, most: int = MOST_SHOWN, one_per_task: bool = False
) -> None:
    """The overdue list for people: the worst ``most`` rows, the count of the rest, and their codes on
    lines of their own, so that they can be copied whole. ``one_per_task`` shows the worst of each."""
    # heavy: the words of the states
    from engine.tracking.progress import STATE_NAMES

    columns = (
        Column("STT", "right", fixed=True),
        Column("Nội dung"),
        Column("Kế hoạch", fixed=True),
        Column("Đơn vị"),
        Column("Hạn", fixed=True),
        Column("Chậm", "right", fixed=True),
        Column("Trạng thái"),
        Column("Đã nhắc", "right", fixed=True),
    )
    shown = (_worst_of_each_task(rows) if one_per_task else rows)[:most]
    lines = [
        (
            str(number),
            _short(row.title),
            row.plan_number,
            row.unit_name,
            day_words(row.seen.due),
            f"{row.seen.days_late} ({-(row.seen.calendar_days or 0)})",
            STATE_NAMES[row.tracked.standing.state],
            str(row.reminders),
        )
        for number, row in enumerate(shown, start=1)
    ]
    title = f"{len(rows)} việc quá hạn tính đến hết ngày {day:%d/%m/%Y} – chậm: ngày làm việc (ngày)"
    print_table(columns, lines, title=title)
    if len(rows) > len(shown):
        say(f"… và {len(rows) - len(shown)} việc khác; xem đủ bằng --json hoặc --xlsx TỆP.xlsx.")
    if shown:
        say("Mã của từng dòng, để dùng với submit, office, why-not:")
        for number, row in enumerate(shown, start=1):
            say(f"{number:>4}  {row.tracked.promise.id}")


def _worst_of_each_task(rows: Sequence[OverdueRow]) -> list[OverdueRow]:
    worst: dict[tuple[str, str], OverdueRow] = {}
    for row in rows:
        worst.setdefault((row.tracked.promise.plan, row.tracked.promise.task), row)
    return list(worst.values())


def _standing(
    installation: Installation, plan: str | None, unit: str | None, as_of: date | None
) -> tuple[list[Tracked], Book]:
    # heavy: the database
    from engine.notices.notice import Book
    from engine.store import views
    from engine.store.database import reading

    units = units_under(installation, unit)
    home = installation.home
    with reading(installation.engine) as connection:
        book = Book(home.registry, views.plans(connection), views.tasks(connection))
        if as_of is None:
            found = views.tracked(connection, home.registry, plan=plan, units=units)
        else:
            found = views.tracked_as_of(
                connection, home.registry, home.calendar, as_of, plan=plan, units=units
            )
    return found, book


def _short(text: str, most: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
