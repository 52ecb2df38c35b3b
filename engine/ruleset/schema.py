"""The schema of a rule file: what each key is called and may hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from engine.loading.validate import StrictModel, Text
from engine.ruleset.rule import MONTHLY, WEEKLY, Attach, Role, Silence, Tone
from engine.tracking.fact_types import FactType, Measure
from engine.tracking.situations import FACTS

ROLES = {
    Role.LEAD: "đơn vị chủ trì",
    Role.COORDINATING: "đơn vị phối hợp",
    Role.MONITOR: "đơn vị theo dõi kế hoạch",
    Role.LEADER: "lãnh đạo phụ trách",
    Role.LEAD_SUPERIOR: "cấp trên trực tiếp của đơn vị chủ trì",
}
TONES = {
    Tone.INFORM: "thông báo",
    Tone.REMIND: "nhắc",
    Tone.WARN: "cảnh báo",
    Tone.ESCALATE: "báo lên cấp trên",
}
SILENCES = {
    Silence.EXTENSION_PENDING: "đang xin gia hạn",
    Silence.SNOOZED: "Văn phòng tạm hoãn nhắc việc này",
    Silence.PAUSED: "đã cho lùi ngày sau khi quá hạn, chưa đến ngày đó",
}
ATTACHMENTS = {Attach.OVERDUE: "danh sách nhiệm vụ quá hạn (tệp Excel)"}
ABOUTS = {
    "assignment": "từng việc được giao",
    "unit": "từng đơn vị",
    "indicator": "từng chỉ tiêu của một đơn vị",
    "office": "văn phòng: nơi theo dõi kế hoạch và lãnh đạo phụ trách",
}
PERIOD_OCCASIONS = {
    WEEKLY: "tin tổng hợp mỗi tuần, vào ngày làm việc đầu tiên của tuần",
    MONTHLY: "tin tổng hợp mỗi tháng, vào ngày làm việc đầu tiên của tháng",
}

_NUMBER_PHRASE = r"^(not )?[0-9]{1,4}$|^(over|under|at least|at most) [0-9]{1,4}$|^[0-9]{1,4} to [0-9]{1,4}$"
OCCASIONS_PATTERN = r"^[a-z_]+ in [0-9]{1,4}(, ?[0-9]{1,4})*(, then every [0-9]{1,4})?$"
RULE_ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def _as_list(value: Any) -> Any:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _described(choices: dict[Any, str]) -> list[dict[str, str]]:
    return [{"const": str(word), "description": text} for word, text in choices.items()]


def _one_or_many(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}]}


def _fact_schema(fact: FactType) -> dict[str, Any]:
    about = {"title": fact.title, "description": fact.description}
    if fact.choices:
        words = {"oneOf": _described(dict(fact.choices))}
        negated = {"enum": [f"not {word}" for word in fact.choices]}
        return about | {"anyOf": [*_one_or_many(words)["anyOf"], negated]}
    if fact.measure is Measure.FLAG:
        return about | {"enum": [True, False, "có", "không"]}
    number = {"type": "integer", "minimum": 0}
    forms: list[dict[str, Any]] = [{"type": "string", "pattern": _NUMBER_PHRASE}]
    if fact.absent is not None:
        forms.append({"const": "none"})
    return about | {"anyOf": [*_one_or_many(number)["anyOf"], *forms]}


def _when_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {fact.name: _fact_schema(fact) for fact in FACTS.values()},
    }


Words = Annotated[list[Text], BeforeValidator(_as_list), Field(min_length=1, max_length=200)]
When = Annotated[dict[str, Words], Field(min_length=1), WithJsonSchema(_when_schema())]
Roles = Annotated[Words, WithJsonSchema(_one_or_many({"oneOf": _described(ROLES)}))]
Silences = Annotated[Words, WithJsonSchema(_one_or_many({"oneOf": _described(SILENCES)}))]
RuleIds = Annotated[Words, WithJsonSchema(_one_or_many({"type": "string", "pattern": RULE_ID_PATTERN}))]
OneAbout = Annotated[Text, WithJsonSchema({"oneOf": _described(ABOUTS)})]
OneTone = Annotated[Text, WithJsonSchema({"oneOf": _described(TONES)})]
OccasionText = Annotated[
    Text,
    WithJsonSchema(
        {"anyOf": [*_described(PERIOD_OCCASIONS), {"type": "string", "pattern": OCCASIONS_PATTERN}]}
    ),
]
Attachments = Annotated[Words, WithJsonSchema(_one_or_many({"oneOf": _described(ATTACHMENTS)}))]


class RuleSchema(StrictModel):
    id: Annotated[str, Field(pattern=RULE_ID_PATTERN, max_length=60)] = Field(
        title="Mã luật", description="Chữ thường không dấu, số và gạch nối; không trùng luật khác"
    )
    why: Annotated[Text, Field(max_length=300)] = Field(
        title="Vì sao nhắc", description="Một câu tiếng Việt mà người nhận sẽ đọc"
    )
    about: OneAbout = Field("assignment", title="Xét cái gì")
    when: When = Field(
        default_factory=dict,
        title="Khi nào",
        description="Bắt buộc, trừ luật về văn phòng. Mọi điều kiện phải cùng đúng. Một giá trị, một danh "
        "sách (bất kỳ), not X, over N "
        "(hơn N), under N (dưới N), at least N (từ N), at most N (đến N), N to M (từ N đến M)",
    )
    occasions: OccasionText | None = Field(
        None,
        title="Các dịp nhắc",
        description="Ví dụ: days_late in 1, 3, 5, 10, then every 10. Bỏ trống: nhắc một lần. Luật về văn "
        "phòng bắt buộc có: weekly, monthly (tin tổng hợp), hoặc như days_stopped in 0, then every 5",
    )
    tell: Roles = Field(title="Báo cho ai")
    tone: OneTone = Field(title="Mức độ")
    unless: Silences = Field(default_factory=list, title="Tạm im khi")
    silences: RuleIds = Field(
        default_factory=list,
        title="Thay cho các luật",
        description="Khi cùng báo một người về một việc thì chỉ giữ luật này",
    )
    attach: Attachments = Field(
        default_factory=list,
        title="Gửi kèm",
        description="Chỉ luật về văn phòng; tệp đi kèm thư điện tử",
    )


class RuleFileSchema(StrictModel):
    rules: list[RuleSchema] = Field(title="Các luật")


def rule_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors."""
    schema = RuleFileSchema.model_json_schema()
    schema["$defs"]["RuleSchema"] |= {
        "if": {"properties": {"about": {"const": "office"}}, "required": ["about"]},
        "then": {"required": ["occasions"]},
        "else": {"required": ["when"]},
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Luật nhắc việc"} | schema
