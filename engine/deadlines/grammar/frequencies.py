"""Rules for plain frequencies: "hàng tháng, quý, năm", "02 lần/năm", "6 tháng/lần"."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.years import is_year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import AGAIN, AT_LEAST, COUNTED, EACH
from engine.deadlines.tree import Cycle, CycleUnit

CYCLE_UNITS: dict[str, CycleUnit] = {
    "ngày": "day", "tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year",
}  # fmt: skip
_BY_MONTHS: dict[int, CycleUnit] = {1: "month", 3: "quarter", 6: "half", 12: "year"}


def each_period(c: Cursor) -> list[Cycle] | None:
    """The frequencies themselves, the first with "hàng/mỗi/định kỳ" or two and more without."""
    again = c.phrase(AGAIN)
    each = c.phrase(EACH)
    if each == "một" or (each == "các" and again == "theo"):
        return None
    first = _unit(c, elided=not each)
    if first is None:
        return None
    found = [first, *_further_units(c, first)]
    if not (again or each) and not _stand_alone(c, found):
        return None
    if len(found) == 1:
        if each == "các":
            c.sequence("trong", "năm") or c.sequence("trong", "tuần")
        return [_with_times(c, first)]
    return found


def _further_units(c: Cursor, first: Cycle) -> list[Cycle]:
    """Units behind the first, the frequency word said again or not; none twice."""
    found = [first]
    while True:
        before = c.position
        joined = c.take(",", "/", "+", "&", "-")
        joined = c.take("và") or joined
        unit = _unit(c, elided=not c.phrase(EACH)) if joined else None
        if unit is None:
            c.position = before
            return found[1:]
        if unit not in found:
            found.append(unit)


def _stand_alone(c: Cursor, found: list[Cycle]) -> bool:
    """Without "hàng", two units are a list; one needs its day behind it: "quý (trước ngày 05 …)"."""
    if any(cycle.unit == "day" for cycle in found):
        return False
    if len(found) > 1:
        return True
    return (
        c.at("(") and not found[0].months and c.ahead().word in ("trước", "chậm", "ngày", "vào", "đến", "từ")
    )


def _unit(c: Cursor, *, elided: bool) -> Cycle | None:
    """ "tháng", "6 tháng", "nửa năm", "2 tuần"; ``elided``: it must not name one certain period."""
    before = c.position
    c.take("trong")
    if c.at("cả", "cuối") and c.ahead().word == "năm" and not is_year(c.ahead(2)) and elided:
        c.position += 2
        return Cycle((0, 0), "cycle/year", "year")
    number = 1
    if c.sequence("nửa", "năm"):
        return Cycle((0, 0), "cycle/half", "half")
    spelled = c.token.kind is Kind.NUMBER or c.ahead().word in CYCLE_UNITS or c.ahead(2).word in CYCLE_UNITS
    if spelled and c.token.word not in CYCLE_UNITS and (value := c.number()) is not None:
        number = value
    unit = CYCLE_UNITS.get(c.token.word)
    c.position += 1
    if unit is None or not 1 <= number <= 60 or not _unit_ends(c, unit, number, elided=elided):
        c.position = before
        return None
    if number == 9 and unit == "month":
        return Cycle((0, 0), "cycle/nine-months", "quarter", months=(9,))
    return _every(number, unit)


def _unit_ends(c: Cursor, unit: CycleUnit, number: int, *, elided: bool) -> bool:
    """Whether a bare unit ends here: "quý IV", "năm 2024", "6 tháng đầu", "ngày 15" are other things."""
    following = c.token
    if unit == "year" and (is_year(following) or following.word in ("học", "nay", "sau", "tới")):
        return False
    if number > 1 and following.word in ("đầu", "cuối"):
        return False
    if elided:
        numbered = following.kind is Kind.NUMBER or (
            unit == "quarter" and following.word in ("i", "ii", "iii", "iv")
        )
        return not numbered and following.word not in (
            "làm",
            "đầu",
            "cuối",
            "một",
            "hai",
            "học",
            "tiếp",
            "sau",
            "cuối",
        )
    return not (unit == "quarter" and following.word in ("i", "ii", "iii", "iv"))


def _every(number: int, unit: CycleUnit) -> Cycle | None:
    if unit == "quarter":
        number, unit = number * 3, "month"
    if unit == "month":
        plain = _BY_MONTHS.get(number)
        if plain:
            return Cycle((0, 0), f"cycle/{plain}", plain)
        if 12 % number:
            return None
        return Cycle((0, 0), "cycle/months", "month", every=number)
    if unit == "year" and number > 1:
        return Cycle((0, 0), "cycle/years", "year", every=number)
    return Cycle((0, 0), f"cycle/{unit}", unit, every=number)


def _with_times(c: Cursor, cycle: Cycle) -> Cycle:
    """ "mỗi tháng một lần", "hàng quý ít nhất 01 lần"."""
    before = c.position
    c.take(",")
    bracket = c.take("(")
    c.phrase(AT_LEAST)
    number = c.number()
    c.take("-") and c.number()
    if number is None or (c.token.word not in COUNTED - {"ngày"} and not c.at("ngày")):
        c.position = before
        return cycle
    c.position += 1
    while c.take("bài", "mục", "đề", "viết") or c.sequence(",", "bài"):
        pass
    if c.at("làm", "/", "kể", "sau", "trước") or (bracket and not c.take(")")):
        c.position = before
        return cycle
    return replace(cycle, times=number)


def times_in_period(c: Cursor) -> list[Cycle] | None:
    """ "ít nhất 02 ngày/tuần", "01 lần trong quý", "1-2 lần/tháng"."""
    c.phrase(AGAIN)
    c.phrase(AT_LEAST) or c.take("từ")
    number = c.number()
    if c.take("-", "đến"):
        c.number()
    if number is None or c.token.word not in COUNTED:
        return None
    days = c.at("ngày")
    c.position += 1
    c.take("mục", "đề")
    if c.sequence("trở", "lên") and days:
        return None
    if not (c.take("/") or c.phrase(EACH) or c.take("trong", "trên")):
        return None
    c.phrase(EACH)
    unit = _unit(c, elided=True)
    if unit is None:
        return None
    return [replace(unit, times=number, rule="cycle/count")]


def once_in(c: Cursor) -> list[Cycle] | None:
    """ "6 tháng/lần", "3 tháng một lần", "quý 01 lần", "một năm hai lần"."""
    c.phrase(AGAIN)
    plain = c.token.word in CYCLE_UNITS
    unit = _unit_before_times(c)
    if unit is None:
        return None
    if c.take("/"):
        number = c.number()
        if not c.take("lần", "kỳ"):
            return None
        return [unit if number in (None, 1) else replace(unit, times=number)]
    c.phrase(AT_LEAST)
    number = c.number()
    if number is None or not c.take("lần", "đợt", "cuộc"):
        return None
    single = unit.every == 1 and unit.unit in ("month", "quarter", "year", "week", "half")
    return [replace(unit, times=number) if number > 1 or (plain and single) else unit]


def _unit_before_times(c: Cursor) -> Cycle | None:
    number = 1
    if c.token.word not in CYCLE_UNITS:
        value = c.number()
        if value is None or not 1 <= value <= 60:
            return None
        number = value
    unit = CYCLE_UNITS.get(c.token.word)
    if unit is None:
        return None
    c.position += 1
    return _every(number, unit)
