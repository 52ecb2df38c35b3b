"""The facts that rules may name: one flat, complete, typed situation per assignment, unit, office or
indicator.

Thousands of assignments share one situation, so it holds no date and no name: integers in working
days and short words only. Rules are evaluated once per distinct situation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Literal, TypeAlias

from engine.tracking.fact_types import (
    EXTENSIONS,
    KINDS,
    LEVELS,
    NO_DAYS,
    STATES,
    TIMELINESS,
    FactType,
    FactValue,
    Measure,
    Origin,
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSituation:
    """What is the case today with an office that monitors plans, or that leads them. ValueError as above."""

    week_day: int
    month_day: int
    channels_stopped: int
    days_stopped: int
    unreachable: int
    about: Literal["office"] = "office"

    def __post_init__(self) -> None:
        _refuse_nonsense(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSituation:
    """What is the case today with one unit's indicator. ValueError as above."""

    measured: int
    behind: int
    progress: int
    weeks_left: int
    days_silent: int
    missed: int
    level: str
    about: Literal["indicator"] = "indicator"

    def __post_init__(self) -> None:
        _refuse_nonsense(self)


AnySituation: TypeAlias = Situation | UnitSituation | OfficeSituation | IndicatorSituation


_ASSIGNMENT = frozenset({"assignment"})
_UNIT = frozenset({"unit"})
_BOTH = _ASSIGNMENT | _UNIT
_OFFICE = frozenset({"office"})
_INDICATOR = frozenset({"indicator"})


def _choice(name: str, title: str, description: str, neutral: str, choices: Mapping[str, str]) -> FactType:
    about = _BOTH | _INDICATOR if name == "level" else _ASSIGNMENT
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
    FactType(
        "days_silent",
        "số ngày làm việc đơn vị im lặng",
        "Từ lần cập nhật (với chỉ tiêu: lần báo số liệu) gần nhất của đơn vị, hoặc từ khi việc (kế hoạch) có "
        "hiệu lực nếu chưa có lần nào.",
        Measure.COUNT_UP,
        0,
        _ASSIGNMENT | _INDICATOR,
        origin=Origin.LAST_WORD,
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
    FactType(
        "week_day",
        "ngày làm việc thứ mấy trong tuần",
        "1 là ngày làm việc đầu tiên của tuần; 0 khi trong tuần chưa có ngày làm việc nào, và trong tuần "
        "kế hoạch đầu tiên bắt đầu có hiệu lực.",
        Measure.COUNT_UP,
        0,
        _OFFICE,
        origin=Origin.WEEK,
        highest=7,
    ),
    FactType(
        "month_day",
        "ngày làm việc thứ mấy trong tháng",
        "1 là ngày làm việc đầu tiên của tháng; 0 khi trong tháng chưa có ngày làm việc nào, và trong tháng "
        "kế hoạch đầu tiên bắt đầu có hiệu lực.",
        Measure.COUNT_UP,
        0,
        _OFFICE,
        origin=Origin.MONTH,
        highest=31,
    ),
    FactType(
        "channels_stopped",
        "số kênh gửi đang dừng",
        "Số kênh (thư điện tử, Zalo …) phải có người xử lý mới gửi tiếp được.",
        Measure.SPAN,
        0,
        _OFFICE,
    ),
    FactType(
        "days_stopped",
        "số ngày làm việc từ khi kênh gửi dừng",
        "Tính từ kênh dừng gần đây nhất; 0 trong ngày dừng và khi không có kênh nào dừng.",
        Measure.COUNT_UP,
        0,
        _OFFICE,
        origin=Origin.STOPPED,
    ),
    FactType(
        "unreachable",
        "số đơn vị chưa có địa chỉ liên hệ",
        "Số đơn vị đang có việc trong các kế hoạch mà văn phòng theo dõi nhưng chưa gửi tin đến được.",
        Measure.COUNT_UP,
        0,
        _OFFICE,
        origin=Origin.MONTH,
    ),
    FactType(
        "measured",
        "đã có số liệu",
        "Có khi đơn vị đã báo số liệu của chỉ tiêu trong năm kế hoạch.",
        Measure.FLAG,
        0,
        _INDICATOR,
    ),
    FactType(
        "behind",
        "mức còn thiếu so với chỉ tiêu",
        "Chỉ tiêu trừ số liệu gần nhất, làm tròn lên (tỷ lệ: số điểm phần trăm); 0 khi đã đạt, chưa có số "
        "liệu hoặc không có chỉ tiêu.",
        Measure.SPAN,
        0,
        _INDICATOR,
    ),
    FactType(
        "progress",
        "mức đạt so với chỉ tiêu (%)",
        "Số liệu gần nhất bằng bao nhiêu phần trăm chỉ tiêu, làm tròn xuống; 0 khi chưa có số liệu, 100 khi "
        "không có chỉ tiêu.",
        Measure.SPAN,
        0,
        _INDICATOR,
    ),
    FactType(
        "weeks_left",
        "số tuần còn lại của năm kế hoạch",
        "Đến hết ngày 31/12 của năm kế hoạch, tuần lẻ tính tròn một tuần; 0 trong ngày 31/12.",
        Measure.COUNTDOWN,
        52,
        _INDICATOR,
    ),
    FactType(
        "missed",
        "số kỳ liên tiếp chưa có số liệu",
        "Số kỳ báo cáo tháng đã khép sau lần có số liệu gần nhất (chưa có lần nào: từ khi kế hoạch có "
        "hiệu lực).",
        Measure.SPAN,
        0,
        _INDICATOR,
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
    """The facts that a rule about an assignment, a unit, an office or an indicator may name."""
    return tuple(fact for fact in _TYPES if about in fact.about)


_CLASSES: Mapping[str, type[AnySituation]] = MappingProxyType(
    {
        "assignment": Situation,
        "unit": UnitSituation,
        "office": OfficeSituation,
        "indicator": IndicatorSituation,
    }
)
_BY_CLASS = {cls: facts_about(about) for about, cls in _CLASSES.items()}
_NAMES = {cls: tuple(f.name for f in fields(cls)) for cls in _CLASSES.values()}


def values_of(situation: AnySituation) -> dict[str, FactValue]:
    """All facts of the situation, ``about`` included, as plain ``str`` and ``int``."""
    pairs = ((name, getattr(situation, name)) for name in _NAMES[type(situation)])
    return {name: str(value) if isinstance(value, str) else int(value) for name, value in pairs}


def neutral_situation(about: str, facts: Mapping[str, FactValue]) -> AnySituation:
    """A situation with these facts and the neutral value of every other; TypeError on a wrong name."""
    values = {fact.name: fact.neutral for fact in facts_about(about)} | dict(facts)
    return _CLASSES[about](**values)  # type: ignore[arg-type]
