"""The letter that chases (công văn đôn đốc): a draft to all units chosen, for a person to finish and sign."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from docx.document import Document as Letter
from docx.shared import Mm

from engine.chasing import UnitChase
from engine.letters import form
from engine.letters.form import HEAD, SMALL, body, clean, spaced, write
from engine.letters.issuing import UNKNOWN, Issuing, issuing_body
from engine.model.assignment import Timeliness
from engine.model.facts import PlanFacts
from engine.notices.digest import Item
from engine.notices.notice import Book
from engine.notices.wording import number, period_name
from engine.tracking.progress import local_day

MOST_NAMED = 15
"""Units that the letter names above its text; more are referred to the list."""

MOST_ROWS = 10
"""Tasks that stand in the text itself; more become an appendix on a page of its own."""

_LEFT, _RIGHT = Mm(65), Mm(100)
_COLUMNS = (
    ("STT", Mm(14)),
    ("Nội dung nhiệm vụ", Mm(65)),
    ("Văn bản giao", Mm(34)),
    ("Thời hạn", Mm(25)),
    ("Chậm", Mm(27)),
)
_CENTRED = (0, 3, 4)
_TITLE = "đôn đốc thực hiện nhiệm vụ"


def chase_letter(units: Sequence[UnitChase], book: Book, words: str, now: datetime) -> bytes:
    """The .docx of one letter to all ``units`` (at least one) about what they owe on the day of ``now``;
    ``words`` is the office's own sentence or empty."""
    today = local_day(now)
    plans = _plans(units, book)
    issuers = {plan.issuer for plan in plans}
    issuing = issuing_body(book.registry, issuers.pop()) if len(issuers) == 1 else UNKNOWN
    letter = form.new_letter(f"Công văn {_TITLE}", now)
    _head(letter, issuing, today)
    names = [book.registry.full_name(unit.unit) for unit in units]
    _addressees(letter, names)
    apart = sum(len(unit.items) for unit in units) > MOST_ROWS
    body(letter, _ground(units, plans, book, today, apart=apart))
    if not apart:
        _table(letter, units, book)
        spaced(letter.add_paragraph(), after=0)
    _requests(letter, units, issuing, plans, book, words)
    _foot(letter, issuing, plans, book)
    if apart:
        _appendix(letter, units, book, issuing, today)
    data = io.BytesIO()
    letter.save(data)
    return data.getvalue()


