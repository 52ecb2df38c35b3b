"""A database of a test's own; what PostgreSQL does otherwise is tested where the tables are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.store.databases import migrated_sqlite, opened

__all__ = ["migrated_sqlite"]


@pytest.fixture
def store(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database with empty tables."""
    shutil.copyfile(migrated_sqlite, tmp_path / "dondoc.db")
    with opened(f"sqlite:///{tmp_path / 'dondoc.db'}") as engine:
        yield engine
