"""The plans, units, rules and calendar that ship with the program."""

from __future__ import annotations

from pathlib import Path

import engine
from engine.errors import DondocError

CALENDAR = "rules/calendar.yaml"
FOLDERS = ("plans", "plans/units", "rules", "rules/tests")
_PACKAGE = Path(engine.__file__).parent


def starter_folder() -> Path:
    """Where the shipped files stand: inside the installed package, or a clone's own top folder.

    DondocError when the installation lacks them.
    """
    for place in (_PACKAGE / "starter", _PACKAGE.parent):
        if (place / CALENDAR).is_file():
            return place
    raise DondocError(
        "Bản cài đặt thiếu các tệp mẫu (kế hoạch, đơn vị, luật, lịch). Hãy cài lại phần mềm dondoc."
    )


def starter_files() -> dict[str, bytes]:
    """The shipped files by their path in a home. OSError when one cannot be read."""
    top = starter_folder()
    return {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in FOLDERS
        for path in sorted((top / folder).glob("*.yaml"))
        if path.is_file()
    }
