"""The two little grammars of a rule: the condition on a fact ("over 30") and the occasions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from engine.ruleset.rule import PERIODS, Between, Condition, Occasions, OneOf, Other
from engine.tracking.fact_types import HIGHEST, FactType, FactValue, Measure
from engine.tracking.situations import FACTS, facts_about
from engine.vietnamese import nearest

MOST_THRESHOLDS = 100
_HIGHEST = HIGHEST - 1
_YES = frozenset({"true", "có"})
_NO = frozenset({"false", "không"})
_NUMBER_FORMS = "12, not 12, over 12 (hơn 12), under 12 (dưới 12), at least 12, at most 12, 3 to 12"
_OCCASION_FORM = "days_late in 1, 3, 5, 10, then every 10"
_OFFICE_FORM = "weekly, monthly, hoặc days_stopped in 0, then every 5"
_FORMS = {"office": _OFFICE_FORM, "indicator": "weeks_left in 12, 8, 4, 2, 1"}
_THINGS = {
    "assignment": "nhiệm vụ (about: assignment)",
    "unit": "đơn vị (about: unit)",
    "office": "văn phòng (about: office)",
    "indicator": "chỉ tiêu (about: indicator)",
}
_PERIODS = {word: fact for fact, word in PERIODS.items()}

_INTEGER = re.compile(r"[0-9]+")
_COMPARISON = re.compile(r"(over|under|at least|at most) ([0-9]+)")
_SPAN = re.compile(r"([0-9]+) to ([0-9]+)")
_OCCASIONS = re.compile(r"([^\s,]+) in (.*)")
_SERIES_END = re.compile(r"(.*?),? ?\bthen every ([0-9]+)")


class BadPhrase(Exception):
    """A text that the grammar does not hold: a stable code, a Vietnamese message and a way out."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code, self.message, self.hint = code, message, hint
        super().__init__(message)


def known_fact(name: str, about: str) -> FactType:
    """The fact of that name, if rules about this thing may name it; else BadPhrase."""
    fact = FACTS.get(name)
    if fact is not None and about in fact.about:
        return fact
    allowed = [fact.name for fact in facts_about(about)]
    if fact is not None:
        raise BadPhrase(
            "rule-fact",
            f"Luật về {_THINGS[about]} không dùng được “{name}”",
            "dùng được: " + ", ".join(allowed),
        )
    raise BadPhrase("rule-fact", f"Không có dữ kiện tên “{name}”", suggestion(name, allowed))


def suggestion(wrong: str, allowed: Sequence[str]) -> str:
    """ "có phải là “x”?" with the nearest known word, or the whole list."""
    near = nearest(wrong, allowed, at_most=1)
    return f"có phải là “{near[0]}”?" if near else "dùng được: " + ", ".join(allowed)


def parse_condition(fact: FactType, texts: Sequence[str]) -> Condition:
    """The condition that one text, or a list of plain values, puts on a fact; BadPhrase otherwise."""
    if len(texts) == 1:
        return _parse_one(fact, texts[0])
    values: list[FactValue] = []
    for text in texts:
        if text.startswith("not "):
            _fail(f"“{text}” không đứng trong danh sách được", "liệt kê những giá trị muốn có")
        value = parse_value(fact, text)
        if value in values:
            _fail(f"“{text}” viết hai lần trong danh sách của {fact.name}", "bỏ một lần")
        values.append(value)
    return OneOf(fact.name, tuple(values))


def _parse_one(fact: FactType, text: str) -> Condition:
    if text.startswith("not "):
        if fact.measure is Measure.FLAG:
            _fail(f"{fact.name} chỉ là true hoặc false", "viết true hoặc false")
        return Other(fact.name, parse_value(fact, text.removeprefix("not ")))
    if fact.is_number and (between := _parse_range(fact, text)) is not None:
        return between
    return OneOf(fact.name, (parse_value(fact, text),))


def _parse_range(fact: FactType, text: str) -> Between | None:
    """The range that the text names; None when it is no range."""
    if match := _SPAN.fullmatch(text):
        low, high = _number(match[1]), _number(match[2])
        if low > high:
            _fail(f"“{text}”: số đầu lớn hơn số cuối", f"viết {high} to {low}")
        return Between(fact.name, low, high)
    if not (match := _COMPARISON.fullmatch(text)):
        return None
    number = _number(match[2])
    # "over 5 days left" does not mean those that have no date at all.
    top = None if fact.absent is None else _HIGHEST
    match match[1]:
        case "over":
            return Between(fact.name, number + 1, top)
        case "at least":
            return Between(fact.name, number, top)
        case "at most":
            return Between(fact.name, None, number)
        case _:
            if number == 0:
                _fail(f"Không có số nào dưới 0: “{text}”", "muốn nói bằng không thì viết 0")
            return Between(fact.name, None, number - 1)


