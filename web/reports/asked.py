"""Which report an address asks for: kind, plan, unit, and the days it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from starlette.requests import Request

from engine.exchange.sheets import parse_day
from engine.model.plan import Reporting
from engine.notices.notice import Book
from engine.reports.tasks import Scope
from engine.reports.windows import BY_DECREE, Window, named, own, recognised
from web.overview.asked import Asked, asked

DAY_WRONG = "Ngày phải viết ngày/tháng/năm, ví dụ 31/03/2023"
_EARLIEST, _LATEST = 1990, 2200
"""Far from our own days the arithmetic of windows runs out of years."""


class ReportKind(StrEnum):
    """The reports that the page can show, as the rest of the program calls them."""

    TASKS = "tasks"
    FORM1 = "form1"
    INDICATORS = "indicators"


KINDS = {"nhiem-vu": ReportKind.TASKS, "bieu-mau-1": ReportKind.FORM1, "chi-tieu": ReportKind.INDICATORS}
"""By the word in the address."""

KIND_NAMES = {
    ReportKind.TASKS: "Kết quả thực hiện nhiệm vụ",
    ReportKind.FORM1: "Biểu mẫu 1 (cải cách hành chính)",
    ReportKind.INDICATORS: "Kết quả thực hiện chỉ tiêu",
}

PARTS_OF_YEAR = {
    **{f"{month:02}": f"Tháng {month}" for month in range(1, 13)},
    **{f"Q{number}": f"Quý {roman}" for number, roman in enumerate(("I", "II", "III", "IV"), start=1)},
    "H1": "6 tháng đầu năm",
    "H2": "6 tháng cuối năm",
    "Y": "Cả năm",
}
"""What the form offers, by the part after the year in ``Window.name``."""


@dataclass(slots=True)
class Wanted:
    """What is asked for. ``window`` None: everything up to the end of ``day``, or of today when that is None
    too. ``part`` and ``year`` fill the form in again."""

    base: Asked
    kind: ReportKind = ReportKind.TASKS
    window: Window | None = None
    day: date | None = None
    part: str = ""
    year: str = ""

    @property
    def wrong(self) -> dict[str, str]:
        """Messages by field; empty when all was understood."""
        return self.base.wrong

    @property
    def scope(self) -> Scope:
        """Plans and unit."""
        return Scope((self.base.plan,) if self.base.plan else None, self.base.unit)

    @property
    def slug(self) -> str:
        """The word of the kind in addresses and names of files."""
        return next(word for word, kind in KINDS.items() if kind is self.kind)

    def to(self, path: str, **changed: object) -> str:
        """An address of the same report."""
        return self.base.to(path, **changed)


def wanted(
    request: Request,
    book: Book,
    today: date,
    rule_of: Callable[[str | None], Reporting] = lambda _: BY_DECREE,
) -> Wanted:
    """Reads the address. ``rule_of`` tells by a plan's id when its months close."""
    found = Wanted(asked(request, book, "loai", "ky", "nam", "tu", "den"))
    typed = found.base.typed
    if word := typed["loai"]:
        if word in KINDS:
            found.kind = KINDS[word]
        else:
            found.wrong["loai"] = "Không có báo cáo này; hãy chọn trong danh sách"
    rule = rule_of(found.base.plan)
    first, last = _day(found, "tu"), _day(found, "den")
    if typed["ky"]:
        _take_named(found, rule)
        if typed["tu"] or typed["den"]:
            found.wrong["ky"] = "Chọn một kỳ, hoặc ghi ngày đầu và ngày cuối; không cả hai"
    elif not found.wrong and first is not None:
        last = last or today
        if last < first:
            found.wrong["den"] = f"Ngày cuối ({last:%d/%m/%Y}) trước ngày đầu ({first:%d/%m/%Y})"
        else:
            found.window = _recognised(first, last, rule)
    elif last is not None:
        found.day = last
    if found.window is not None and found.window.first > today:
        found.window = None
        field = "ky" if typed["ky"] else "tu"
        found.wrong[field] = "Kỳ này chưa bắt đầu nên chưa có số liệu"
    return found


def _take_named(found: Wanted, rule: Reporting) -> None:
    """A window by its whole name (2023-06), or by its part of the year beside the year."""
    typed = found.base.typed
    text = typed["ky"]
    if text in PARTS_OF_YEAR:
        found.part, found.year = text, typed["nam"]
        text = found.year if text == "Y" else f"{found.year}-{text}"
        if not (found.year.isascii() and found.year.isdigit() and len(found.year) == 4):
            found.wrong["nam"] = "Ghi năm bằng bốn chữ số, ví dụ 2023"
            return
    window = named(text, rule)
    if window is None or not _EARLIEST <= window.year <= _LATEST:
        field = "nam" if found.part else "ky"
        found.wrong[field] = "Không có kỳ này; hãy chọn trong danh sách và ghi năm, ví dụ 2023"
        return
    found.window = window
    found.year, _, part = window.name.partition("-")
    found.part = part or "Y"


def _day(found: Wanted, name: str) -> date | None:
    text = found.base.typed[name]
    if not text:
        return None
    day = parse_day(text)
    if day is None or not _EARLIEST <= day.year <= _LATEST:
        found.wrong[name] = DAY_WRONG
        return None
    return day


def _recognised(first: date, last: date, rule: Reporting) -> Window:
    try:
        return recognised(first, last, rule)
    except ValueError:  # a year without windows
        return own(first, last)
