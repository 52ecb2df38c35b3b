"""Why a rule speaks in a situation, or why it keeps quiet, in Vietnamese lines."""

from __future__ import annotations

from engine.ruleset.plain import holds, occasion_of
from engine.ruleset.rule import ONCE, Between, Condition, OneOf, Other, Rule, Silence
from engine.tracking.fact_types import FactValue, Measure
from engine.tracking.situations import FACTS, AnySituation, values_of

_ABOUT = {
    "assignment": "nhiệm vụ được giao",
    "unit": "đơn vị",
    "office": "văn phòng",
    "indicator": "chỉ tiêu",
}


def explain_rule(rule: Rule, situation: AnySituation) -> list[str]:
    """Each condition with the fact's value and whether it held (✓ or ✗), and the conclusion last."""
    if rule.about != situation.about:
        return [f"✗ luật này xét {_ABOUT[rule.about]}, không xét {_ABOUT[situation.about]}"]
    values = values_of(situation)
    lines = [_condition_line(condition, values[condition.fact]) for condition in rule.when]
    failed = sum(not holds(condition, values[condition.fact]) for condition in rule.when)
    occasion = ONCE
    if rule.occasions is not None:
        fact = FACTS[rule.occasions.fact]
        threshold = occasion_of(rule, values)
        now = f"{fact.title} ({fact.name}) là {fact.wording(values[fact.name])}"
        if threshold is None:
            failed += 1
            first = rule.occasions.thresholds[0]
            lines.append(f"✗ dịp nhắc: {now}; chưa đến mốc đầu tiên là {first}")
        else:
            occasion = f"{fact.name}:{threshold}"
            lines.append(f"✓ dịp nhắc: {now}; mốc đã qua gần nhất là {threshold}")
    if failed:
        lines.append(f"→ Luật {rule.id} không áp dụng: {failed} điều kiện không đạt")
    elif Silence.EXTENSION_PENDING in rule.unless and values.get("extension") == "pending":
        lines.append(f"→ Luật {rule.id} khớp (dịp {occasion}) nhưng tạm im vì đơn vị đang xin gia hạn")
    else:
        lines.append(f"→ Luật {rule.id} áp dụng, dịp {occasion}")
    return lines


def wanted(condition: Condition) -> str:
    """What the condition asks for, in Vietnamese: "từ 1 đến 5", "một trong: …"."""
    wording = FACTS[condition.fact].wording
    match condition:
        case OneOf(values=(value,)):
            return wording(value)
        case OneOf(values=values):
            return "một trong: " + ", ".join(map(wording, values))
        case Other(value=value):
            return f"khác {wording(value)}"
        case Between(low=low, high=None):
            return f"từ {low} trở lên"
        case Between(low=None, high=high):
            return f"không quá {high}"
        case Between(low=low, high=high):
            return f"từ {low} đến {high}"


def _condition_line(condition: Condition, value: FactValue) -> str:
    fact = FACTS[condition.fact]
    mark = "✓" if holds(condition, value) else "✗"
    return f"{mark} {fact.title} ({fact.name}) là {fact.wording(value)}; luật cần {wanted(condition)}"


# --- sentences ---------------------------------------------------------------------------------------------

_ROLES = {
    "lead": "đơn vị chủ trì",
    "coordinating": "đơn vị phối hợp",
    "monitor": "đơn vị theo dõi kế hoạch",
    "leader": "lãnh đạo phụ trách",
    "lead_superior": "cấp trên của đơn vị chủ trì",
}
_TONES = {
    "inform": "thông báo để biết",
    "remind": "nhắc việc",
    "warn": "cảnh báo",
    "escalate": "báo cáo để chỉ đạo",
}
_SILENCES = {
    Silence.EXTENSION_PENDING: "đơn vị đang xin gia hạn",
    Silence.SNOOZED: "văn phòng tạm ngừng nhắc",
    Silence.PAUSED: "đã cho lùi ngày",
}


def role_name(role: str) -> str:
    """ "đơn vị chủ trì" """
    return _ROLES.get(role, role)