def long_day(day: date) -> str:
    """ "10 tháng 3 năm 2023"; days below 10 and the months 1 and 2 with a zero in front."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{day:%d} tháng {month} năm {day.year}"


def _head(letter: Letter, issuing: Issuing, today: date) -> None:
    left, right = form.columns(letter, _LEFT, _RIGHT)
    lines = [(issuing.above, False)] if issuing.above else []
    lines += [(name, True) for name in issuing.own]
    paragraph = left.paragraphs[0]
    for index, (text, bold) in enumerate(lines):
        paragraph = left.add_paragraph() if index else paragraph
        write(spaced(paragraph, form.CENTRE), text, HEAD, bold=bold)
    form.line(left, Mm(22), _LEFT)
    write(spaced(left.add_paragraph(), form.CENTRE), f"Số:          {issuing.symbol}", HEAD)
    write(spaced(left.add_paragraph(), form.CENTRE, before=6), f"V/v {_TITLE}", form.TABLE)

    nation = spaced(right.paragraphs[0], form.CENTRE)
    write(nation, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", HEAD, bold=True)
    motto = spaced(right.add_paragraph(), form.CENTRE)
    write(motto, "Độc lập - Tự do - Hạnh phúc", bold=True)
    form.line(right, Mm(66), _RIGHT)
    month = long_day(today).partition(" ")[2]
    where = spaced(right.add_paragraph(), form.CENTRE, before=3)
    write(where, f"{issuing.place}, ngày       {month}", italic=True)


def _addressees(letter: Letter, names: Sequence[str]) -> None:
    if len(names) == 1 or len(names) > MOST_NAMED:
        to = names[0] if len(names) == 1 else "Các cơ quan, đơn vị có tên trong danh mục nhiệm vụ"
        write(spaced(letter.add_paragraph(), form.CENTRE, before=14, after=12), f"Kính gửi: {to}")
        return
    first = spaced(letter.add_paragraph(), before=14)
    first.paragraph_format.left_indent = Mm(30)
    write(first, "Kính gửi:")
    for index, name in enumerate(names):
        last = index == len(names) - 1
        each = spaced(letter.add_paragraph(), after=12 if last else 0)
        each.paragraph_format.left_indent, each.paragraph_format.first_line_indent = Mm(56), Mm(-4)
        write(each, f"- {name}{'.' if last else ';'}")


def _ground(
    units: Sequence[UnitChase], plans: Sequence[PlanFacts], book: Book, today: date, *, apart: bool
) -> str:
    items = [item for unit in units for item in unit.items]
    late = sum(_is_late(item) for item in items)
    counts = []
    if late:
        counts.append(f"{_count(late)} nhiệm vụ đã quá hạn")
    if len(items) > late:
        counts.append(f"{_count(len(items) - late)} nhiệm vụ sắp đến hạn")
    whose = "đơn vị" if len(units) == 1 else f"{_count(len(units))} đơn vị"
    listed = "Phụ lục kèm theo Công văn này" if apart else "bảng dưới đây"
    sources = "; ".join(_citation(plan, book) for plan in plans)
    return (
        f"Thực hiện {sources}; qua theo dõi, tính đến ngày {long_day(today)}, {whose} còn "
        f"{' và '.join(counts)} mà chưa báo cáo hoàn thành, cụ thể tại {listed}."
    )


def _citation(plan: PlanFacts, book: Book) -> str:
    when = f" ngày {long_day(plan.issued)}" if plan.issued else ""
    about = plan.title.removeprefix("Kế hoạch ").strip(" .")
    if about[1:2].islower():
        about = about[:1].lower() + about[1:]
    return f"Kế hoạch số {_number(plan)}{when} của {book.registry.name(plan.issuer)} về {about}"


def _number(plan: PlanFacts) -> str:
    return plan.number if plan.number[:1].isdigit() else f"……{plan.number}"


def _requests(
    letter: Letter,
    units: Sequence[UnitChase],
    issuing: Issuing,
    plans: Sequence[PlanFacts],
    book: Book,
    words: str,
) -> None:
    whom = "Thủ trưởng đơn vị" if len(units) == 1 else "Thủ trưởng các cơ quan, đơn vị nêu trên"
    body(letter, f"Để bảo đảm tiến độ, {issuing.name} đề nghị {whom}:")
    states = {_is_late(item) for unit in units for item in unit.items}
    asked = []
    if True in states:
        asked.append("Tập trung chỉ đạo, khẩn trương hoàn thành các nhiệm vụ đã quá hạn.")
    if False in states:
        asked.append("Hoàn thành đúng thời hạn các nhiệm vụ sắp đến hạn.")
    watching = "; ".join(dict.fromkeys(book.registry.full_name(plan.monitor) for plan in plans))
    asked.append(
        f"Báo cáo kết quả thực hiện, gửi về {watching} để tổng hợp; nhiệm vụ chưa hoàn thành cần nêu rõ "
        "nguyên nhân, khó khăn, vướng mắc và thời hạn hoàn thành."
    )
    for index, text in enumerate(asked, start=1):
        body(letter, f"{index}. {text}")
    if words:
        body(letter, words if words[-1] in ".!?…" else f"{words}.")
    all_of_them = "đơn vị" if len(units) == 1 else "các cơ quan, đơn vị"
    last = body(letter, f"{issuing.name} đề nghị {all_of_them} quan tâm thực hiện./.")
    last.paragraph_format.keep_with_next = True


def _foot(letter: Letter, issuing: Issuing, plans: Sequence[PlanFacts], book: Book) -> None:
    left, right = form.columns(letter, Mm(80), Mm(85))
    write(spaced(left.paragraphs[0]), "Nơi nhận:", form.TABLE, bold=True, italic=True)
    watching = dict.fromkeys(book.registry.full_name(plan.monitor) for plan in plans)
    for name in ("Như trên", *(f"{each} (để theo dõi)" for each in watching)):
        write(spaced(left.add_paragraph()), f"- {name};", SMALL)
    write(spaced(left.add_paragraph()), "- Lưu: VT, ….", SMALL)
    paragraph = right.paragraphs[0]
    for index, text in enumerate(issuing.authority):
        paragraph = right.add_paragraph() if index else paragraph
        write(spaced(paragraph, form.CENTRE), text, bold=True)
        paragraph.paragraph_format.keep_with_next = True
    for _ in range(4):
        spaced(right.add_paragraph(), form.CENTRE).paragraph_format.keep_with_next = True
    write(spaced(right.add_paragraph(), form.CENTRE), "[Họ và tên người ký]", bold=True)


def _appendix(letter: Letter, units: Sequence[UnitChase], book: Book, issuing: Issuing, today: date) -> None:
    head = spaced(letter.add_paragraph(), form.CENTRE)
    head.paragraph_format.page_break_before = True
    write(head, "PHỤ LỤC", bold=True)
    write(spaced(letter.add_paragraph(), form.CENTRE), "Danh mục nhiệm vụ chưa báo cáo hoàn thành", bold=True)
    month = long_day(today).partition(" ")[2]
    origin = f"(Kèm theo Công văn số        {issuing.symbol} ngày       {month} của {issuing.name})"
    write(spaced(letter.add_paragraph(), form.CENTRE, after=8), origin, HEAD, italic=True)
    _table(letter, units, book)


def _table(letter: Letter, units: Sequence[UnitChase], book: Book) -> None:
    table = form.ruled_table(letter, [name for name, _ in _COLUMNS], [width for _, width in _COLUMNS])
    index = 0
    for unit in units:
        if len(units) > 1:
            form.add_heading_row(table, book.registry.full_name(unit.unit))
        for item in unit.items:
            index += 1
            form.add_row(table, _row(index, item, unit.unit, book), _CENTRED)


def _row(index: int, item: Item, unit: str, book: Book) -> tuple[str, ...]:
    tracked, seen = item.tracked, item.seen
    assert tracked is not None  # noqa: S101 - a chase is about assignments, never about a whole unit
    assert seen is not None  # noqa: S101 - as above
    promise = tracked.promise
    task, plan = book.task_of(tracked), book.plan_of(tracked)
    content = task.heading(promise.milestone)
    if period := period_name(promise.period):
        content += f" (kỳ {period})"
    if promise.unit != unit:
        content += f" (giao {book.registry.full_name(promise.unit)})"
    place = (task.appendix, f"mục {task.stt.rstrip('.')}" if task.stt else None)
    source = ", ".join(part for part in (f"Kế hoạch số {_number(plan)}", *place) if part)
    due = f"{seen.rolled:%d/%m/%Y}" if seen.rolled else ""
    if _is_late(item) and not seen.days_late:
        # Overdue since the eve of days off: late, but by no working day yet.
        lateness = f"{number(-(seen.calendar_days or 0))} ngày"
    elif _is_late(item):
        lateness = f"{number(seen.days_late)} ngày làm việc"
    elif seen.days_left:
        lateness = f"còn {number(seen.days_left)} ngày làm việc"
    else:
        lateness = "đến hạn hôm nay" if not seen.calendar_days else f"còn {seen.calendar_days} ngày"
    return str(index), clean(content), source, due, lateness


def _plans(units: Sequence[UnitChase], book: Book) -> list[PlanFacts]:
    found = {book.plan_of(i.tracked).id: book.plan_of(i.tracked) for u in units for i in u.items if i.tracked}
    return [found[id] for id in sorted(found)]


def _is_late(item: Item) -> bool:
    return item.seen is not None and item.seen.timeliness is Timeliness.OVERDUE


def _count(value: int) -> str:
    """ "03": official documents write counts below ten with a zero."""
    return f"{value:02}" if value < 10 else number(value)
