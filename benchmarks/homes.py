"""Large homes: the Hải Phòng plan repeated until there are enough assignments, an address for each unit."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from engine.installation.opening import open_installation
from engine.loading.home import load_home
from engine.store.database import writing
from engine.store.people.contacts import HEAD, Contact, replace_all
from engine.tracking.assignments import expand

ROOT = Path(__file__).resolve().parents[1]
PLAN = "hai-phong-128-2022"


def build_home(folder: Path, assignments: int) -> int:
    """Writes a home with at least ``assignments`` assignments; gives back how many plans it holds.

    The copies are called hp-001, hp-002 …: a plan's id is the name of its file.
    """
    shutil.copytree(ROOT / "rules", folder / "rules")
    shutil.copytree(ROOT / "plans" / "units", folder / "plans" / "units")
    text = (ROOT / "plans" / f"{PLAN}.yaml").read_text(encoding="utf-8")
    plans = -(-assignments // _per_plan())
    for number in range(1, plans + 1):
        id = f"hp-{number:03}"
        copy, replaced = re.subn(rf"(?m)^(  id: ){PLAN}$", rf"\g<1>{id}", text, count=1)
        if replaced != 1:
            raise RuntimeError(f"plans/{PLAN}.yaml no longer names its id as expected")
        (folder / "plans" / f"{id}.yaml").write_text(copy, encoding="utf-8")
    return plans


def _per_plan() -> int:
    home = load_home(ROOT)
    plan = next(p for p in home.plans if p.id == PLAN)
    return sum(1 for _ in expand(plan, home.registry))


def give_addresses(home: Path) -> int:
    """Gives every unit an address that nobody has; as many as come back."""
    installation = open_installation(home, with_plans=False)
    contacts = [
        Contact(id, HEAD, "", f"{id.replace('.', '-')[-60:].strip('-')}@don-vi.example", "phép đo")
        for id in installation.home.registry.units
    ]
    with writing(installation.engine) as connection:
        return replace_all(connection, contacts, [c.unit for c in contacts])


def instant(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of February 2023, hours of Viet Nam: by then nearly every date of the plan is past."""
    return datetime(2023, 2, day, hour - 7, minute, tzinfo=UTC)
