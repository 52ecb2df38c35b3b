"""A home on disk: the smallest unit files, calendar, rules and plan that stand."""

from __future__ import annotations

from pathlib import Path

from tests.cast import RULES

UNITS = """\
units:
  - {id: tinh, name: UBND tỉnh Thử, level: province, kind: committee, form: tỉnh}
  - {id: tinh.an, name: UBND huyện An, level: district, kind: committee, form: huyện}
  - {id: tinh.an.noi-vu, name: Phòng Nội vụ, level: district, kind: department}
  - {id: tinh.an.van-hoa, name: Phòng Văn hóa, aliases: [Phòng VH&TT], level: district, kind: department}
  - {id: tinh.an.van-phong, name: Văn phòng, level: district, kind: department}
  - {id: tinh.an.mot, name: UBND xã Một, level: commune, kind: committee, form: xã}
  - {id: tinh.an.hai, name: UBND xã Hai, level: commune, kind: committee, form: xã}
groups:
  - {id: cac-xa, name: UBND các xã, select: {kind: committee, level: commune, form: [xã]}}
  - {id: cac-truong, name: Các trường học, members: unlisted}
"""

CALENDAR = """\
years:
  - year: 2022
    source: thử
    days_off:
      - {date: 03/01/2022, name: Nghỉ bù, source: thử}
  - year: 2023
    source: thử
    days_off:
      - {date: 02/01/2023, name: Nghỉ bù, source: thử}
      - {date: 01/05/2023, name: Quốc tế lao động, source: thử}
  - year: 2024
    source: thử
    days_off:
      - {date: 01/01/2024, name: Tết Dương lịch, source: thử}
"""

HEAD = """\
plan:
  id: an-2023
  number: 15/KH-UBND
  title: Kế hoạch thử
  issuer: UBND huyện An
  issued: 01/03/2023
  year: 2023
  monitor: Văn phòng
"""

TASKS = """\
tasks:
  - appendix: Phụ lục 1
  - section: II. Tuyên truyền
  - stt: 1
    title: Ban hành kế hoạch
    lead: Phòng Nội vụ
    coordinating: UBND các xã; Phòng VH&TT
    deadline: 31/3/2023
    deliverable: Kế hoạch
"""


def furnish(home: Path, plan: str = HEAD + TASKS) -> Path:
    """Fills an empty home."""
    (home / "plans" / "units" / "tinh.yaml").write_text(UNITS, encoding="utf-8")
    (home / "rules" / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
    (home / "rules" / "thu.yaml").write_text(RULES, encoding="utf-8")
    (home / "plans" / "an-2023.yaml").write_text(plan, encoding="utf-8")
    return home
