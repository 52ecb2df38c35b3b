"""Rows of evidence files: which word each came with, under what name, and what it must still be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from engine.store.tables import EvidenceRow

_EVIDENCE = EvidenceRow.__table__  # type: ignore[attr-defined]

FOLDER = "evidence"
"""Below the home, outside everything that the web serves."""

_ID = re.compile(r"[0-9a-f]{32}")


def place_of(home: Path, id: str) -> Path:
    """Where a file lies: ``<home>/evidence/<2 hex>/<32 hex>``. ValueError for what is no name of ours."""
    if not _ID.fullmatch(id):
        raise ValueError(id)
    return home / FOLDER / id[:2] / id


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file that a unit handed in. ``id`` is also its name on the shelf, ``event`` the number of the word
    it came with, ``size`` in bytes, ``sha256`` in hex."""

    id: str
    assignment: str
    event: int | None
    name: str
    media_type: str
    size: int
    sha256: str
    by: str
    at: datetime


def add(connection: Connection, found: Iterable[Evidence]) -> None:
    """Adds rows; the files lie on the shelf already."""
    rows = [
        {
            "id": each.id,
            "assignment": each.assignment,
            "event": each.event,
            "name": each.name,
            "media_type": each.media_type,
            "size": each.size,
            "sha256": each.sha256,
            "by": each.by,
            "at": each.at,
        }
        for each in found
    ]
    if rows:
        connection.execute(insert(_EVIDENCE), rows)


def find(connection: Connection, id: str) -> Evidence | None:
    """One file by its number."""
    if not _ID.fullmatch(id):
        return None
    row = connection.execute(select(_EVIDENCE).where(_EVIDENCE.c.id == id)).mappings().first()
    return _of(row) if row else None


def of_assignment(connection: Connection, assignment: str) -> list[Evidence]:
    """The files of an assignment, oldest first."""
    query = select(_EVIDENCE).where(_EVIDENCE.c.assignment == assignment)
    rows = connection.execute(query.order_by(_EVIDENCE.c.at, _EVIDENCE.c.id)).mappings()
    return [_of(row) for row in rows]


def all_of_them(connection: Connection) -> Iterator[Evidence]:
    """Every file, by its number."""
    for row in connection.execute(select(_EVIDENCE).order_by(_EVIDENCE.c.id)).mappings():
        yield _of(row)


def _of(row: Any) -> Evidence:
    return Evidence(
        id=row["id"],
        assignment=row["assignment"],
        event=row["event"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
        by=row["by"],
        at=row["at"],
    )
