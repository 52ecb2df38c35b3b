"""Every shipped rule, on the shipped plans, explains itself in one paragraph whose sums are right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from engine.day import trace
from engine.explain import explain, explain_rule_named, why_not
from engine.installation.on_paper import Paper, on_paper
from engine.model.assignment import Extension, State
from engine.notices.notice import Drop, Notice
from engine.ruleset.rule import Rule
from engine.store.messages.notices import Stored
from engine.tracking.assess import Tracked
from engine.tracking.counted import span_words
from engine.tracking.fact_types import Measure
from engine.tracking.situations import FACTS, Situation, values_of

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2022, 3, 1)
WORKING_DAYS = re.compile(r"(?:còn|có) (\d+) ngày làm việc")


@cache
def paper() -> Paper:
    return on_paper(ROOT)


def some_of_each() -> list[Tracked]:
    """One assignment of each kind, length and level of the shipped plans."""
    found: dict[object, Tracked] = {}
    for each in paper().tracked:
        promise = each.promise
        length = (promise.due - promise.starts).days // 15 if promise.due else -1
        found.setdefault((promise.kind, min(length, 7), promise.collective), each)
    return list(found.values())


def as_it_went(each: Tracked, day: date) -> Iterator[Tracked]:
    """The assignment as it might stand on ``day``: never answered, answered, asked, returned, refused."""
    said = datetime(day.year, day.month, day.day, 3, tzinfo=UTC) - timedelta(days=8)
    when = said.date()
    spoke = replace(each.standing, last_word_at=said, last_word="đã trả lời")
    yield each
    yield replace(each, standing=replace(each.standing, state=State.RECEIVED))
    yield replace(each, standing=replace(spoke, state=State.IN_PROGRESS))
    yield replace(each, standing=replace(spoke, state=State.REPORTED, reported_on=when))
    yield replace(each, standing=replace(spoke, state=State.RETURNED, since=when))
    yield replace(each, standing=replace(spoke, state=State.DECLINED))
    for answer in (Extension.PENDING, Extension.GRANTED, Extension.REFUSED):
        asked = replace(spoke, state=State.IN_PROGRESS, extension=answer, since=when)
        yield replace(each, standing=asked)


def spoken() -> Iterator[tuple[Rule, Notice, Tracked, date, Situation, tuple[Drop, ...]]]:
    """Each rule about assignments the first times that it speaks, a few different situations of each."""
    seen: set[tuple[str, str, str, str]] = set()
    known = paper()
    for each in some_of_each():
        due = each.promise.rolled
        near = {due + timedelta(days=n) for n in range(-12, 4)} if due else set()
        for day in sorted({FIRST + timedelta(days=offset) for offset in range(0, 700, 17)} | near):
            for tracked in as_it_went(each, day):
                situation, fresh, dropped = trace(tracked, known.ruleset, known.book, known.calendar, day, ())
                for notice in fresh:
                    key = (notice.rule, notice.role.value, tracked.standing.state.value, notice.occasion[:6])
                    if situation is not None and key not in seen:
                        seen.add(key)
                        rule = known.ruleset.by_id[notice.rule]
                        yield rule, notice, tracked, day, situation, dropped


SPOKEN = cache(lambda: tuple(spoken()))


def test_every_rule_about_assignments_was_heard() -> None:
    wanted = {rule.id for rule in paper().ruleset.rules if rule.about == "assignment"}
    assert {rule.id for rule, *_ in SPOKEN()} == wanted


def test_each_notice_has_one_paragraph_with_rule_dates_and_the_right_sum() -> None:
    known = paper()
    sums = 0
    for number, (rule, notice, tracked, day, situation, _) in enumerate(SPOKEN()):
        stored = Stored(number, notice, day, "composed", "")
        text = explain(stored, tracked, known.ruleset, known.book, known.calendar, "")
        assert "\n" not in text
        assert f"Luật “{rule.id}”" in text
        assert rule.why in text
        assert f"{day:%d/%m/%Y}" in text
        assert tracked.promise.id in text
        if rule.occasions is None:
            continue
        fact = FACTS[rule.occasions.fact]
        value = values_of(situation)[fact.name]
        assert f"nay {fact.title} là {value}" in text
        if fact.measure in (Measure.COUNTDOWN, Measure.COUNT_UP) and value:
            assert [int(n) for n in WORKING_DAYS.findall(text.partition("Điều kiện")[0])][-1:] == [value], (
                text
            )
            sums += 1
    assert sums > 50


def test_each_silence_has_one_paragraph() -> None:
    """The day after a notice: what was told is named, and when the next one would come."""
    known = paper()
    for number, (rule, notice, tracked, day, _, _) in enumerate(SPOKEN()[::4]):
        later = day + timedelta(days=1)
        stored = [Stored(number, notice, day, "composed", "")]
        text = why_not(tracked, known.ruleset, known.book, known.calendar, later, stored)
        assert "\n" not in text
        assert f"{later:%d/%m/%Y}" in text
        assert "Luật “" in text or "lượt xét" in text or "Kế hoạch có hiệu lực" in text
        assert rule.id
    assert len(SPOKEN()) > 60


@pytest.mark.parametrize("rule", [rule.id for rule in paper().ruleset.rules])
def test_each_rule_says_what_it_says(rule: str) -> None:
    text = explain_rule_named(rule, paper().ruleset)
    assert text is not None
    assert "\n" not in text
    assert text.startswith(f"Luật “{rule}” (rules/")
    assert "Báo cho " in text
    assert explain_rule_named("khong-co", paper().ruleset) is None


SUMS = [
    # from, to, working days, part of the words
    (date(2023, 3, 31), date(2023, 4, 3), 1, "có 3 ngày, trừ 2 ngày cuối tuần còn 1 ngày làm việc"),
    (date(2023, 4, 3), date(2023, 4, 5), 2, "có 2 ngày làm việc"),
    (
        date(2023, 4, 28),
        date(2023, 5, 4),
        1,
        "có 6 ngày, trừ 2 ngày cuối tuần và 3 ngày nghỉ (Ngày Quốc tế lao động 01/05; ",
    ),
]


@pytest.mark.parametrize(("first", "last", "working", "part"), SUMS)
def test_a_sum_names_what_was_left_out(first: date, last: date, working: int, part: str) -> None:
    assert paper().calendar.working_days_between(first, last) == working
    assert part in span_words(first, last, paper().calendar)


def test_a_swapped_saturday_is_named() -> None:
    text = span_words(date(2024, 5, 3), date(2024, 5, 6), paper().calendar)
    assert "(trong đó làm bù 04/05), trừ 1 ngày cuối tuần còn 2 ngày làm việc" in text
