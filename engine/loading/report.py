"""Collects the problems of one file, each at the place in the text that it speaks of."""

from __future__ import annotations

from engine.errors import Problem, Severity
from engine.loading.strict_yaml import Document, position_of

Loc = tuple[str | int, ...]


class Report:
    """The problems found in one file so far; ``loc`` is a path of keys and indexes into it."""

    def __init__(self, file: str, document: Document) -> None:
        self.file = file
        self._document = document
        self.problems: list[Problem] = []

    def line(self, loc: Loc) -> int:
        """The line on which the value at ``loc`` stands, from 1."""
        return position_of(self._document.root, loc)[0] if self._document.root else 0

    def error(self, loc: Loc, code: str, message: str, hint: str = "") -> None:
        """A problem that keeps the file out of force."""
        self._add(loc, Severity.ERROR, code, message, hint)

    def warning(self, loc: Loc, code: str, message: str, hint: str = "") -> None:
        """Something the author should look at; the file is in force all the same."""
        self._add(loc, Severity.WARNING, code, message, hint)

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far keeps the file out of force."""
        return any(p.severity is Severity.ERROR for p in self.problems)

    def _add(self, loc: Loc, severity: Severity, code: str, message: str, hint: str) -> None:
        line, column = position_of(self._document.root, loc) if self._document.root else (0, 0)
        self.problems.append(Problem(self.file, line, column, severity, code, message, hint))
