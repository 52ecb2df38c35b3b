"""Other words, other spelling, other order than in the specification: tests/data/deadline_wordings.txt."""

from __future__ import annotations

import pytest

from tests.deadlines.wording import DATA, gist, read


def _wordings() -> list[tuple[str, str]]:
    lines = (DATA / "deadline_wordings.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("  =>  ") for line in lines if line and not line.startswith("#")]
    return [(words.replace("\\n", "\n"), meaning) for words, meaning in pairs]


@pytest.mark.parametrize(("words", "meaning"), _wordings())
def test_wording(words: str, meaning: str) -> None:
    assert gist(read(words)) == meaning


def test_there_are_enough_of_them() -> None:
    assert len({words for words, _ in _wordings()}) >= 500
