"""What a fact that rules may name can be, and the words that stand for its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from engine.model.assignment import Extension, State, Timeliness

FactValue: TypeAlias = str | int
About: TypeAlias = Literal["assignment", "unit", "office", "indicator"]

NO_DAYS = 9999
"""``days_left`` of an assignment that has no date."""

HIGHEST = 9999
"""The largest number a fact can have; longer spans are cut off here."""


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
    WEEK = "week"
    MONTH = "month"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact is called, means and can be. ``choices`` maps each allowed word to Vietnamese.

    ``neutral`` is the value that a rule test assumes when it does not name the fact; ``absent`` the
    number that stands for "there is none" and that no comparison ("over 5") means, ``highest`` the
    largest number there is.
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
    highest: int = HIGHEST

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers that can be compared."""
        return self.measure in (Measure.SPAN, Measure.COUNTDOWN, Measure.COUNT_UP)

    @property
    def has_occasions(self) -> bool:
        """Whether the days go by on it, so that ``occasions`` may name it."""
        return self.measure in (Measure.COUNTDOWN, Measure.COUNT_UP)

    def allows(self, value: object) -> bool:
        """Whether the fact can have this value: a known word, 0 or 1, or a number up to ``highest``."""
        if self.choices:
            return value in self.choices
        most = 1 if self.measure is Measure.FLAG else self.highest
        return isinstance(value, int) and 0 <= value <= most

    def wording(self, value: FactValue) -> str:
        """The value as a Vietnamese reader wants it: "quá hạn (overdue)", "có", "12", "không có"."""
        if self.measure is Measure.CHOICE:
            return f"{self.choices[str(value)]} ({value})"
        if self.measure is Measure.FLAG:
            return "có" if value else "không"
        return "không có" if self.absent is not None and value == self.absent else str(value)


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
