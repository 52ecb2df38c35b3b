"""Damaged files through the real loaders: words and a place for every problem, nothing broken called good."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from engine.errors import Severity
from tests.mutations.broken import EVERYWHERE, several
from tests.mutations.random_damage import DAMAGES
from tests.mutations.shipped import FILES, judged, kind_of, load
from tests.mutations.wrong_values import WRONG

SEED = 20231231
EACH = 17
"""Random mutants of each file and sort of damage."""

KINDS = ("plan", "units", "calendar", "rules")


@pytest.mark.parametrize("file", FILES)
def test_the_shipped_file_is_good(file: str) -> None:
    value, problems = load(file, FILES[file])
    assert value is not None
    assert [p for p in problems if p.severity is Severity.ERROR] == []


def test_there_are_a_thousand_random_mutants() -> None:
    assert len(FILES) * len(DAMAGES) * EACH >= 1000


@pytest.mark.parametrize("sort", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_random_damage_is_met_with_words(file: str, sort: str) -> None:
    for number in range(EACH):
        seed = crc32(f"{SEED} {file} {sort} {number}".encode())
        data = DAMAGES[sort](random.Random(seed), FILES[file])
        try:
            judged(file, data)
        except Exception as error:
            raise AssertionError(f"{sort} damage number {number} of {file} (seed {seed})") from error


@pytest.mark.parametrize("sort", EVERYWHERE)
@pytest.mark.parametrize("file", FILES)
def test_broken_yaml_is_never_called_good(file: str, sort: str) -> None:
    change, codes = EVERYWHERE[sort]
    for data in several(change, FILES[file], 2):
        _refused(file, data, codes)


@pytest.mark.parametrize(("kind", "sort"), [(kind, sort) for kind in KINDS for sort in WRONG[kind]])
def test_a_wrong_value_is_never_called_good(kind: str, sort: str) -> None:
    change, codes = WRONG[kind][sort]
    tried = 0
    for file in (file for file in FILES if kind_of(file) == kind):
        for data in several(change, FILES[file], 4):
            _refused(file, data, codes)
            tried += 1
    assert tried, "no file has a place for this break"


def _refused(file: str, data: bytes, codes: set[str]) -> None:
    problems = judged(file, data)
    errors = {p.code for p in problems if p.severity is Severity.ERROR and p.file in (file, "rules")}
    assert errors, (file, problems)
    if codes:
        assert errors & codes, (errors, codes)