def describe(rule: Rule) -> str:
    """What a rule says, as one Vietnamese paragraph."""
    place = f" ({rule.file}, dòng {rule.line})" if rule.file else ""
    parts = [f"Luật “{rule.id}”{place}: {rule.why}."]
    when = [_wants(c) for c in rule.when]
    looks = f"Luật xét {_ABOUT.get(rule.about, rule.about)}"
    parts.append(f"{looks} và áp dụng khi {', '.join(when)}." if when else f"{looks}, trong mọi trường hợp.")
    parts.append(f"{_series(rule)}.")
    told = ", ".join(role_name(role.value) for role in rule.tell)
    parts.append(f"Báo cho {told}, mức “{_TONES.get(rule.tone.value, rule.tone.value)}”.")
    if rule.attach:
        parts.append("Kèm danh sách việc quá hạn (Excel) trong thư điện tử.")
    if rule.unless:
        parts.append(f"Tạm im khi {' hoặc '.join(sorted(_SILENCES[s] for s in rule.unless))}.")
    if rule.silences:
        listed = ", ".join(f"“{id}”" for id in rule.silences)
        parts.append(f"Khi đã báo theo luật này thì thôi báo cùng việc cho cùng người theo luật {listed}.")
    return " ".join(parts)


def met(rule: Rule, situation: AnySituation) -> str:
    """How the facts met the rule: conditions and threshold, as one sentence without its full stop."""
    values = values_of(situation)
    held = [_is(c.fact, values[c.fact]) for c in rule.when]
    text = f"Điều kiện của luật đều đạt: {', '.join(held)}" if held else "Luật không đặt điều kiện nào"
    reached = occasion_of(rule, values) if rule.occasions is not None else None
    if rule.occasions is None or reached is None:
        return text
    fact = FACTS[rule.occasions.fact]
    now = _value(fact.name, values[fact.name])
    text += f"; {_series(rule, begin=False)}, nay {fact.title} là {now}"
    return f"{text} nên mốc đã qua gần nhất là {reached}"


def unmet(rule: Rule, situation: AnySituation) -> list[str]:
    """What kept the rule from applying, each as "trạng thái là …, luật cần …"; empty when it applies."""
    values = values_of(situation)
    failed = [
        f"{_is(c.fact, values[c.fact])}, luật cần {_plainly(c)}"
        for c in rule.when
        if not holds(c, values[c.fact])
    ]
    if rule.occasions is not None and occasion_of(rule, values) is None:
        fact = FACTS[rule.occasions.fact]
        now = _value(fact.name, values[fact.name])
        first = rule.occasions.thresholds[0]
        failed.append(f"{fact.title} là {now}, chưa đến mốc đầu tiên là {first}")
    return failed


def _series(rule: Rule, *, begin: bool = True) -> str:
    word = "Luật" if begin else "luật"
    if rule.occasions is None:
        return f"{word} báo một lần cho mỗi lần rơi vào tình huống ấy"
    if rule.sums_up:
        weekly = rule.occasions.fact == "week_day"
        return f"{word} báo một lần mỗi {'tuần' if weekly else 'tháng'}, từ ngày làm việc đầu tiên"
    listed = ", ".join(map(str, rule.occasions.thresholds))
    text = f"{word} nhắc khi {FACTS[rule.occasions.fact].title} qua mốc {listed}"
    return f"{text}, rồi cứ thêm {rule.occasions.every} lại nhắc" if rule.occasions.every else text


def _value(fact: str, value: FactValue) -> str:
    """The value without its code word: readers of a paragraph do not write rules."""
    known = FACTS[fact]
    return known.choices.get(str(value), str(value)) if known.choices else known.wording(value)


def _is(fact: str, value: FactValue) -> str:
    """ "trạng thái là đã nhận"; of a yes or no the title itself."""
    known = FACTS[fact]
    if known.measure is Measure.FLAG:
        return known.title if value else f"không thuộc diện {known.title}"
    return f"{known.title} là {_value(fact, value)}"


def _wants(condition: Condition) -> str:
    match condition:
        case OneOf(fact=fact, values=(value,)) if FACTS[fact].measure is Measure.FLAG:
            return _is(fact, value)
        case _:
            return f"{FACTS[condition.fact].title} là {_plainly(condition)}"


def _plainly(condition: Condition) -> str:
    match condition:
        case OneOf(fact=fact, values=values):
            return " hoặc ".join(_value(fact, value) for value in values)
        case Other(fact=fact, value=value):
            return f"khác “{_value(fact, value)}”"
        case _:
            return wanted(condition)
