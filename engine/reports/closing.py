"""Closing a reporting window (chốt số liệu): what was reported stays, corrections are amendments.

Figures are the JSON form of a report. They are frozen once the window is over; from then on the frozen ones
are what is printed, each amendment beside them with its reason and the cells that it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from engine.errors import DondocError
from engine.reports.checks import ensure
from engine.reports.differences import Change, Figures, changes
from engine.reports.tasks import Scope
from engine.reports.windows import Window
from engine.store.access.audit import Actor
from engine.store.reports import closed
from engine.store.reports.closed import Key, Version
from engine.tracking.progress import local_day

KINDS = {
    "tasks": "Tình hình thực hiện nhiệm vụ",
    "form1": "Biểu mẫu 1",
    "indicators": "Chỉ tiêu",
}
"""The reports that can be closed."""

_MOST_SHOWN = 20


class NotAllowed(DondocError):
    """A closing or an amendment that is refused; the text says why."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """The ``number``-th correction: why, by whom, and the cells that it changed."""

    number: int
    at: datetime
    by: str
    reason: str
    hash: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A closed report. ``first`` are the figures as they were closed, ``figures`` those in force after all
    amendments; ``day`` is the last day that they know."""

    key: Key
    day: date
    closed_at: datetime
    by: str
    hash: str
    first: Figures
    figures: Figures
    amendments: tuple[Amendment, ...]

    @property
    def seal(self) -> str:
        """The hash of the version in force."""
        return self.amendments[-1].hash if self.amendments else self.hash


def key_of(kind: str, scope: Scope, window: Window) -> Key:
    """How the database names a report. NotAllowed for a kind that cannot be closed."""
    if kind not in KINDS:
        raise NotAllowed(f"Không có loại báo cáo “{kind}”; chọn: {', '.join(KINDS)}")
    return Key(kind, scope.key, window.first, window.last)


def frozen(connection: Connection, kind: str, scope: Scope, window: Window) -> Frozen | None:
    """The closed report of a window with its amendments; None when the window is not closed."""
    return _frozen(closed.versions(connection, key_of(kind, scope, window)))


def close(
    connection: Connection,
    kind: str,
    scope: Scope,
    window: Window,
    figures: Figures,
    actor: Actor,
    now: datetime,
) -> Frozen:
    """Freezes ``figures``, the JSON form of the report as of the window's last day.

    Raises NotAllowed before the window is over and for a window that is closed already, DoesNotAddUp for
    figures of tasks that do not (the other kinds are checked where they are made).
    """
    key = key_of(kind, scope, window)
    if window.last >= local_day(now):
        raise NotAllowed(
            f"Kỳ {window.title} đến hết ngày {window.last:%d/%m/%Y} mới xong nên chưa chốt được."
        )
    _ensure_sound(kind, figures)
    made = closed.add(connection, key, window.last, figures, actor, now)
    if made is None:
        raise _already(closed.versions(connection, key), window)
    return _standing((made,))


