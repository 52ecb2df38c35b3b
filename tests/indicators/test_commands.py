"""``dondoc measure``, ``report indicators`` and ``report totals``, as people call them."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook

from tests.office.conftest import office, pristine_office
from tests.office.offices import Office

__all__ = ["office", "pristine_office"]

TABLE = """
indicators:
  - appendix: Phụ lục 2
    table: I. Cấp xã
    name: Tỷ lệ hồ sơ trực tuyến
    columns: [Tổng HS, HS trực tuyến, Tỷ lệ, Chỉ tiêu]
    target: Chỉ tiêu
    checks: [C = B / A]
    rows:
      - 1 | UBND xã Một | 200 | 100 | 50,0% | 80%
      - 2 | UBND xã Hai | 100 | 90 | 80,0% | 90%
    printed_total: 301 | 190 | 63,3% |
"""


def _with_indicators(office: Office) -> None:
    plan = office.home / "plans" / "thu-2023.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + TABLE, encoding="utf-8")
    office.good("sync")


def test_measured_reported_and_checked(office: Office, tmp_path: Path) -> None:
    _with_indicators(office)
    said = office.good("measure", "thu-2023", "UBND xã Một", "--part", "76", "--whole", "100")
    assert "Đã ghi 76 / 100" in said.out
    assert "99,5" in office.refused("measure", "thu-2023", "UBND xã Hai", "99.5")
    path = tmp_path / "chi-tieu.xlsx"
    office.good("report", "indicators", "--plan", "thu-2023", "--xlsx", str(path))
    assert load_workbook(path).sheetnames
    (table,) = office.good("report", "indicators", "--plan", "thu-2023", "--json").json["tables"]
    assert [(row["value"], row["gap"], row["rank"]) for row in table["rows"]] == [
        (76, 4, 1),
        (None, None, None),
    ]
    (checked,) = office.good("report", "totals", "--plan", "thu-2023", "--json").json
    assert [(d["row"], d["printed"], d["computed"]) for d in checked["differences"]] == [
        ("Tổng cộng", "301", "300"),
        ("2. UBND xã Hai", "80,0%", "90,0%"),
        ("Tổng cộng", "63,3%", "63,1%"),
    ]
    office.refused("measure", "thu-2023", status=2)
