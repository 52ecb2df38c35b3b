"""What every command on the database begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.output import note
from engine.errors import DondocError, Problem

if TYPE_CHECKING:
    from engine.installation.opening import Installation


def now_in_utc() -> datetime:
    """The clock: read here and in the scheduler, handed in everywhere else."""
    return datetime.now(UTC)


def today_in_vietnam(now: datetime | None = None) -> date:
    """Today's date in Viet Nam."""
    # heavy: zone files
    from engine.tracking.progress import local_day

    return local_day(now or now_in_utc())


def opened(home: Path, *, with_plans: bool = False, remark: Callable[[str], None] = note) -> Installation:
    """The installation of a home, its plan files only where asked for; ``remark`` hears of everything that
    is broken and of what stays in force instead."""
    # heavy: the database and everything under it
    from engine.installation.opening import open_installation

    installation = open_installation(home, with_plans=with_plans)
    last_good = "đang có lỗi, bản đúng gần nhất vẫn có hiệu lực (xem: dondoc check)."
    for name in _replaced(installation.home.problems):
        remark(f"Chú ý: {name} {last_good}")
    for plan in installation.home.stale:
        remark(f"Chú ý: kế hoạch {plan} {last_good}")
    for plan in installation.home.broken:
        remark(f"Chú ý: kế hoạch {plan} có lỗi và chưa có bản nào dùng được (xem: dondoc check).")
    return installation


def _replaced(problems: Iterable[Problem]) -> Iterator[str]:
    """What every plan needs and what now stands in its last good version."""
    # heavy: as above
    from engine.loading.home import CALENDAR

    wrong = [p.file for p in problems if p.severity == "error"]
    if CALENDAR in wrong:
        yield f"lịch ngày nghỉ ({CALENDAR})"
    if any(file.startswith("plans/units/") for file in wrong):
        yield "sổ đơn vị (plans/units/)"


def units_under(installation: Installation, name: str | None) -> frozenset[str] | None:
    """The ids of a unit and its subtree, or of a group's members; None for no restriction."""
    if name is None:
        return None
    # heavy: as above
    from engine.store import views
    from engine.store.database import reading
    from engine.units import NameProblem

    registry = installation.home.registry
    found = name if name in registry.units or name in registry.groups else registry.resolve(name, None)
    if isinstance(found, NameProblem):
        raise DondocError(f"{found.message}. {found.hint}".strip())
    if found not in registry.groups:
        return registry.subtree(found)
    # Who belongs to a group is a matter of the plan that names it.
    with reading(installation.engine) as connection:
        plans = views.plans(connection).values()
    return frozenset(
        (found, *(u for plan in plans for u in registry.expand(found, plan.issuer, plan.starts)))
    )


def known_plan(installation: Installation, plan: str | None) -> str | None:
    """``plan`` where the database knows it; DondocError with the nearest otherwise."""
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
        hint = f" Có phải là: {', '.join(near)}?" if near else ""
        if not known or (installation.settings.home / "plans" / f"{plan}.yaml").is_file():
            hint = " Chưa đồng bộ? Chạy: dondoc sync"
        raise DondocError(f"Không có kế hoạch mang mã “{plan}”.{hint}")
    return plan
