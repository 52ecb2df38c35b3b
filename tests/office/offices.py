"""A small home with files, for commands: six offices, five tasks, and a way to run ``dondoc`` on it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.installation.opening import open_installation, ruleset_in_force, sync_installation
from engine.tracking.progress import VIETNAM
from tests.cast import RULES
from tests.cli.command_line import Answer, dondoc

NOI_VU = "huyen.noi-vu"
VAN_HOA = "huyen.van-hoa"
VAN_PHONG = "huyen.van-phong"
MOT, HAI = "huyen.mot", "huyen.hai"

REPORT = f"thu-2023:1:{NOI_VU}"
FORMULA = f"thu-2023:2:{MOT}"
FORMULA_TOO = f"thu-2023:2:{HAI}"
ALWAYS = f"thu-2023:3:{VAN_HOA}"
EVENT = "thu-2023:4"
UNDATED = f"thu-2023:5:{VAN_HOA}"

UNITS = """
units:
- {id: huyen, name: UBND huyện Thử, level: district, kind: committee, form: huyện}
- {id: huyen.noi-vu, name: Phòng Nội vụ, level: district, kind: department}
- id: huyen.van-hoa
  name: Phòng Văn hóa và Thông tin
  aliases: [Phòng VH&TT]
  level: district
  kind: department
- {id: huyen.van-phong, name: Văn phòng HĐND và UBND, level: district, kind: department}
- {id: huyen.mot, name: UBND xã Một, level: commune, kind: committee, form: xã}
- {id: huyen.hai, name: UBND xã Hai, level: commune, kind: committee, form: xã}
groups:
- {id: cac-xa, name: UBND các xã, select: {kind: committee, level: commune, form: [xã]}}
"""

PLAN = """
plan:
  id: thu-2023
  number: 15/KH-UBND
  title: Kế hoạch thử năm 2023
  issuer: UBND huyện Thử
  issued: 01/03/2023
  year: 2023
  monitor: Văn phòng HĐND và UBND
tasks:
- stt: "1"
  id: "1"
  title: Báo cáo kết quả
  lead: Phòng Nội vụ
  deadline: Trước 01/4/2023
  deliverable: Báo cáo
- stt: "2"
  id: "2"
  title: =HYPERLINK("http://xau.example"; "bấm vào đây")
  lead: UBND các xã
  coordinating: Phòng Nội vụ
  deadline: Trước 29/4/2023
  deliverable: Kế hoạch
- {stt: "3", id: "3", title: Tuyên truyền, lead: Phòng VH&TT, deadline: Thường xuyên, deliverable: Tin bài}
- {stt: "4", id: "4", title: Góp ý, lead: UBND các xã, deadline: Khi có yêu cầu, deliverable: Văn bản}
- {stt: "5", id: "5", title: Việc chưa có hạn, lead: Phòng VH&TT, deadline: "", deliverable: Văn bản}
"""

MORE_PLAN = """
plan:
  id: them-2023
  number: 16/KH-UBND
  title: Kế hoạch thêm
  issuer: UBND huyện Thử
  issued: 01/03/2023
  year: 2023
  monitor: Văn phòng HĐND và UBND
tasks:
- {stt: "1", id: "1", title: +cộng, lead: Phòng Nội vụ, deadline: Trước 15/4/2023, deliverable: Báo cáo}
- {stt: "2", id: "2", title: "-trừ", lead: Phòng Nội vụ, deadline: Trước 16/4/2023, deliverable: Báo cáo}
- {stt: "3", id: "3", title: "@a còng", lead: Phòng Nội vụ, deadline: Trước 18/4/2023, deliverable: Báo cáo}
"""


def calendar_text() -> str:
    """A calendar from 2022 to after next year, in which today and tomorrow are working days."""
    today = datetime.now(VIETNAM).date()
    lines = ["years:"]
    for year in range(2022, today.year + 3):
        extra = [d for d in (today, today + timedelta(days=1)) if d.year == year and d.weekday() >= 5]
        off = ["01/05/2023", "02/05/2023"] if year == 2023 else []
        lines += [f"- year: {year}", "  source: thử", f"  days_off: [{_days(off)}]"]
        lines += [f"  working_days: [{_days([f'{d:%d/%m/%Y}' for d in extra])}]"]
    return "\n".join(lines) + "\n"


def _days(days: list[str]) -> str:
    return ", ".join(f"{{date: {day}, name: thử, source: thử}}" for day in days)


def make_home(folder: Path) -> None:
    """A home whose database is in line with its files and whose rules are in force."""
    (folder / "plans" / "units").mkdir(parents=True)
    (folder / "rules").mkdir()
    write(folder, "plans/units/thu.yaml", UNITS)
    write(folder, "plans/thu-2023.yaml", PLAN)
    write(folder, "rules/thu.yaml", RULES)
    write(folder, "rules/calendar.yaml", calendar_text())
    installation = open_installation(folder)
    assert [p for p in installation.home.problems if p.severity == "error"] == []
    sync_installation(installation, datetime(2023, 3, 1, 2, tzinfo=UTC))
    ruleset_in_force(installation, datetime(2023, 3, 1, 2, tzinfo=UTC))
    installation.engine.dispose()


def write(home: Path, file: str, text: str) -> Path:
    """Puts a text file into a home."""
    path = home / file
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Office:
    """A home of a test's own."""

    home: Path

    def __call__(self, *words: str | Path) -> Answer:
        """Runs a command on this home."""
        return dondoc(*words, "--home", self.home)

    def good(self, *words: str | Path) -> Answer:
        """Runs a command that must succeed."""
        answer = self(*words)
        assert answer.status == 0, answer.err
        return answer

    def refused(self, *words: str | Path, status: int = 1) -> str:
        """Runs a command that must fail and write nothing; gives back what it says."""
        before = self.content()
        answer = self(*words)
        assert (answer.status, answer.out) == (status, "")
        assert self.content() == before
        return answer.err

    def write(self, file: str, text: str) -> Path:
        """Puts a text file into the home."""
        return write(self.home, file, text)

    def assignment(self, id: str, *words: str) -> dict[str, Any]:
        """One row of ``dondoc assignments``."""
        rows = self.good("assignments", "--json", *words).json
        [found] = [row for row in rows if row["id"] == id]
        return dict(found)

    def say(self, id: str, kind: str, day: date, *words: str) -> None:
        """Records what a unit said on a day."""
        self.good("submit", id, kind, "--at", day.isoformat(), *words)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with sqlite3.connect(self.home / "dondoc.db") as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found

    def content(self) -> list[str]:
        """Everything in the database."""
        connection = sqlite3.connect(self.home / "dondoc.db")
        found = list(connection.iterdump())
        connection.close()
        return found


def copy_of(home: Path, folder: Path) -> Office:
    """A copy that a test may change."""
    shutil.copytree(home, folder)
    return Office(folder)
