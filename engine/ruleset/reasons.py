"""Why a rule speaks in a situation, or why it keeps quiet, in Vietnamese lines."""

from __future__ import annotations

from engine.ruleset.plain import holds, occasion_of
from engine.ruleset.rule import ONCE, Between, Condition, OneOf, Other, Rule, Silence
from engine.tracking.situations import FACTS, AnySituation, FactValue, values_of

_ABOUT = {"assignment": "nhiệm vụ được giao", "unit": "đơn vị"}


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
