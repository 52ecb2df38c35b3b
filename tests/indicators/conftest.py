"""Databases that have the tables already, and the web page over the shipped plans."""

from __future__ import annotations

import pytest

from tests.store.databases import another, migrated_postgres, migrated_sqlite, store, store_url
from tests.web.conftest import pristine_web_home, web

__all__ = [
    "another",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres_template",
    "pristine_web_home",
    "store",
    "store_url",
    "web",
]


@pytest.fixture(scope="session")
def postgres_template(migrated_postgres: str) -> str:
    return migrated_postgres
