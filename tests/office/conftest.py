"""A home whose database is in line with its files, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office.offices import Office, copy_of, make_home


@pytest.fixture(scope="session")
def pristine_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it was made; tests must not change it."""
    folder = tmp_path_factory.mktemp("office") / "home"
    make_home(folder)
    return folder


@pytest.fixture
def office(pristine_office: Path, tmp_path: Path) -> Office:
    """A copy that the test may change."""
    return copy_of(pristine_office, tmp_path / "office")
