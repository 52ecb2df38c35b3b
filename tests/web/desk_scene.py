"""A morning on which one message arrived, one was refused, one was cut off, and others have no address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from engine.installation.opening import open_installation, ruleset_in_force, sync_installation
from engine.store.database import reading, writing
from engine.store.messages.desk import DeskFilter, DeskState
from engine.store.messages.desk_pages import SentMessage, page_of
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, Contact
from engine.tick import TickResult, tick
from tests.tick.desk import PERMANENT, UNKNOWN, FarEnd, address
from tests.web.sites import ROOT, Clock, Web
from web.in_force import rules_of
from web.site import Site

HEARS = "ha-tinh.loc-ha.thach-chau.van-phong-thong-ke"
REFUSES = "ha-tinh.loc-ha.thach-chau.tu-phap-ho-tich"
CUT_OFF = "ha-tinh.loc-ha.thach-chau.van-hoa-thong-tin"


def people(web: Web, *units: str, mail: dict[str, str] | None = None) -> None:
    """Sets the heads of some units."""
    known = [Contact(u, HEAD, f"Trưởng {u}", (mail or {}).get(u, address(u))) for u in units]
    with writing(web.site.engine) as connection:
        contacts.replace_all(connection, known, set(units))


def pass_now(web: Web, far_end: FarEnd | None, now: datetime | None = None) -> TickResult:
    """One pass of a worker at the clock's time."""
    installation = web.site.installation()
    ruleset, _ = rules_of(web.site)
    at = now or web.clock.now
    channels = {far_end.name: far_end} if far_end else {}
    return tick(web.site.engine, installation.in_force(ruleset), at, channels, "thu", lambda: at)


def make_morning(folder: Path) -> None:
    """A home with two communes' plans, contacts for three units, and one pass over it."""
    folder.mkdir()
    for name in ("plans", "rules"):
        shutil.copytree(ROOT / name, folder / name)
    for other in ("hai-phong-128-2022", "an-duong-2023"):
        (folder / "plans" / f"{other}.yaml").unlink()
    installation = open_installation(folder)
    sync_installation(installation, datetime(2022, 6, 10, tzinfo=UTC))
    ruleset_in_force(installation, datetime(2022, 6, 10, tzinfo=UTC))
    installation.engine.dispose()
    clock = Clock()
    web = Web(Site(folder, clock), clock)
    people(web, HEARS, REFUSES, CUT_OFF)
    far_end = FarEnd()
    far_end.will(REFUSES, PERMANENT)
    far_end.will(CUT_OFF, UNKNOWN)
    pass_now(web, far_end)
    web.site.engine.dispose()


@contextmanager
def opened(folder: Path) -> Iterator[Web]:
    """The site of a home."""
    clock = Clock()
    web = Web(Site(folder, clock), clock)
    yield web
    for client in web.clients:
        client.close()
    web.site.engine.dispose()


def messages(web: Web, state: DeskState | None = None) -> list[SentMessage]:
    """What the desk shows, all of it."""
    with reading(web.site.engine) as connection:
        return list(page_of(connection, DeskFilter(state=state), 10_000).rows)


def the_one(web: Web, state: DeskState) -> SentMessage:
    """The only message in a state."""
    [found] = messages(web, state)
    return found
