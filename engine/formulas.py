"""How one column of a printed table follows from others: "C = B / A", "I = (E + H) / D", "G = F / total(F)".

Columns are lettered as in a spreadsheet, A the first. ``sum(F)`` is the column added up over all rows,
``total(F)`` what the table's own "Tổng cộng" prints for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.errors import DondocError

_TOKEN = re.compile(r"\s*((?:sum|total)\(\s*[A-Z]\s*\)|[A-Z]|\d+(?:,\d+)?|[-+*/()])")
_HINT = "Viết như: C = B / A; D = 2 * A; F = D - E; G = F / total(F)"
_DEEPEST = 20

Look = Callable[[str], Decimal | None]
"""The number in a column ("C") or of a whole column ("sum(C)", "total(C)"); None where nothing is printed."""


class FormulaError(DondocError):
    """A formula that cannot be read; ``hint`` says how one is written."""

    def __init__(self, message: str) -> None:
        self.hint = _HINT
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Formula:
    """``column`` counts from 0; ``tokens`` are what stands behind the "=" in reverse Polish order."""

    text: str
    column: int
    tokens: tuple[str, ...]

    def value(self, look: Look) -> Decimal | None:
        """None where something it needs is not printed, and for a share of nothing."""
        stack: list[Decimal] = []
        for piece in self.tokens:
            if piece in "+-*/":
                right, left = stack.pop(), stack.pop()
                if piece == "/" and not right:
                    return None
                stack.append(_apply(piece, left, right))
                continue
            found = look(piece) if piece[0].isalpha() else Decimal(piece.replace(",", "."))
            if found is None:
                return None
            stack.append(found)
        return stack[0]


def _apply(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def read_formula(text: str, columns: int) -> Formula:
    """Raises FormulaError for what is no formula or names a column beyond ``columns``."""
    head, equals, body = text.partition("=")
    head = head.strip()
    if not equals or not re.fullmatch(r"[A-Z]", head):
        raise FormulaError(f"“{text}” phải bắt đầu bằng một cột và dấu =")
    tokens = _tokens(text, body)
    for letter in (head, *(piece.rstrip(")")[-1] for piece in tokens if piece[0].isalpha())):
        if ord(letter) - ord("A") >= columns:
            last = chr(ord("A") + columns - 1)
            raise FormulaError(f"“{text}”: không có cột {letter}; bảng có các cột A–{last}")
    reader = _Reader(text, tokens)
    return Formula(text, ord(head) - ord("A"), reader.whole())


def _tokens(text: str, body: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(body.rstrip()):
        match = _TOKEN.match(body, at)
        if match is None:
            raise FormulaError(f"“{text}”: không hiểu “{body[at:].strip()}”")
        found.append(re.sub(r"\s", "", match[1]))
        at = match.end()
    return found


class _Reader:
    """Recursive descent: terms of + and -, factors of * and /."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._out: list[str] = []

    def whole(self) -> tuple[str, ...]:
        """All of it. FormulaError where something is missing or left over."""
        self._chain("+-", 0)
        if self._at < len(self._tokens):
            raise FormulaError(f"“{self._text}”: thừa “{self._tokens[self._at]}”")
        return tuple(self._out)

    def _chain(self, signs: str, depth: int) -> None:
        def part() -> None:
            if signs == "+-":
                self._chain("*/", depth)
            else:
                self._single(depth)

        part()
        while self._at < len(self._tokens) and self._tokens[self._at] in signs:
            sign = self._tokens[self._at]
            self._at += 1
            part()
            self._out.append(sign)

    def _single(self, depth: int) -> None:
        piece = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        if piece == "(" and depth < _DEEPEST:
            self._chain("+-", depth + 1)
            closing = self._tokens[self._at] if self._at < len(self._tokens) else ""
            self._at += 1
            if closing == ")":
                return
        elif piece and piece not in "+-*/()":
            self._out.append(piece)
            return
        raise FormulaError(f"“{self._text}” viết thiếu hoặc sai thứ tự")
