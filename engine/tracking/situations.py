"""The facts that rules may name: one flat, complete, typed situation per assignment or unit.

Thousands of assignments share one situation, so it holds no date and no name: integers in working
days and short words only. Rules are evaluated once per distinct situation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from engine.model.assignment import Extension, State, Timeliness

FactValue: TypeAlias = str | int
About: TypeAlias = Literal["assignment", "unit"]

NO_DAYS = 9999
"""``days_left`` of an assignment that has no date."""

HIGHEST = 9999
"""The largest number a fact can have; longer spans are cut off here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is the case with one assignment today; every span is in working days, none is negative.

    ValueError for a word or number that no rule could name.
    """

    kind: str
    state: str
    timeliness: str
    days_left: int
    days_late: int
    length: int
    opens_in: int
    age: int
    days_silent: int
    days_waiting: int
    undated: int
    extension: str
    level: str
    collective: int
    about: Literal["assignment"] = "assignment"

    def __post_init__(self) -> None:
        _refuse_nonsense(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSituation:
    """What is the case with one unit today. ValueError as above."""

    overdue: int
    level: str
    about: Literal["unit"] = "unit"

    def __post_init__(self) -> None:
        _refuse_nonsense(self)


AnySituation: TypeAlias = Situation | UnitSituation


class Measure(StrEnum):
    """What the values of a fact are: one of some words, yes or no, or a number and how it runs."""

    CHOICE = "choice"
    FLAG = "flag"
    SPAN = "span"
    COUNTDOWN = "countdown"
    COUNT_UP = "count_up"


class Origin(StrEnum):
    """From what a number counts; a new origin makes its occasions count afresh."""

    DEADLINE = "deadline"
    LAST_WORD = "last_word"
    REPORTED = "reported"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact is called, means and can be. ``choices`` maps each allowed word to Vietnamese.

    ``neutral`` is the value that a rule test assumes when it does not name the fact; ``absent`` the
    number that stands for "there is none" and that no comparison ("over 5") means.
    """

    name: str
    title: str
    description: str
    measure: Measure
    neutral: FactValue
    about: frozenset[str]
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    origin: Origin = Origin.DEADLINE
    absent: FactValue | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers that can be compared."""
        return self.measure in (Measure.SPAN, Measure.COUNTDOWN, Measure.COUNT_UP)

    @property
    def has_occasions(self) -> bool:
        """Whether the days go by on it, so that ``occasions`` may name it."""
        return self.measure in (Measure.COUNTDOWN, Measure.COUNT_UP)

    def allows(self, value: object) -> bool:
        """Whether the fact can have this value: a known word, 0 or 1, or a number up to ``HIGHEST``."""
        if self.choices:
            return value in self.choices
        most = 1 if self.measure is Measure.FLAG else HIGHEST
        return isinstance(value, int) and 0 <= value <= most

    def wording(self, value: FactValue) -> str:
        """The value as a Vietnamese reader wants it: "quá hạn (overdue)", "có", "12", "không có"."""
        if self.measure is Measure.CHOICE:
            return f"{self.choices[str(value)]} ({value})"
        if self.measure is Measure.FLAG:
            return "có" if value else "không"
        return "không có" if self.absent is not None and value == self.absent else str(value)


_ASSIGNMENT = frozenset({"assignment"})
_UNIT = frozenset({"unit"})
_BOTH = _ASSIGNMENT | _UNIT

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "date": "có ngày đến hạn",
        "recurring": "định kỳ",
        "continuous": "thường xuyên",
        "event": "theo sự kiện",
        "external": "theo văn bản khác",
        "unspecified": "không ghi thời hạn",
    }
)
STATES: Mapping[str, str] = MappingProxyType(
    {
        State.DORMANT.value: "chưa phát sinh",
        State.NOT_STARTED.value: "chưa bắt đầu",
        State.RECEIVED.value: "đã nhận",
        State.IN_PROGRESS.value: "đang thực hiện",
        State.REPORTED.value: "đã báo cáo, chờ xác nhận",
        State.RETURNED.value: "bị trả lại, phải làm tiếp",
        State.CONFIRMED.value: "đã hoàn thành",
        State.DECLINED.value: "đơn vị báo không thuộc trách nhiệm",
        State.WITHDRAWN.value: "đã rút",
    }
)
TIMELINESS: Mapping[str, str] = MappingProxyType(
    {
        Timeliness.ON_TRACK.value: "trong hạn",
        Timeliness.DUE_SOON.value: "sắp đến hạn",
        Timeliness.OVERDUE.value: "quá hạn",
        Timeliness.DONE_ON_TIME.value: "hoàn thành đúng hạn",
        Timeliness.DONE_LATE.value: "hoàn thành quá hạn",
        Timeliness.NO_DEADLINE.value: "không có thời hạn",
        Timeliness.NOT_APPLICABLE.value: "không tính",
    }
)
EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        Extension.NONE.value: "không xin gia hạn",
        Extension.PENDING.value: "đang xin gia hạn",
        Extension.GRANTED.value: "đã được gia hạn",
        Extension.REFUSED.value: "không được gia hạn",
    }
)
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        "province": "cấp tỉnh",
        "district": "cấp huyện",
        "commune": "cấp xã",
        "village": "thôn, tổ dân phố",
        "none": "không rõ cấp",
    }
)


def _choice(name: str, title: str, description: str, neutral: str, choices: Mapping[str, str]) -> FactType:
    about = _BOTH if name == "level" else _ASSIGNMENT
    return FactType(name, title, description, Measure.CHOICE, neutral, about, choices)


def _flag(name: str, title: str, description: str) -> FactType:
    return FactType(name, title, description, Measure.FLAG, 0, _ASSIGNMENT)


def _count(name: str, title: str, description: str, origin: Origin = Origin.DEADLINE) -> FactType:
    return FactType(name, title, description, Measure.COUNT_UP, 0, _ASSIGNMENT, origin=origin)


_TYPES = (
    _choice("kind", "loại thời hạn", "Thời hạn của nhiệm vụ thuộc loại nào.", "date", KINDS),
    _choice("state", "trạng thái", "Công việc đang ở đâu, theo các cập nhật.", "not_started", STATES),
    _choice("timeliness", "tiến độ thời hạn", "Công việc so với thời hạn của nó.", "on_track", TIMELINESS),
    FactType(
        "days_left",
        "số ngày làm việc còn lại",
        "Đến ngày hết hạn (đã lùi nếu rơi vào ngày nghỉ); 0 trong ngày hết hạn và sau đó; "
        "none khi không có ngày hết hạn.",
        Measure.COUNTDOWN,
        NO_DAYS,
        _ASSIGNMENT,
        absent=NO_DAYS,
    ),
    _count("days_late", "số ngày làm việc quá hạn", "0 khi chưa quá hạn."),
    FactType(
        "length",
        "độ dài nhiệm vụ",
        "Số ngày làm việc từ lúc bắt đầu đến ngày hết hạn; 0 khi không xác định được.",
        Measure.SPAN,
        0,
        _ASSIGNMENT,
    ),
    FactType(
        "opens_in",
        "số ngày làm việc đến khi mở kỳ",
        "Đến ngày đầu của kỳ hoặc khoảng thời gian thực hiện; 0 khi đã mở.",
        Measure.COUNTDOWN,
        0,
        _ASSIGNMENT,
    ),
    _count("age", "số ngày làm việc từ khi có hiệu lực", "Từ ngày việc được giao có hiệu lực."),
    _count(
        "days_silent",
        "số ngày làm việc đơn vị im lặng",
        "Từ lần cập nhật gần nhất của đơn vị, hoặc từ khi việc có hiệu lực nếu chưa cập nhật lần nào.",
        Origin.LAST_WORD,
    ),
    _count(
        "days_waiting",
        "số ngày làm việc chờ xác nhận",
        "Từ khi đơn vị báo cáo hoàn thành mà Văn phòng chưa trả lời; 0 trong các trường hợp khác.",
        Origin.REPORTED,
    ),
    _flag(
        "undated",
        "chưa ai ấn định ngày",
        "Có khi thời hạn theo văn bản khác hoặc không ghi, và chưa ai nhập ngày hết hạn.",
    ),
    _choice("extension", "gia hạn", "Đơn vị có xin gia hạn không, trả lời thế nào.", "none", EXTENSIONS),
    _choice("level", "cấp của đơn vị", "Cấp của đơn vị chủ trì.", "none", LEVELS),
    _flag(
        "collective",
        "nhóm chưa rõ thành viên",
        "Có khi chủ trì là một nhóm đơn vị mà chưa ai liệt kê thành viên.",
    ),
    FactType(
        "overdue",
        "số nhiệm vụ quá hạn của đơn vị",
        "Số việc đơn vị đang để quá hạn.",
        Measure.COUNT_UP,
        0,
        _UNIT,
        origin=Origin.MONTH,
    ),
)

FACTS: Mapping[str, FactType] = MappingProxyType({fact.name: fact for fact in _TYPES})
"""Every fact by its name; ``about`` itself is no fact but says which facts there are."""


def _refuse_nonsense(situation: AnySituation) -> None:
    for fact in _BY_CLASS[type(situation)]:
        value = getattr(situation, fact.name)
        if not fact.allows(value):
            raise ValueError(f"{fact.name} of a situation cannot be {value!r}")


def facts_about(about: str) -> tuple[FactType, ...]:
    """The facts that a rule about an assignment, or about a unit, may name."""
    return tuple(fact for fact in _TYPES if about in fact.about)


_BY_CLASS = {Situation: facts_about("assignment"), UnitSituation: facts_about("unit")}
_NAMES = {cls: tuple(f.name for f in fields(cls)) for cls in (Situation, UnitSituation)}


def values_of(situation: AnySituation) -> dict[str, FactValue]:
    """All facts of the situation, ``about`` included, as plain ``str`` and ``int``."""
    pairs = ((name, getattr(situation, name)) for name in _NAMES[type(situation)])
    return {name: str(value) if isinstance(value, str) else int(value) for name, value in pairs}


def neutral_situation(about: str, facts: Mapping[str, FactValue]) -> AnySituation:
    """A situation with these facts and the neutral value of every other; TypeError on a wrong name."""
    values = {fact.name: fact.neutral for fact in facts_about(about)} | dict(facts)
    return UnitSituation(**values) if about == "unit" else Situation(**values)  # type: ignore[arg-type]
