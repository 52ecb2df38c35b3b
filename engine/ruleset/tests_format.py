"""The schema of a rule test file, and its values once read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from engine.loading.validate import Flag, SmallInt, StrictModel, Text, VietnameseDate
from engine.model.event import EventKind
from engine.ruleset.rule import MONTHLY, WEEKLY, Role, Silence
from engine.tracking.situations import AnySituation


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """Somebody is told something: the role, the rule and its occasion ("once", "days_late:3", "weekly")."""

    role: Role
    rule_id: str
    occasion: str

    def __str__(self) -> str:
        return f"{self.role} {self.rule_id} {self.occasion}"


@dataclass(frozen=True, slots=True)
class Case:
    """One situation and all that is told in it; () asserts silence."""

    situation: AnySituation
    quiet: frozenset[Silence]
    expect: frozenset[Told]
    line: int


@dataclass(frozen=True, slots=True)
class SituationTest:
    """Cases that share most of their facts. ``rules``: only what these rules say is compared (() = all)."""

    name: str
    cases: tuple[Case, ...]
    rules: frozenset[str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A word of the unit or the office on a day, with the date that it carries."""

    on: date
    said: EventKind
    day: date | None
    cures: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """All that is told on one day; () asserts silence."""

    on: date
    told: frozenset[Told]
    line: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """One assignment played through its days. ``in_force`` is the first day of its plan.

    ``complete``: on the days up to the last one listed nothing is told beyond what is listed.
    ``after_days`` is an event's span ("within 30 days of …"), in working days if ``after_working``.
    """

    name: str
    kind: str
    in_force: date
    starts: date
    due: date | None
    ends: date | None
    after_days: int | None
    after_working: bool
    level: str
    collective: bool
    completion: Literal["reported", "confirmed"]
    events: tuple[TimelineEvent, ...]
    expect: tuple[Expected, ...]
    complete: bool
    rules: frozenset[str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one file."""

    file: str
    situations: tuple[SituationTest, ...]
    timelines: tuple[Timeline, ...]


def _listed(value: object) -> object:
    """Nothing stands for the empty list, one text for a list of one."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


_TOLD_PATTERN = rf"^[a-z_]+ [a-z0-9-]+( [a-z_]+:[0-9]+| once| {WEEKLY}| {MONTHLY})?$"
Words = Annotated[list[Text], BeforeValidator(_listed)]
ToldTexts = Annotated[
    Words, WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": _TOLD_PATTERN}})
]
Facts = Annotated[
    dict[str, Text],
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}}),
]

_EXPECT = "Mỗi dòng: vai trò, mã luật, dịp. [] là im lặng"
_RULES = "Chỉ xét những luật này; bỏ trống là xét tất cả"


class CaseSchema(StrictModel):
    given: Facts = Field(default_factory=dict, title="Dữ kiện riêng", description="Khác với phần chung")
    quiet: Words = Field(default_factory=list, title="Đang tạm im", description="snoozed, paused …")
    expect: ToldTexts = Field(title="Mong đợi", description=_EXPECT)


class SituationSchema(StrictModel):
    name: Text = Field(title="Tên phép thử")
    about: Literal["assignment", "unit", "office", "indicator"] = Field("assignment", title="Xét cái gì")
    given: Facts = Field(default_factory=dict, title="Dữ kiện chung", description="Còn lại là giá trị thường")
    rules: Words = Field(default_factory=list, title="Chỉ xét luật", description=_RULES)
    cases: Annotated[list[CaseSchema], Field(min_length=1)] = Field(title="Các trường hợp")


class AssignmentSchema(StrictModel):
    kind: Text = Field("date", title="Loại thời hạn")
    in_force: VietnameseDate | None = Field(
        None, title="Kế hoạch có hiệu lực", description="Mặc định: bằng starts"
    )
    starts: VietnameseDate = Field(title="Ngày bắt đầu", description="Ngày đầu tiên làm được việc này")
    due: VietnameseDate | None = Field(None, title="Ngày hết hạn")
    ends: VietnameseDate | None = Field(None, title="Ngày thôi làm", description="Cho việc thường xuyên")
    after_days: SmallInt | None = Field(None, title="Số ngày sau sự kiện")
    after_working: Flag = Field(False, title="Là ngày làm việc")
    level: Text = Field("none", title="Cấp của đơn vị")
    collective: Flag = Field(False, title="Nhóm chưa rõ thành viên")
    completion: Literal["reported", "confirmed"] = Field("reported", title="Ngày hoàn thành")


class EventSchema(StrictModel):
    on: VietnameseDate = Field(title="Ngày")
    said: Text = Field(title="Cập nhật", description=", ".join(EventKind))
    day: VietnameseDate | None = Field(None, title="Ngày nêu trong cập nhật")
    cures: Flag = Field(False, title="Xóa phần quá hạn")


class ExpectedSchema(StrictModel):
    on: VietnameseDate = Field(title="Ngày")
    told: ToldTexts = Field(title="Báo những gì", description=_EXPECT)


class TimelineSchema(StrictModel):
    name: Text = Field(title="Tên phép thử")
    assignment: AssignmentSchema = Field(title="Việc được giao")
    events: list[EventSchema] = Field(default_factory=list, title="Diễn biến")
    rules: Words = Field(default_factory=list, title="Chỉ xét luật", description=_RULES)
    expect: Annotated[list[ExpectedSchema], Field(min_length=1)] = Field(title="Mong đợi")
    complete: Flag = Field(
        False, title="Đã liệt kê hết", description="Ngày không liệt kê thì không ai nhận gì, đến ngày cuối"
    )


class RuleTestFileSchema(StrictModel):
    situations: list[SituationSchema] = Field(default_factory=list, title="Thử theo tình huống")
    timelines: list[TimelineSchema] = Field(default_factory=list, title="Thử theo diễn biến")
