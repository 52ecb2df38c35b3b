"""The ranking for emulation review: like among like, equal scores share a rank, nobody on nothing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.tracking.ranking import Record, leagues


def record(unit: str, on_time: int, late: int = 0, overdue: int = 0, **more: object) -> Record:
    return Record(unit, "commune", "committee", on_time, late, overdue, **more)  # type: ignore[arg-type]


def test_the_score_is_what_was_done_on_time_of_what_fell_due() -> None:
    assert record("a", 18, 1, 1).score == Fraction(9, 10)
    assert record("a", 0, 3, 2).score == 0
    assert record("a", 0, within_time=7).score is None


def test_equal_scores_share_a_rank_and_the_next_stay_empty() -> None:
    # 2/3 and 20/30 are equal, however they are written as decimals.
    found = [record("d", 5, 5), record("c", 20, 10), record("b", 2, 1), record("a", 10)]
    [league] = leagues(found, fewest=1)
    assert [(r.rank, r.tied, r.record.unit) for r in league.ranked] == [
        (1, False, "a"),
        (2, True, "b"),
        (2, True, "c"),
        (4, False, "d"),
    ]


def test_too_few_stand_apart_and_none_at_all_nowhere() -> None:
    [league] = leagues([record("a", 4), record("b", 5), record("c", 0, within_time=9)], fewest=5)
    assert [r.record.unit for r in league.ranked] == ["b"]
    assert [r.unit for r in league.too_few] == ["a"]
    assert leagues([record("c", 0, within_time=9)], fewest=0) == ()


def test_only_like_is_compared_with_like() -> None:
    found = [
        Record("xa", "commune", "committee", 1, 0, 9),
        Record("phong", "district", "department", 10, 0, 0),
        Record("huyen", "district", "committee", 9, 1, 0),
        Record("so", "province", "department", 5, 5, 0),
    ]
    assert [
        (league.level, league.kind, [r.rank for r in league.ranked]) for league in leagues(found, fewest=1)
    ] == [
        ("province", "department", [1]),
        ("district", "committee", [1]),
        ("district", "department", [1]),
        ("commune", "committee", [1]),
    ]


NUMBERS = st.integers(0, 6)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=25), st.integers(1, 8))
def test_a_rank_is_one_more_than_how_many_are_better(numbers: list[tuple[int, ...]], fewest: int) -> None:
    found = [record(f"u{n:02}", a, b, c, within_time=d) for n, (a, b, c, d) in enumerate(numbers)]
    enough = [r for r in found if r.judged >= fewest]
    ranked = [each for league in leagues(found, fewest=fewest) for each in league.ranked]
    assert sorted(each.record.unit for each in ranked) == sorted(r.unit for r in enough)
    for each in ranked:
        score = each.record.score
        assert score is not None
        assert each.rank == 1 + sum(r.score is not None and r.score > score for r in enough)
        assert each.tied == (sum(r.score == score for r in enough) > 1)
