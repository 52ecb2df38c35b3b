"""The ranking for emulation review (xếp hạng thi đua): who did on time what fell due, like among like.

The score of a unit is the share done on time of what fell due in the window: done on time / (done on time +
done late + overdue). What may still be done in time is no part of it. Only units of the same level and kind
are compared; equal scores share a rank and the ranks behind them stay empty (1, 2, 2, 4); nobody is ranked on
fewer assignments than the threshold, and never on none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from engine.model.unit import Level, UnitKind

FEWEST = 5
"""Assignments fallen due below which a share says little; the page lets the office choose another number."""


@dataclass(frozen=True, slots=True)
class Record:
    """What fell due for a unit in the window, and what of it is still within time."""

    unit: str
    level: Level
    kind: UnitKind
    done_on_time: int
    done_late: int
    overdue: int
    within_time: int = 0

    @property
    def judged(self) -> int:
        """The denominator: settled one way or the other."""
        return self.done_on_time + self.done_late + self.overdue

    @property
    def score(self) -> Fraction | None:
        """Exact, so that a tie is a tie; None of nothing."""
        return Fraction(self.done_on_time, self.judged) if self.judged else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit with its rank; ``tied`` when others share it."""

    rank: int
    tied: bool
    record: Record


@dataclass(frozen=True, slots=True)
class League:
    """Units of one level and kind: those ranked, best first, and those with too few assignments."""

    level: Level
    kind: UnitKind
    ranked: tuple[Ranked, ...]
    too_few: tuple[Record, ...]


def leagues(records: Iterable[Record], *, fewest: int = FEWEST) -> tuple[League, ...]:
    """The leagues in the order of level, then of kind. Units of which nothing fell due are in none."""
    by_league: dict[tuple[Level, UnitKind], list[Record]] = {}
    for record in records:
        if record.judged:
            by_league.setdefault((record.level, record.kind), []).append(record)
    order = sorted(by_league, key=lambda key: (_LEVELS.index(key[0]), _KINDS.index(key[1])))
    return tuple(_league(level, kind, by_league[level, kind], max(1, fewest)) for level, kind in order)


_LEVELS: Sequence[Level] = ("province", "district", "commune", "village")
_KINDS: Sequence[UnitKind] = (
    *("committee", "department", "agency", "organisation", "press"),
    *("school", "team", "party", "council"),
)


def _league(level: Level, kind: UnitKind, records: list[Record], fewest: int) -> League:
    enough = [record for record in records if record.judged >= fewest]
    enough.sort(key=lambda record: (-(record.score or 0), record.unit))
    ranked: list[Ranked] = []
    for _score, equals in groupby(enough, key=lambda record: record.score):
        same = list(equals)
        rank = len(ranked) + 1
        ranked += [Ranked(rank, len(same) > 1, record) for record in same]
    few = sorted((r for r in records if r.judged < fewest), key=lambda record: record.unit)
    return League(level, kind, tuple(ranked), tuple(few))
