"""What every command on the database begins with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.output import note
from engine.errors import DondocError

if TYPE_CHECKING:
    from engine.installation import Installation


def now_in_utc() -> datetime:
    """The clock: read here and in the scheduler, handed in everywhere else."""
    return datetime.now(UTC)


def today_in_vietnam(now: datetime | None = None) -> date:
    """Today's date in Viet Nam."""
    # heavy: zone files
    from engine.progress import local_day

    return local_day(now or now_in_utc())


def opened(home: Path, *, with_plans: bool = False) -> Installation:
    """The installation of a home; with its plan files, says on standard error which ones are broken."""
    # heavy: the database and everything under it
    from engine.installation import open_installation

    installation = open_installation(home, with_plans=with_plans)
    for plan in installation.home.stale:
        note(f"Chú ý: kế hoạch {plan} đang có lỗi, bản đúng gần nhất vẫn có hiệu lực (xem: dondoc check).")
    for plan in installation.home.broken:
        note(f"Chú ý: kế hoạch {plan} có lỗi và chưa có bản nào dùng được (xem: dondoc check).")
    return installation


def units_under(installation: Installation, name: str | None) -> frozenset[str] | None:
    """The ids of a unit and its subtree, or of a group's members; None for no restriction."""
    if name is None:
        return None
    # heavy: as above
    from engine.units import NameProblem

    registry = installation.home.registry
    found = name if name in registry.units or name in registry.groups else registry.resolve(name, None)
    if isinstance(found, NameProblem):
        raise DondocError(f"{found.message}. {found.hint}".strip())
    if found in registry.groups:
        members = registry.groups[found].members
        return frozenset((found, *members))
    return registry.subtree(found)


def known_plan(installation: Installation, plan: str | None) -> str | None:
    """``plan`` where the database or the files know it; DondocError with the nearest otherwise."""
    if plan is None:
        return None
    # heavy: as above
    from engine.store import views
    from engine.store.database import reading
    from engine.vietnamese import nearest

    with reading(installation.engine) as connection:
        known = set(views.plans(connection))
    if plan not in known:
        near = nearest(plan, known)
        hint = f" Có phải là: {', '.join(near)}?" if near else " Chưa đồng bộ? Chạy: dondoc sync"
        raise DondocError(f"Không có kế hoạch mang mã “{plan}”.{hint}")
    return plan
