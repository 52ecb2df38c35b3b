"""The databases of these tests have the tables already."""

from __future__ import annotations

import pytest

from tests.store.databases import another, migrated_postgres, migrated_sqlite, store, store_url

__all__ = ["another", "migrated_postgres", "migrated_sqlite", "postgres_template", "store", "store_url"]


@pytest.fixture(scope="session")
def postgres_template(migrated_postgres: str) -> str:
    return migrated_postgres
