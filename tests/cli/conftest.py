"""A home like a user's own, made once by ``dondoc init`` and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.command_line import dondoc


@pytest.fixture(scope="session")
def pristine_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ``init`` leaves it; tests must not change it."""
    folder = tmp_path_factory.mktemp("starter") / "home"
    answer = dondoc("init", folder)
    assert answer.status == 0, answer.err
    return folder


@pytest.fixture
def starter_home(pristine_home: Path, tmp_path: Path) -> Path:
    """A copy that the test may change."""
    folder = tmp_path / "starter"
    shutil.copytree(pristine_home, folder)
    return folder
