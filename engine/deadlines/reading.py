"""A time cell → its reading: the one entrance to the grammar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from engine.deadlines.combining.combine import combine
from engine.deadlines.grammar.cell import Stuck, pieces
from engine.deadlines.meaning.resolve import resolve
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.not_understood import not_understood
from engine.deadlines.problems import DeadlineProblem, Unreadable
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind, Token, tokenise
from engine.deadlines.text.spelling import compose
from engine.model.deadline import Deadline, DeadlineKind
from engine.workdays import WorkCalendar

LONGEST = 1000  # characters; a cell that says when has no more


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell means and what is wrong with it; ``problems`` empty means understood."""

    deadline: Deadline
    problems: tuple[DeadlineProblem, ...]


def read_deadline(
    text: str,
    *,
    plan_year: int,
    issued: date | None = None,
    calendar: WorkCalendar | None = None,
    before_day: Literal["exclusive", "inclusive"] = "exclusive",
    roll: bool = True,
    in_force_from: date | None = None,
) -> Reading:
    """Reads one time cell of a plan; never raises on any text.

    ``issued`` is the day of the plan, ``in_force_from`` stands in where it is blank. ``before_day``
    "inclusive": "trước ngày X" is due on X. ``roll`` False: ``rolled`` equals ``due``. Without a
    calendar, or in a year that it does not cover, ``rolled`` is None.
    """
    if len(text) > 3 * LONGEST or len((found := compose(text))[0]) > LONGEST:
        return _invalid(text, _too_long(text))
    composed, places = found
    setting = Setting(composed, plan_year, issued, in_force_from, calendar, before_day == "inclusive", roll)
    tokens = tokenise(composed)
    if _blank(tokens):
        return Reading(Deadline(DeadlineKind.UNSPECIFIED, text, rule="empty"), (_empty(text),))
    cursor = Cursor(composed, tokens)
    try:
        deadline = resolve(combine(pieces(cursor), composed), setting)
    except Stuck as stuck:
        return _invalid(text, _placed(not_understood(cursor, stuck), places))
    except Unreadable as refused:
        problem = DeadlineProblem(refused.code, refused.message, refused.hint, *refused.span)
        return _invalid(text, _placed(problem, places))
    return Reading(replace(deadline, text=text), ())


def _blank(tokens: list[Token]) -> bool:
    """Nothing, or only dashes, dots and separators."""
    return all(
        token.kind is Kind.END or token.word in (".", ",", ";", "-", "/", "…", "_") for token in tokens
    )


def _too_long(text: str) -> DeadlineProblem:
    return DeadlineProblem(
        "too-long",
        f"Ô thời hạn dài {len(text)} ký tự, quá dài để là một thời hạn.",
        f"Hãy chỉ ghi thời hạn (tối đa {LONGEST} ký tự); nội dung khác ghi vào ô nhiệm vụ.",
        0,
        len(text),
    )


def _empty(text: str) -> DeadlineProblem:
    return DeadlineProblem(
        "empty",
        "Ô thời hạn để trống.",
        "Hãy ghi thời hạn của nhiệm vụ, ví dụ “Quý II/2023”.",
        0,
        len(text),
    )


def _invalid(text: str, problem: DeadlineProblem) -> Reading:
    return Reading(Deadline(DeadlineKind.INVALID, text, rule=problem.code), (problem,))


def _placed(problem: DeadlineProblem, places: tuple[int, ...] | None) -> DeadlineProblem:
    """The problem with its span in the text as it was typed."""
    if places is None:
        return problem
    return replace(problem, start=places[problem.start], end=places[problem.end])