def amend(
    connection: Connection,
    kind: str,
    scope: Scope,
    window: Window,
    figures: Figures,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Frozen:
    """Adds what the figures of the window's last day are now as the next version.

    Raises NotAllowed without a reason, for a window that was never closed, when nothing differs, when a
    stored version was tampered with, and when somebody else was faster; DoesNotAddUp as ``close``.
    """
    key = key_of(kind, scope, window)
    if not reason.strip():
        raise NotAllowed("Đính chính phải nêu lý do.")
    known = closed.versions(connection, key)
    before = _frozen(known)
    if before is None:
        raise NotAllowed(f"Kỳ {window.title} chưa chốt nên chưa có gì để đính chính.")
    _ensure_sound(kind, figures)
    ours = [wrong for wrong in closed.verify(connection) if wrong.key == _stored(key)]
    if ours:
        raise NotAllowed(
            "Số liệu đã chốt không còn nguyên vẹn nên không đính chính được: "
            + "; ".join(broken_words(wrong) for wrong in ours)
        )
    if not drift(before, figures):
        raise NotAllowed("Không có ô nào khác số liệu đã chốt, nên không có gì để đính chính.")
    made = closed.add(
        connection, key, window.last, figures, actor, now, after=known[-1], reason=reason.strip()
    )
    if made is None:
        raise NotAllowed("Vừa có người khác đính chính báo cáo này; hãy xem lại rồi làm lại nếu còn cần.")
    return _standing((*known, made))


def drift(known: Frozen, live: Figures) -> tuple[Change, ...]:
    """What the figures of the window would be now, where that differs from those in force."""
    return changes(known.figures, live)


def heading(known: Frozen) -> tuple[str, ...]:
    """What stands above a closed report: when it was closed, then each amendment."""
    by = f" bởi {known.by}" if known.by else ""
    return (
        f"Đã chốt ngày {day_of(known.closed_at)}{by} (mã {known.hash[:12]}).",
        *(
            f"Đính chính lần {each.number} ngày {day_of(each.at)} (mã {each.hash[:12]}): "
            f"{each.reason.rstrip('.')}. Các ô đổi: {listed(each.changes)}."
            for each in known.amendments
        ),
    )


def drift_words(found: tuple[Change, ...]) -> str:
    """The remark on figures that would be different today; empty when none is."""
    if not found:
        return ""
    return (
        f"Chú ý: tính lại hôm nay thì {len(found)} ô khác số đã chốt mà chưa có đính chính: {listed(found)}. "
        "Nếu số mới đúng: dondoc report amend … --reason “lý do”."
    )


def listed(found: tuple[Change, ...]) -> str:
    """The changed cells in words, the first twenty of them."""
    shown = "; ".join(change.words for change in found[:_MOST_SHOWN])
    more = len(found) - _MOST_SHOWN
    return f"{shown}; và {more} ô khác" if more > 0 else shown


def scope_words(scope: str) -> str:
    """``Scope.key`` for people."""
    plans, _, unit = scope.partition("|")
    of = "mọi kế hoạch" if plans == "*" else f"kế hoạch {plans.replace('+', ', ')}"
    return of if unit in ("*", "") else f"{of}, đơn vị {unit}"


def broken_words(wrong: closed.Broken) -> str:
    """One version that is not what was written, for people."""
    key = wrong.key
    which = f"đính chính lần {wrong.version}" if wrong.version else "bản chốt"
    row = f" (dòng số {wrong.row})" if wrong.row is not None else ""
    return (
        f"{KINDS.get(key.kind, key.kind)}, {scope_words(key.scope)}, "
        f"kỳ {key.first:%d/%m/%Y}–{key.last:%d/%m/%Y}, {which}{row}: {wrong.what}"
    )


def all_closed(connection: Connection) -> tuple[Frozen, ...]:
    """Every closed report with its amendments, the last windows first."""
    by_key: dict[Key, list[Version]] = {}
    for version in closed.everything(connection):
        by_key.setdefault(version.key, []).append(version)
    return tuple(_standing(tuple(versions)) for versions in by_key.values())


def ensure_over(window: Window, now: datetime) -> None:
    """Raises NotAllowed while the window lasts."""
    if window.last >= local_day(now):
        raise NotAllowed(
            f"Kỳ {window.title} đến hết ngày {window.last:%d/%m/%Y} mới xong nên chưa chốt được."
        )


def _ensure_sound(kind: str, figures: Figures) -> None:
    if kind == "tasks":
        ensure(figures)


def _already(versions: tuple[Version, ...], window: Window) -> NotAllowed:
    first = versions[0]
    return NotAllowed(
        f"Kỳ {window.title} đã chốt ngày {day_of(first.at)} (mã {first.hash[:12]}); "
        "số liệu đã chốt chỉ sửa bằng đính chính: dondoc report amend"
    )


def _stored(key: Key) -> Key:
    return Key(key.kind, key.stored_scope, key.first, key.last)


def _frozen(versions: tuple[Version, ...]) -> Frozen | None:
    return _standing(versions) if versions else None


def _standing(versions: tuple[Version, ...]) -> Frozen:
    """Of at least one version."""
    first = versions[0]
    figures: list[Mapping[str, object]] = [version.values for version in versions]
    return Frozen(
        key=first.key,
        day=first.day,
        closed_at=first.at,
        by=first.by,
        hash=first.hash,
        first=figures[0],
        figures=figures[-1],
        amendments=tuple(
            Amendment(v.version, v.at, v.by, v.reason, v.hash, changes(before, after))
            for v, before, after in zip(versions[1:], figures, figures[1:], strict=False)
        ),
    )


def day_of(instant: datetime) -> str:
    """The day of an instant in Viet Nam, dd/mm/yyyy."""
    return f"{local_day(instant):%d/%m/%Y}"
