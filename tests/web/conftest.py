"""The web page over the shipped plans: a home made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.databases import migrated_postgres
from tests.web.sites import Clock, Web, make_home
from web.site import Site

__all__ = ["migrated_postgres"]


@pytest.fixture(scope="session")
def postgres_template(migrated_postgres: str) -> str:
    """The tables are there already."""
    return migrated_postgres


@pytest.fixture(scope="session")
def pristine_web_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it was made; tests must not change it."""
    folder = tmp_path_factory.mktemp("web") / "home"
    make_home(folder)
    return folder


@pytest.fixture
def web(pristine_web_home: Path, tmp_path: Path) -> Iterator[Web]:
    """A site of the test's own, on SQLite."""
    home = tmp_path / "web-home"
    shutil.copytree(pristine_web_home, home)
    clock = Clock()
    web = Web(Site(home, clock), clock)
    yield web
    for client in web.clients:
        client.close()
    web.site.engine.dispose()
