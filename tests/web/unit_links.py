"""A unit that visits its own page by link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

from httpx2 import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from engine.store.access import links
from engine.store.database import reading, writing
from tests.web.sites import Web

UNIT = "hai-phong.so-noi-vu"
OTHER = "hai-phong.so-tu-phap"
_REVISION = re.compile(r'name="luot" value="(\d+)"')


@dataclass(slots=True)
class Unit:
    """A browser that came through a link."""

    web: Web
    client: TestClient
    token: str

    @property
    def path(self) -> str:
        """The unit's first page."""
        return f"/u/{self.token}"

    def work(self, id: str) -> str:
        """The page of one assignment."""
        return f"{self.path}/viec/{quote(id, safe='')}"

    def get(self, path: str = "") -> Response:
        """A page below the first one."""
        answer: Response = self.client.get(self.path + path)
        return answer

    def open(self, id: str) -> Response:
        """The page of one assignment."""
        answer: Response = self.client.get(self.work(id))
        return answer

    def revision(self, id: str) -> str:
        """What the form of an assignment says of how it was seen."""
        found = _REVISION.search(self.open(id).text)
        assert found, "no form"
        return found[1]

    def answer(self, id: str, choice: str | None, **fields: object) -> Response:
        """Sends the form of an assignment, as it stands now unless ``luot`` says otherwise."""
        files = fields.pop("files", None)
        data = {"luot": fields.pop("luot", None) or self.revision(id), **fields}
        if choice is not None:
            data["tra_loi"] = choice
        answer: Response = self.client.post(self.work(id), data=data, files=files)  # type: ignore[arg-type]
        return answer


def unit_by_link(web: Web, *units: str, name: str = "Bà An", days: int = 60) -> Unit:
    """A visitor with a fresh link."""
    with writing(web.site.engine) as connection:
        token = links.make(connection, units or (UNIT,), "an@thu.test", name, now=web.clock.now, days=days)
    return Unit(web, web.visitor(), token)


def rows(web: Web, query: str, **values: object) -> list[tuple[object, ...]]:
    """What the database says."""
    with reading(web.site.engine) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def assignments(web: Web, unit: str = UNIT, state: str = "not_started") -> list[str]:
    """The assignments of a unit that have a deadline, the earliest first."""
    query = (
        "SELECT id FROM assignment WHERE unit = :unit AND state = :state AND last_day IS NOT NULL "
        "ORDER BY last_day, id"
    )
    return [str(id) for (id,) in rows(web, query, unit=unit, state=state)]


def everything(web: Web) -> dict[str, list[tuple[object, ...]]]:
    """What an answer may change: who compares it twice sees whether anything was."""
    tables = ("event", "assignment", "evidence", "contribution", "audit", "notice", "message", "link")
    return {table: rows(web, f"SELECT * FROM {table}") for table in tables}


def words(answer: Response) -> str:
    """What a reader sees of a page."""
    bare = re.sub(r"<[^>]+>", " ", answer.text)
    return " ".join(unescape(bare).split())
