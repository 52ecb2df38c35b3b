"""``dondoc deadline``: what one time cell means, or a stream of them for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.files.starter import CALENDAR, starter_folder
from engine.cli.frame import HERE, HomeOption, JsonOption, app, read_day
from engine.cli.output import complain, note, print_json, print_json_line, say
from engine.errors import DondocError

if TYPE_CHECKING:
    from engine.workdays import WorkCalendar

FIRST_YEAR, LAST_YEAR = 1990, 2100
_STREAM = "-"
_LONGEST_LINE = 1_000_000


@app.command("deadline", help="Đọc một ô thời gian: hiểu thế nào, hạn ngày nào, có lùi vì ngày nghỉ không.")
def deadline(
    text: Annotated[
        str,
        typer.Argument(
            metavar="CHỮ",
            help="Ô thời gian như trong văn bản; “-” cùng --json để đọc từng dòng JSON đưa vào.",
        ),
    ],
    year: Annotated[
        int | None,
        typer.Option(
            "--year", metavar="NĂM", min=FIRST_YEAR, max=LAST_YEAR, help="Năm kế hoạch.", show_default=False
        ),
    ] = None,
    issued: Annotated[
        date | None,
        typer.Option("--issued", metavar="NGÀY", parser=read_day, help="Ngày ban hành văn bản."),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Exit status 1 when the text is not understood; with "-" only when a line is no proper question."""
    if text == _STREAM and as_json:
        if not _answer_lines(sys.stdin.buffer, calendar_of(home)):
            raise typer.Exit(1)
        return
    if year is None:
        raise typer.BadParameter("cần năm kế hoạch, ví dụ: --year 2023", param_hint="--year")
    # heavy: the grammar
    from engine.deadlines import deadline_json, read_deadline
    from engine.deadlines.in_words import deadline_lines, problem_lines

    calendar = calendar_of(home)
    reading = read_deadline(text, plan_year=year, issued=issued, calendar=calendar)
    answer = deadline_json(reading)
    if as_json:
        print_json(answer)
    else:
        for line in deadline_lines(reading.deadline, calendar):
            say(line)
        for error in answer["errors"]:
            complain("\n".join(problem_lines(text, error)))
    if answer["errors"]:
        raise typer.Exit(1)


def calendar_of(home: Path) -> WorkCalendar:
    """The calendar of the home; the shipped one where the home has none or a broken one (with a note)."""
    # heavy: pydantic and the YAML reader
    from engine.loading.calendar import load_calendar
    from engine.loading.home import read_file

    if not home.is_dir():
        raise DondocError(f"Không có thư mục {home}. Tạo mới bằng lệnh: dondoc init {home}")
    if (home / CALENDAR).is_file():
        data, unread = read_file(home / CALENDAR, CALENDAR)
        found = None if unread else load_calendar(data, CALENDAR)[0]
        if found is not None:
            return found
        note(f"Lịch {home / CALENDAR} có lỗi nên dùng lịch kèm theo phần mềm; xem lỗi: dondoc check")
    shipped, _ = load_calendar((starter_folder() / CALENDAR).read_bytes(), CALENDAR)
    if shipped is None:
        raise DondocError("Lịch kèm theo phần mềm bị hỏng. Hãy cài lại phần mềm dondoc.")
    return shipped


def _answer_lines(lines: Iterable[bytes], calendar: WorkCalendar) -> bool:
    """One JSON line out for each line in, at once. True when every line was a proper question."""
    # heavy: the grammar
    from engine.deadlines import deadline_json, read_deadline

    proper = True
    for raw in lines:
        if not raw.strip():
            continue
        asked = _question(raw)
        if isinstance(asked, str):
            proper = False
            print_json_line(_refused(raw, asked))
            continue
        text, year, issued = asked
        try:
            reading = read_deadline(text, plan_year=year, issued=issued, calendar=calendar)
            answer = deadline_json(reading)
        except Exception as error:  # noqa: BLE001 - one bad row never stops the stream
            proper = False
            answer = _refused(raw, f"Lỗi ngoài dự kiến khi đọc ô này ({type(error).__name__})")
        print_json_line(answer)
    return proper


def _question(raw: bytes) -> tuple[str, int, date | None] | str:
    """Text, plan year and day of issue of one input line, or what is wrong with it."""
    if len(raw) > _LONGEST_LINE:
        return f"Dòng dài quá {_LONGEST_LINE:,} byte"
    try:
        asked = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "Dòng không phải UTF-8"
    except (ValueError, RecursionError):
        return "Dòng không phải JSON"
    if not isinstance(asked, dict):
        return "Mỗi dòng phải là một đối tượng JSON {text, plan_year, issued}"
    return _fields(asked)


def _fields(asked: dict[str, Any]) -> tuple[str, int, date | None] | str:
    text, year, issued = asked.get("text"), asked.get("plan_year"), asked.get("issued")
    if not isinstance(text, str):
        return "text phải là chữ" if "text" in asked else "Thiếu text"
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
        return f"plan_year phải là một năm từ {FIRST_YEAR} đến {LAST_YEAR}"
    if issued is None or issued == "":
        return text, year, None
    if not isinstance(issued, str):
        return "issued phải là một ngày (2023-06-05) hoặc null"
    try:
        return text, year, read_day(issued)
    except typer.BadParameter as error:
        return f"issued: {error.message}"


def _refused(raw: bytes, message: str) -> dict[str, Any]:
    shown = raw.decode("utf-8", errors="replace").strip()
    error = {"code": "bad-line", "message": message, "hint": "", "start": 0, "end": 0}
    return {"kind": "invalid", "text": shown[:200], "errors": [error]}
