"""What can be wrong with a time cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadlineProblem:
    """One thing wrong with a time cell.

    ``code`` is stable English for programs, ``message`` and ``hint`` are Vietnamese for people,
    ``start``/``end`` count characters of the cell's text as it was handed in.
    """

    code: str
    message: str
    hint: str
    start: int
    end: int


class Unreadable(Exception):
    """A cell, or a part of it, has no single meaning; never leaves this package."""

    def __init__(self, code: str, message: str, hint: str, span: tuple[int, int]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.span = span