def parse_value(fact: FactType, text: str) -> FactValue:
    """The one value of the fact that the text names; BadPhrase otherwise."""
    if fact.choices:
        if text in fact.choices:
            return text
        by_title = {title: word for word, title in fact.choices.items()}
        if text in by_title:
            _fail(f"“{text}” không phải giá trị của {fact.name}", f"viết “{by_title[text]}”")
        _fail(f"“{text}” không phải giá trị của {fact.name}", suggestion(text, list(fact.choices)))
    if fact.measure is Measure.FLAG:
        if text in _YES | _NO:
            return int(text in _YES)
        _fail(f"“{text}” không phải giá trị của {fact.name}", "viết true hoặc false")
    if fact.absent is not None and text == "none":
        return fact.absent
    if not _INTEGER.fullmatch(text):
        _fail(f"Không hiểu điều kiện “{text}” của {fact.name}", f"các cách viết: {_NUMBER_FORMS}")
    return _number(text)


def _number(text: str) -> int:
    # Compared by length first: a number of a million digits is not worth computing.
    if len(text) > 9 or int(text) > _HIGHEST:
        _fail(f"Số “{text[:20]}” quá lớn", f"lớn nhất là {_HIGHEST}")
    return int(text)


def _fail(message: str, hint: str) -> NoReturn:
    raise BadPhrase("rule-condition", message, hint)


def parse_occasions(text: str, about: str) -> Occasions:
    """The series of occasions that the text names, e.g. "days_left in 15, 7, 3, 1"; else BadPhrase.

    "weekly" and "monthly" are the first working day of the week and of the month.
    """
    if period := _PERIODS.get(text):
        if about not in FACTS[period].about:
            raise BadPhrase(
                "rule-occasions",
                f"“{text}” là dịp của tin tổng hợp, luật về {_THINGS[about]} không dùng được",
                "dùng about: office, hoặc đặt dịp theo số ngày",
            )
        return Occasions(period, (1,))
    form = _FORMS.get(about, _OCCASION_FORM)
    match = _OCCASIONS.fullmatch(text)
    if match is None:
        raise BadPhrase("rule-occasions", f"Không hiểu các dịp nhắc “{text}”", f"viết như: {form}")
    fact = known_fact(match[1], about)
    if not fact.has_occasions:
        names = ", ".join(f.name for f in facts_about(about) if f.has_occasions)
        raise BadPhrase(
            "rule-occasions",
            f"{fact.name} không chạy theo ngày nên không đặt dịp nhắc được",
            f"dùng: {names}",
        )
    numbers, every = match[2], None
    if end := _SERIES_END.fullmatch(numbers):
        numbers, every = end[1], _threshold(end[2])
    thresholds = tuple(_threshold(part.strip()) for part in numbers.split(","))
    _refuse_odd_series(fact, thresholds, every)
    return Occasions(fact.name, thresholds, every)


def _threshold(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise BadPhrase("rule-occasions", f"Không hiểu mốc “{text}”", f"viết như: {_OCCASION_FORM}")
    try:
        return _number(text)
    except BadPhrase as error:
        raise BadPhrase("rule-occasions", error.message, error.hint) from None


def _refuse_odd_series(fact: FactType, thresholds: tuple[int, ...], every: int | None) -> None:
    down = fact.measure is Measure.COUNTDOWN
    if len(thresholds) > MOST_THRESHOLDS:
        raise BadPhrase("rule-occasions", f"Hơn {MOST_THRESHOLDS} mốc", "dùng “then every N” cho phần lặp")
    right = tuple(sorted(set(thresholds), reverse=down))
    if thresholds != right:
        way = "giảm dần vì đếm lùi" if down else "tăng dần"
        raise BadPhrase(
            "rule-occasions",
            f"Các mốc của {fact.name} phải {way} và không trùng nhau",
            f"viết: {fact.name} in " + ", ".join(map(str, right)),
        )
    if thresholds[-1] > fact.highest:
        raise BadPhrase(
            "rule-occasions",
            f"{fact.name} không bao giờ đến {thresholds[-1]}",
            f"lớn nhất là {fact.highest}",
        )
    if every is not None and down:
        raise BadPhrase(
            "rule-occasions", f"{fact.name} đếm lùi về 0 nên không có “then every”", "liệt kê đủ các mốc"
        )
    if every == 0:
        raise BadPhrase("rule-occasions", "“then every 0” sẽ nhắc không ngừng", "viết số từ 1 trở lên")
