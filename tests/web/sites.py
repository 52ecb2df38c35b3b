"""A site over the shipped plans on 15 June 2023, and browsers without a window that are signed in."""

from __future__ import annotations

import atexit
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from engine.installation.opening import open_installation, sync_installation
from engine.model.access import Role
from engine.store.access import sessions
from engine.store.access.tokens import form_key
from engine.store.database import writing
from engine.store.tables import AccountRow
from web.app import create_app
from web.security.access import FORM_KEY, cookie_name
from web.site import Site

ROOT = Path(__file__).resolve().parents[2]
THURSDAY = datetime(2023, 6, 15, 3, tzinfo=UTC)
"""10:00 in Viet Nam on an ordinary working day, while plans of the year are under way."""

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = THURSDAY

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Moves on by ``timedelta(**parts)``."""
        self.now += timedelta(**parts)


@cache
def event_loop() -> BlockingPortal:
    """The event loop of this test process, in a thread of its own."""
    running = start_blocking_portal("asyncio")
    portal = running.__enter__()
    atexit.register(running.__exit__, None, None, None)
    return portal


@dataclass(slots=True)
class Web:
    """A running application, its site and its clock."""

    site: Site
    clock: Clock
    clients: list[TestClient] = field(default_factory=list)
    apps: list[tuple[Site, FastAPI]] = field(default_factory=list)

    def app(self) -> FastAPI:
        """The application over the site as it is now; made anew only where the site was replaced."""
        for site, app in self.apps:
            if site is self.site:
                return app
        self.apps.append((self.site, create_app(self.site)))
        return self.apps[-1][1]

    def visitor(self) -> TestClient:
        """A browser that nobody signed in with; it does not follow redirects by itself."""
        client = TestClient(
            self.app(),
            base_url="http://testserver",
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        # One event loop for all: a new one for each request takes longer than most pages.
        client.portal = event_loop()
        self.clients.append(client)
        return client

    def signed_in(self, role: Role | str, login: str = "") -> Browser:
        """A browser with a session of an account in ``role``, made if need be."""
        name = login or str(role)
        with writing(self.site.engine) as connection:
            known = connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == name)).scalar()
            if known is None:
                made = (
                    insert(_ACCOUNT)
                    .values(
                        login=name,
                        name=f"Cán bộ {name}",
                        role=str(role),
                        active=True,
                        must_change=False,
                        created_at=self.clock.now,
                    )
                    .returning(_ACCOUNT.c.id)
                )
                known = connection.execute(made).scalar_one()
            token = sessions.begin(connection, known, self.clock.now, "testclient")
        client = self.visitor()
        client.cookies.set(cookie_name(self.site), token)
        return Browser(client, form_key(token))


@dataclass(slots=True)
class Browser:
    """A signed-in browser; ``post`` adds the form's key as a page of ours would."""

    client: TestClient
    key: str

    def get(self, path: str, **more: object) -> object:
        """Opens a page."""
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def post(self, path: str, data: dict[str, object] | None = None, **more: object) -> object:
        """Sends a form."""
        return self.client.post(path, data={FORM_KEY: self.key, **(data or {})}, **more)  # type: ignore[arg-type]


def make_home(folder: Path) -> None:
    """The shipped plans and rules, their assignments in a SQLite database beside them."""
    folder.mkdir()
    for name in ("plans", "rules"):
        shutil.copytree(ROOT / name, folder / name)
    installation = open_installation(folder)
    sync_installation(installation, datetime(2022, 5, 27, tzinfo=UTC))
    installation.engine.dispose()
