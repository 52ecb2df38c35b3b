"""The tree of a time cell → the Deadline value: dates, rules, triggers."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, time

from engine.deadlines.calendar_days import DAY, Anchor, Days, days_of, with_years
from engine.deadlines.grammar.tree import (
    Count,
    Cycle,
    Cycles,
    CycleUnit,
    Dated,
    Elsewhere,
    Event,
    Node,
    Parts,
    Span,
    Steady,
    Stretch,
    Timed,
)
from engine.deadlines.problems import Unreadable
from engine.deadlines.repeating import recurring
from engine.deadlines.wording import (
    AD_HOC,
    OWN_PLAN_ISSUED,
    PROMPTLY,
    authority_words,
    is_own_plan,
    trigger_words,
)
from engine.model.deadline import DayUnit, Deadline, DeadlineKind, Offset
from engine.workdays import MissingYear, WorkCalendar


@dataclass(frozen=True, slots=True)
class Setting:
    """What a plan brings to the reading of its cells."""

    text: str
    plan_year: int
    issued: date | None
    counts_from: date | None
    calendar: WorkCalendar | None
    inclusive: bool
    roll: bool

    @property
    def floor(self) -> date:
        """The first day on which anything of the plan can be due."""
        opening = date(self.plan_year, 1, 1)
        known = self.issued or self.counts_from
        return known if known is not None and known.year == self.plan_year else opening

    @property
    def close(self) -> date:
        return date(self.plan_year, 12, 31)

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.plan_year, self.issued or self.counts_from or date(self.plan_year, 1, 1))

    def words(self, at: Span) -> str:
        return self.text[at[0] : at[1]]

    def rolled(self, day: date | None) -> date | None:
        """Where Bộ luật Dân sự 2015, Điều 148 khoản 5 moves a due day; None without a calendar."""
        if day is None:
            return None
        if not self.roll:
            return day
        if self.calendar is None or not self.calendar.covers(day.year):
            return None
        try:
            return self.calendar.roll(day)
        except MissingYear:
            return None


def resolve(node: Node, setting: Setting) -> Deadline:
    """The meaning of a whole cell; Unreadable when a day does not exist or is missing."""
    match node:
        case Parts():
            return _milestones(node, setting)
        case Timed():
            return _timed(node, setting)
        case Dated():
            return _dated(node, setting)
        case Cycles():
            return _cycles(node, setting)
        case Steady():
            return _steady(node, setting)
        case Event():
            return _event(node, setting)
        case Elsewhere():
            return Deadline(
                DeadlineKind.EXTERNAL, setting.words(node.at), authority=_authority(node, setting), rule=node.rule
            )
        case _:
            raise TypeError(node)


def _milestones(node: Parts, setting: Setting) -> Deadline:
    done: list[Deadline] = []
    for label, part in node.parts:
        read = resolve(part, setting)
        inner = read.milestones or (read,)
        done.extend(replace(each, label=label or each.label) for each in inner)
    due = max((each.due for each in done if each.due), default=None)
    rough = any(each.ambiguous for each in done)
    return Deadline(
        DeadlineKind.MILESTONES, setting.words(node.at), due=due, rolled=setting.rolled(due),
        milestones=tuple(done), rule=node.rule, ambiguous=rough,
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
    )  # fmt: skip


# --- dates ---------------------------------------------------------------------------------------


def window(timed: Timed, setting: Setting) -> tuple[Days, ...]:
    """The stretches of days that the periods name, those that touch made one."""
    done: list[Days] = []
    for stretch in with_years(timed.stretches):
        found = _stretch(stretch, setting)
        if done and done[-1].first <= found.first <= done[-1].last + DAY:
            last = done[-1]
            done[-1] = Days(last.first, max(last.last, found.last), last.opens, last.rough or found.rough)
        else:
            done.append(found)
    return tuple(done)


def _stretch(stretch: Stretch, setting: Setting) -> Days:
    first = days_of(stretch.first, setting.anchor)
    if stretch.first.part == "last_working_day":
        first = _last_working_day(first, setting)
    if stretch.last is None:
        return first
    last = days_of(stretch.last, setting.anchor)
    end = last.first - DAY if stretch.short else last.last
    if end < first.first:
        raise Unreadable(
            "reversed",
            f"Khoảng thời gian kết thúc ({end:%d/%m/%Y}) trước khi bắt đầu ({first.first:%d/%m/%Y}).",
            "Hãy kiểm tra lại ngày, tháng, năm ở hai đầu.",
            (stretch.first.at[0], stretch.last.at[1]),
        )
    rough = (last.rough and stretch.last.part != "last") or (first.rough and stretch.first.part != "first")
    return Days(first.first, end, True, rough, first.notes + last.notes if rough else ())


def _last_working_day(days: Days, setting: Setting) -> Days:
    day = days.last
    calendar = setting.calendar
    if calendar is not None and calendar.covers(day.year) and calendar.covers((day + DAY).year):
        day = calendar.add_working_days(day + DAY, -1)
    else:
        while day.weekday() > 4:
            day -= DAY
    return replace(days, first=day, last=day)


def _timed(node: Timed, setting: Setting) -> Deadline:
    _refuse_unclear(node)
    found = window(node, setting)
    if node.onward or _is_every(node, found):
        return recurring_from_periods(node, found, setting)
    if len(found) > 1:
        return _several(node, setting)
    if node.op in ("from", "after"):
        return _steady(Steady(node.at, node.rule, (node,)), setting)
    return _due_by(node, found[0], setting)


def _refuse_unclear(node: Timed) -> None:
    first = node.stretches[0].first
    if first.bare and first.unit == "opening" and first.number in (1, 2, 4, 5):
        raise Unreadable(
            "two-readings",
            f"“{first.number} tháng” có thể là {first.number} tháng đầu năm, hoặc khoảng thời gian {first.number} tháng.",
            f"Hãy ghi “{first.number} tháng đầu năm”, hoặc ghi tính từ ngày nào.",
            node.at,
        )
    if node.op == "before" and any(stretch.last for stretch in node.stretches):
        raise Unreadable(
            "two-readings",
            "“Trước” một khoảng thời gian: không rõ là trước khi bắt đầu hay trước khi kết thúc.",
            "Hãy ghi một ngày, ví dụ “trước ngày 15/6/2023”.",
            node.at,
        )


def _is_every(node: Timed, found: tuple[Days, ...]) -> bool:
    """Months or quarters apart ("tháng 3, 6, 9"), or all four quarters: something in each of them."""
    first = node.stretches[0].first
    if first.unit not in ("month", "quarter") or node.op not in ("within", "by") or first.part not in (None, "last"):
        return False
    single = all(stretch.last is None for stretch in node.stretches)
    if single and node.periodic and len(node.stretches) > 1:
        return True
    return len(found) > 1 and single or len(node.stretches) == (4 if first.unit == "quarter" else 12)


def _several(node: Timed, setting: Setting) -> Deadline:
    stretches = with_years(node.stretches)
    starts = [node.at[0], *(stretch.first.at[0] for stretch in stretches[1:])]
    parts = tuple(
        ("", replace(node, at=(start, (stretch.last or stretch.first).at[1]), stretches=(stretch,)))
        for start, stretch in zip(starts, stretches, strict=True)
    )
    return _milestones(Parts(node.at, f"{node.rule}s", parts), setting)


def _due_by(node: Timed, days: Days, setting: Setting) -> Deadline:
    only = node.stretches[0]
    half_yearly = only.first.bare and only.first.unit == "opening" and only.first.number in (3, 6)
    single_day = only.first.unit == "day" or only.first.part in ("first_day", "last_day", "last_working_day")
    start: date | None = days.first if days.opens and node.op == "within" else None
    if days.first == days.last and single_day:
        start = None
    due, alt = days.last, None
    if node.op == "before":
        due, alt = _before(node, days, setting, single_day=single_day)
    elif only.short and only.last is not None and only.last.unit == "day":
        alt = due + DAY
        due, alt = (alt, due) if setting.inclusive else (due, alt)
    ends = node.op == "by" and (only.last or only.first).part == "last" and not node.rough
    again = node.noun_again and len(node.stretches) > 1
    notes = days.notes + (("Thời hạn ghi là dự kiến/khoảng.",) if node.rough else ())
    return Deadline(
        DeadlineKind.DATE, setting.words(node.at), start=start, due=due, due_time=_clock(node.clock),
        rolled=setting.rolled(due), alt_due=alt, alt_rolled=setting.rolled(alt),
        alt_kind=DeadlineKind.RECURRING if again or half_yearly else _also_continuous(node, setting),
        ambiguous=(days.rough and not ends) or node.rough or half_yearly, rule=node.rule, notes=() if ends else notes,
    )  # fmt: skip


def _before(node: Timed, days: Days, setting: Setting, *, single_day: bool) -> tuple[date, date | None]:
    if node.clock is not None:
        return days.last, None
    if not single_day:
        part = node.stretches[0].first.part
        return (days.last if part == "last" else days.first - DAY), None
    due, alt = days.first - DAY, days.first
    return (alt, due) if setting.inclusive else (due, alt)


def _also_continuous(node: Timed, setting: Setting) -> DeadlineKind | None:
    """ "Trong năm 2023", "7 tháng cuối năm", "từ nay đến …": the author may mean all the while."""
    first = node.stretches[0].first
    if first.unit == "issue" or (first.unit == "closing" and first.number not in (3, 6, 9)):
        return DeadlineKind.CONTINUOUS
    alone = first.unit == "year" and first.part is None and node.stretches[0].last is None
    inside = setting.text[node.at[0] : first.at[0]].strip().casefold().startswith("trong")
    return DeadlineKind.CONTINUOUS if alone and inside and node.op == "within" else None


def _clock(clock: tuple[int, Span] | None) -> time | None:
    if clock is None:
        return None
    hour, minute = divmod(clock[0], 100)
    if (hour, minute) == (24, 0):
        return time(23, 59)
    if hour > 23 or minute > 59:
        raise Unreadable(
            "no-such-hour",
            f"Không có giờ {hour}h{minute:02}.",
            "Giờ chỉ từ 0h00 đến 24h00; hãy kiểm tra lại.",
            clock[1],
        )
    return time(hour, minute)


def _dated(node: Dated, setting: Setting) -> Deadline:
    timed, inside = node.timed, node.inside
    if inside is not None:
        timed = replace(timed, stretches=_years_from(timed.stretches, inside))
    read = _timed(timed, setting)
    if node.authority is not None:
        read = replace(read, authority=_authority(node.authority, setting), alt_kind=DeadlineKind.EXTERNAL)
    if inside is not None and read.kind is DeadlineKind.DATE and read.due is not None:
        start = window(inside, setting)[0].first
        if start > read.due:
            raise Unreadable(
                "reversed",
                f"Hạn {read.due:%d/%m/%Y} đứng trước lúc bắt đầu {start:%d/%m/%Y}.",
                "Hãy kiểm tra lại hai thời điểm.",
                node.at,
            )
        read = replace(read, start=start, ambiguous=read.ambiguous or node.rough)
    return replace(read, text=setting.words(node.at), rule=node.rule)


def _years_from(stretches: tuple[Stretch, ...], outer: Timed) -> tuple[Stretch, ...]:
    """A day without a year inside "quý II/2024" is a day of 2024."""
    last = (outer.stretches[-1].last or outer.stretches[-1].first) if outer.op != "from" else None
    year = None if last is None else (last.number if last.unit == "year" else last.year)
    if not year:
        return stretches
    return tuple(
        replace(s, first=replace(s.first, year=year)) if s.last is None and s.first.year is None else s
        for s in stretches
    )


# --- all the time, again and again ---------------------------------------------------------------


def _limits(windows: tuple[Timed, ...], setting: Setting) -> tuple[date | None, date | None, tuple[str, ...]]:
    """The first and the last day that the windows of a cell state."""
    start: date | None = None
    end: date | None = None
    notes: tuple[str, ...] = ()
    for each in windows:
        found = window(each, setting)
        notes += found[0].notes
        if each.op == "from":
            start = found[0].first
        elif each.op == "after":
            start = found[-1].last + DAY
        elif each.op == "before":
            end = found[0].first - DAY
        elif each.op == "by":
            end = found[-1].last
        else:
            start, end = found[0].first, found[-1].last
    return start, end, notes


def _steady(node: Steady, setting: Setting) -> Deadline:
    start, end, notes = _limits(node.window, setting)
    if start is None:
        start = setting.floor if end is None or setting.floor <= end else date(end.year, 1, 1)
    if end is None:
        end = setting.close if start <= setting.close else date(start.year, 12, 31)
    if end < start:
        raise Unreadable(
            "reversed", "Thời gian kết thúc trước khi bắt đầu.", "Hãy kiểm tra lại ngày, tháng, năm.", node.at
        )
    return Deadline(
        DeadlineKind.CONTINUOUS, setting.words(node.at), start=start, end=end, rule=node.rule, notes=notes,
        plus_event=_plus(node.event, setting),
        authority=_authority(node.authority, setting) if node.authority else None,
    )  # fmt: skip


def _plus(event: Event | None, setting: Setting) -> str | None:
    return None if event is None else _event(event, setting).trigger


def _cycles(node: Cycles, setting: Setting) -> Deadline:
    start, end, notes = _limits(node.window, setting)
    first, last = _plan_days(start, end, setting)
    clock = next((cycle.clock for cycle in node.cycles if cycle.clock), None)
    read = recurring(node.cycles, (first, last), setting.rolled, inclusive=setting.inclusive)
    alt_kind = DeadlineKind.CONTINUOUS if node.steady else None
    return replace(
        read, text=setting.words(node.at), start=start, end=end, due_time=_clock(clock), rule=node.rule,
        notes=read.notes + notes, plus_event=_plus(node.event, setting),
        authority=_authority(node.authority, setting) if node.authority else None,
        alt_kind=DeadlineKind.EXTERNAL if node.authority else alt_kind,
    )  # fmt: skip


def _plan_days(start: date | None, end: date | None, setting: Setting) -> tuple[date, date]:
    """The days in which due days are wanted: the plan year, from its issue on, within the stated window."""
    if end is not None and start is not None and end < start:
        return start, end
    if start is not None and end is not None and (start > setting.close or end.year < setting.plan_year):
        return start, end
    first = max(setting.floor, start) if start is not None else setting.floor
    if start is not None and start > setting.close:
        return start, date(start.year, 12, 31)
    return first, min(setting.close, end) if end is not None else setting.close


def recurring_from_periods(node: Timed, found: tuple[Days, ...], setting: Setting) -> Deadline:
    """Months or quarters named one by one, or "và các tháng tiếp theo": due at the end of each."""
    from_periods = _cycle_of_periods(node)
    first = found[0].first
    if node.onward:
        last = setting.close if first <= setting.close else date(first.year, 12, 31)
        start: date | None = first
        days = (max(first, setting.floor), last)
        alt = DeadlineKind.CONTINUOUS
    else:
        start, last = None, found[-1].last
        days = (setting.floor if setting.floor.year == first.year else date(first.year, 1, 1), last)
        alt = DeadlineKind.DATE
    read = recurring((from_periods,), days, setting.rolled, inclusive=setting.inclusive)
    return replace(read, text=setting.words(node.at), start=start, rule=node.rule, alt_kind=alt)


def _cycle_of_periods(node: Timed) -> Cycle:
    named = node.stretches[0].first.unit
    unit: CycleUnit = "quarter" if named == "quarter" else "year" if named == "year" else "month"
    months: tuple[int, ...] = ()
    if not node.onward:
        size = 3 if unit == "quarter" else 1
        months = tuple(sorted({stretch.first.number * size for stretch in node.stretches}))
    return Cycle(node.at, node.rule, unit, days=(-1,), months=months)


# --- events --------------------------------------------------------------------------------------


def _authority(node: Elsewhere, setting: Setting) -> str:
    return "; ".join(authority_words(setting.words(each)) for each in node.clauses)


def _event(node: Event, setting: Setting) -> Deadline:
    if node.rule == "count-without-anchor":
        raise Unreadable(
            "missing-anchor",
            "Có số ngày nhưng không rõ tính từ ngày nào.",
            "Hãy ghi thêm, ví dụ “kể từ ngày ban hành Kế hoạch” hoặc “kể từ khi nhận được văn bản”.",
            node.at,
        )
    count = node.count
    if node.anchor is not None and count is not None:
        days = window(node.anchor, setting)[0]
        return _counted(node, count, days.last if count.days > 0 else days.first, setting)
    own = len(node.clauses) == 1 and is_own_plan(setting.words(node.clauses[0]))
    issued = setting.issued or setting.counts_from
    if own and issued is not None and count is not None and count.days > 0:
        return _counted(node, count, issued, setting)
    if own and issued is not None and count is None and _at_once(node, setting):
        return Deadline(
            DeadlineKind.DATE, setting.words(node.at), due=issued, rolled=setting.rolled(issued), ambiguous=True,
            alt_kind=DeadlineKind.EVENT, rule="at-issue",
            notes=("“Ngay sau khi ban hành” được hiểu là chính ngày ban hành; cần người soạn xác nhận.",),
        )  # fmt: skip
    unit = DayUnit.WORKING if count is not None and count.working else DayUnit.CALENDAR
    return Deadline(
        DeadlineKind.EVENT, setting.words(node.at), trigger=_trigger(node, own=own, setting=setting),
        relation=node.relation, offset=Offset(count.days, unit) if count else None, rule=node.rule,
        ambiguous=node.rule == "at-once" or (count is not None and bool(count.months)),
        authority=_authority(node.authority, setting) if node.authority else None,
    )  # fmt: skip


def _at_once(node: Event, setting: Setting) -> bool:
    return setting.words(node.at).casefold().startswith("ngay")


def _trigger(node: Event, *, own: bool, setting: Setting) -> str:
    if own or node.rule == "at-once":
        return OWN_PLAN_ISSUED
    if node.rule == "promptly":
        return PROMPTLY
    if not node.clauses:
        return AD_HOC
    return " hoặc ".join(trigger_words(setting.words(each), node.opening) for each in node.clauses)


def _counted(node: Event, count: Count, day: date, setting: Setting) -> Deadline:
    """N days from a known day, which is not counted itself (Bộ luật Dân sự 2015, Điều 147)."""
    due = _months_later(day, count.months) if count.months else day + count.days * DAY
    if count.working:
        due = _working_days_later(node, count, day, setting)
    unit = DayUnit.WORKING if count.working else DayUnit.CALENDAR
    span = count.days if count.working else (due - day).days
    notes = ()
    if count.rough and not count.months:
        notes = (f"“Sau {abs(count.days)} ngày” được hiểu là hạn vào ngày {due:%d/%m/%Y}; cần xác nhận.",)
    return Deadline(
        DeadlineKind.DATE, setting.words(node.at), due=due, rolled=setting.rolled(due), offset=Offset(span, unit),
        ambiguous=count.rough and not count.months, rule=node.rule, notes=notes,
        basis="issued" if node.anchor is None else "day",
    )  # fmt: skip


def _working_days_later(node: Event, count: Count, day: date, setting: Setting) -> date:
    try:
        if setting.calendar is not None and setting.calendar.covers(day.year):
            return setting.calendar.add_working_days(day, count.days)
    except MissingYear:
        pass
    raise Unreadable(
        "calendar-missing",
        f"Chưa có lịch làm việc năm {day.year} để tính {abs(count.days)} ngày làm việc.",
        "Hãy bổ sung ngày nghỉ của năm đó vào lịch làm việc.",
        node.at,
    )


def _months_later(day: date, months: int) -> date:
    serial = day.year * 12 + day.month - 1 + months
    year, month = divmod(serial, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
