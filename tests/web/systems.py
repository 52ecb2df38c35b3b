"""Another system of the province: a client of the API with a key of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from starlette.testclient import TestClient

from engine.store.access import keys
from engine.store.access.keys import Scope
from engine.store.database import writing
from tests.web.sites import Web

EVERYTHING = frozenset(Scope)


@dataclass(slots=True)
class System:
    """Calls the API; gives back what the client gives back."""

    client: TestClient
    key: keys.Key
    secret: str
    numbers: count[int]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **params: Any) -> Any:
        return self.client.get(f"/api/v1{path}", params=params, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers={**self.headers, **headers})

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1{path}", headers=self.headers)

    def submit(self, assignment: str, name: str = "", **body: Any) -> Any:
        """Sends one update under a name of its own, or under ``name``."""
        name = name or f"yeu-cau-{next(self.numbers)}"
        return self.post(f"/assignments/{assignment}/events", body, **{"idempotency-key": name})

    def all_pages(self, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list, page after page."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get("/assignments", **params, **cursor)
            assert answer.status_code == 200, answer.text
            rows += answer.json()["items"]
            if answer.json()["next"] is None:
                return rows
            cursor = {"cursor": answer.json()["next"]}


def system(
    web: Web,
    scopes: frozenset[Scope] = EVERYTHING,
    *,
    unit: str | None = None,
    expires_at: datetime | None = None,
    name: str = "Hệ thống văn bản",
) -> System:
    """A system with a new key."""
    with writing(web.site.engine) as connection:
        key, secret = keys.make(
            connection, name, scopes, "account:1", web.clock.now, unit=unit, expires_at=expires_at
        )
    return System(web.visitor(), key, secret, count(1))
