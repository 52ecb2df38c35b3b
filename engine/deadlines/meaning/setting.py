"""What a plan brings to the reading of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.deadlines.meaning.calendar_days import Anchor
from engine.deadlines.tree import Span
from engine.workdays import MissingYear, WorkCalendar


@dataclass(frozen=True, slots=True)
class Setting:
    """The composed text of a cell and what its plan says; ``counts_from`` stands in for no ``issued``."""

    text: str
    plan_year: int
    issued: date | None
    counts_from: date | None
    calendar: WorkCalendar | None
    inclusive: bool
    roll: bool

    @property
    def floor(self) -> date:
        """The first day on which anything of the plan can be due."""
        opening = date(self.plan_year, 1, 1)
        known = self.issued or self.counts_from
        return known if known is not None and known.year == self.plan_year else opening

    @property
    def close(self) -> date:
        """The last day of the plan year."""
        return date(self.plan_year, 12, 31)

    @property
    def anchor(self) -> Anchor:
        """What open years and "nay" stand for."""
        return Anchor(self.plan_year, self.issued or self.counts_from or date(self.plan_year, 1, 1))

    def words(self, at: Span) -> str:
        """The words of a span as they stand in the cell."""
        return self.text[at[0] : at[1]]

    def rolled(self, day: date | None) -> date | None:
        """Where Bộ luật Dân sự 2015, Điều 148 khoản 5 moves a due day; None without a calendar."""
        if day is None:
            return None
        if not self.roll:
            return day
        if self.calendar is None or not self.calendar.covers(day.year):
            return None
        try:
            return self.calendar.roll(day)
        except MissingYear:
            return None
