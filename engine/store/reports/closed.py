"""Closed reports: the figures of a window that is over, frozen, and the amendments after that.

Rows are only ever added. The hash of each covers what it says and the hash of the version before; the audit
log, chained on its own, keeps every hash too, so that a row that vanished is missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.store.access.audit import Actor, append
from engine.store.database import insert_ignoring
from engine.store.tables import AuditRow, ClosedReportRow

_CLOSED = ClosedReportRow.__table__  # type: ignore[attr-defined]
_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]
_LOGGED = ("report_close", "report_amend")
_LONGEST_SCOPE = 200


@dataclass(frozen=True, slots=True)
class Key:
    """Which report: its kind, what it is about (``Scope.key``) and its window, both days included."""

    kind: str
    scope: str
    first: date
    last: date

    @property
    def stored_scope(self) -> str:
        """The scope as the database keeps it: what is too long ends with its own hash."""
        if len(self.scope) <= _LONGEST_SCOPE:
            return self.scope
        return self.scope[:150] + "#" + hashlib.sha256(self.scope.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Version:
    """Version 0 is the closing, 1, 2, … are the amendments. ``at`` is aware (UTC)."""

    key: Key
    day: date
    version: int
    figures: str
    reason: str
    by: str
    at: datetime
    previous: str
    hash: str

    @property
    def values(self) -> dict[str, Any]:
        """The figures."""
        found: dict[str, Any] = json.loads(self.figures)
        return found


@dataclass(frozen=True, slots=True)
class Broken:
    """A version that is not what was written: the row's number (None: it is gone) and what is wrong."""

    row: int | None
    key: Key
    version: int
    what: str


def canonical(figures: Mapping[str, Any]) -> str:
    """The one JSON text of some figures: keys sorted, nothing between them. TypeError for what JSON does
    not know."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON form of {type(value).__name__}")


def add(
    connection: Connection,
    key: Key,
    day: date,
    figures: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    *,
    after: Version | None = None,
    reason: str = "",
) -> Version | None:
    """Adds the version that comes ``after`` another one (None: the first) and an entry of the audit log; None
    when somebody else added that version in the meantime."""
    version = Version(
        key=key,
        day=day,
        version=after.version + 1 if after else 0,
        figures=canonical(figures),
        reason=reason,
        by=actor.name,
        at=at.astimezone(UTC),
        previous=after.hash if after else "",
        hash="",
    )
    row = _columns(version)
    seal = _hash(row)
    went_in = connection.execute(insert_ignoring(connection, _CLOSED).values(**row, hash=seal)).rowcount
    if not went_in:
        return None
    append(
        connection,
        actor,
        _LOGGED[bool(after)],
        _subject(key, version.version),
        at,
        before={"hash": after.hash} if after else None,
        after={"hash": seal, "reason": reason} if after else {"hash": seal},
    )
    return _version(key, {**row, "hash": seal})


def versions(connection: Connection, key: Key) -> tuple[Version, ...]:
    """Every version of one report, the oldest first; none when it was never closed."""
    query = (
        select(_CLOSED)
        .where(
            _CLOSED.c.kind == key.kind,
            _CLOSED.c.scope == key.stored_scope,
            _CLOSED.c.first == key.first,
            _CLOSED.c.last == key.last,
        )
        .order_by(_CLOSED.c.version)
    )
    return tuple(_version(key, row) for row in connection.execute(query).mappings())


def everything(connection: Connection) -> Iterator[Version]:
    """All closed reports with their amendments: the last windows first, then by kind, scope and version."""
    order = (_CLOSED.c.last.desc(), _CLOSED.c.first, _CLOSED.c.kind, _CLOSED.c.scope, _CLOSED.c.version)
    for row in connection.execute(select(_CLOSED).order_by(*order)).mappings():
        yield _version(_key(row), row)


def verify(connection: Connection) -> list[Broken]:
    """Works out every hash anew; empty when all is as it was written."""
    wrong: list[Broken] = []
    last: dict[Key, tuple[int, str]] = {}
    seals: dict[str, str] = {}
    order = (_CLOSED.c.kind, _CLOSED.c.scope, _CLOSED.c.first, _CLOSED.c.last, _CLOSED.c.version)
    rows = connection.execute(select(_CLOSED).order_by(*order).execution_options(yield_per=200))
    for row in rows.mappings():
        key, number = _key(row), int(row["version"])
        before = last.get(key, (-1, ""))
        seals[_subject(key, number)] = row["hash"]
        if row["hash"] != _hash(row):
            wrong.append(Broken(row["id"], key, number, "nội dung đã bị sửa ngoài phần mềm"))
        elif (number - 1, row["previous"]) != before:
            wrong.append(Broken(row["id"], key, number, "không nối với bản ngay trước"))
        last[key] = (number, row["hash"])
    return wrong + list(_against_the_log(connection, seals))


def _against_the_log(connection: Connection, seals: Mapping[str, str]) -> Iterator[Broken]:
    logged = select(_AUDIT.c.subject, _AUDIT.c.after).where(_AUDIT.c.action.in_(_LOGGED))
    for subject, after in connection.execute(logged.order_by(_AUDIT.c.id)):
        there = seals.get(subject)
        if there == json.loads(after)["hash"]:
            continue
        kind, scope, first, end, number = json.loads(subject)
        key = Key(kind, scope, date.fromisoformat(first), date.fromisoformat(end))
        what = "đã bị xóa ngoài phần mềm" if there is None else "mã không khớp với nhật ký"
        yield Broken(None, key, number, what)


_HASHED = ("kind", "scope", "first", "last", "day", "version", "figures", "reason", "by", "at", "previous")


def _hash(row: Mapping[Any, Any]) -> str:
    parts = [v.isoformat() if isinstance(v := row[name], date) else str(v) for name in _HASHED]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _subject(key: Key, version: int) -> str:
    parts = (key.kind, key.stored_scope, key.first.isoformat(), key.last.isoformat(), version)
    return json.dumps(parts, ensure_ascii=False)


def _columns(version: Version) -> dict[str, Any]:
    key = version.key
    return {
        "kind": key.kind,
        "scope": key.stored_scope,
        "first": key.first,
        "last": key.last,
        **{name: getattr(version, name) for name in _HASHED[4:]},
    }


def _key(row: Mapping[Any, Any]) -> Key:
    return Key(row["kind"], row["scope"], row["first"], row["last"])


def _version(key: Key, row: Mapping[Any, Any]) -> Version:
    return Version(key, hash=row["hash"], **{name: row[name] for name in _HASHED[4:]})
