"""``/tong-quan/xep-hang``: the ranking for emulation review, with its formula in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.figures.counts import Counts, chosen, percent
from engine.tracking.fact_types import LEVELS
from engine.tracking.ranking import FEWEST, League, Ranked, Record, leagues
from engine.units import Registry
from web.overview.asked import Asked, asked, figures_of, overview_page, refuse_wrong
from web.overview.charts import shares_chart, short
from web.overview.lines import added_up, sheet
from web.security.access import Reader, site_of
from web.site import Site

router = APIRouter()

SHOWN = 50
PAGE = 300
_CHARTED = 10
_DRAWN = ("Xong đúng hạn", "Xong quá hạn", "Quá hạn, chưa xong")

_KINDS = {
    "committee": "Ủy ban nhân dân",
    "department": "Sở, phòng, ban, văn phòng, ngành chuyên môn",
    "agency": "Cơ quan ngành dọc",
    "organisation": "Mặt trận Tổ quốc và đoàn thể",
    "press": "Báo, đài",
    "school": "Trường học",
    "team": "Tổ công tác",
    "party": "Cơ quan Đảng",
    "council": "Hội đồng nhân dân",
}


@dataclass(frozen=True, slots=True)
class Board:
    """One league as the page shows it: a part of those ranked, and where the rest is."""

    key: str
    name: str
    league: League
    shown: tuple[Ranked, ...]
    whole: str
    chart: Markup | None


@dataclass(frozen=True, slots=True)
class _Window:
    first: date
    last: date
    fewest: int
    clamped: bool


@dataclass(frozen=True, slots=True)
class _Found:
    leagues: tuple[League, ...]
    nothing_due: int
    collective: Counts


@router.get("/tong-quan/xep-hang")
def ranking(request: Request, person: Reader) -> Response:
    """The leagues of the window; one league alone, page by page, where ``khoi`` names it."""
    site = site_of(request)
    wanted, book, window, found = _asked_and_ranked(request, site)
    only = wanted.typed["khoi"]
    number = wanted.number("trang", 1, 1, 100_000)
    shown = [league for league in found.leagues if not only or only == key_of(league)]
    pages = max([1, *(-(-len(league.ranked) // PAGE) for league in shown)]) if only else 1
    number = min(number, pages)
    boards = [_board(league, book.registry, wanted, number if only else None) for league in shown]
    return overview_page(
        request,
        "overview/ranking.html",
        person,
        wanted,
        book,
        window=window,
        boards=boards,
        found=found,
        example=boards[0].league.ranked[0].record if boards and boards[0].league.ranked else None,
        name_of=book.registry.full_name,
        only=only,
        number=number,
        pages=pages,
        now=site.now(),
        sheet_address=wanted.to("/tong-quan/xep-hang.xlsx", khoi=None, trang=None),
    )


@router.get("/tong-quan/xep-hang.xlsx")
def ranking_sheet(request: Request, _person: Reader) -> Response:
    """All leagues as a spreadsheet; a unit with too few assignments has no rank."""
    site = site_of(request)
    wanted, book, window, found = _asked_and_ranked(request, site)
    refuse_wrong(wanted)
    name = book.registry.full_name
    rows = []
    for league in found.leagues:
        lines = [(ranked.rank, ranked.record) for ranked in league.ranked]
        for rank, record in [*lines, *((None, record) for record in league.too_few)]:
            numbers = (record.done_on_time, record.done_late, record.overdue, record.judged)
            score = float(record.score) * 100 if record.score is not None else None
            remark = "" if rank else f"ít hơn {window.fewest} việc nên không xếp hạng"
            rows.append((name_of(league), rank, name(record.unit), *numbers, score, remark))
    notes = (
        f"Xếp hạng thi đua – thời hạn từ {window.first:%d/%m/%Y} đến {window.last:%d/%m/%Y}",
        "Điểm = số việc xong đúng hạn ÷ (xong đúng hạn + xong quá hạn + quá hạn chưa xong) × 100",
    )
    headings = (
        *("Khối", "Hạng", "Đơn vị", "Xong đúng hạn", "Xong quá hạn", "Quá hạn chưa xong"),
        *("Tổng số đến hạn", "Điểm", "Ghi chú"),
    )
    return sheet("xep-hang", "Xếp hạng", notes, headings, rows)


def key_of(league: League) -> str:
    """The league in an address."""
    return f"{league.level}-{league.kind}"


def name_of(league: League) -> str:
    """The league for people."""
    return f"{_KINDS[league.kind]}, {LEVELS[league.level]}"


def _asked_and_ranked(request: Request, site: Site) -> tuple[Asked, Book, _Window, _Found]:
    today = site.today()
    with reading(site.engine) as connection:
        book = site.book(connection)
        wanted = asked(request, book, "tu", "den", "toi-thieu", "khoi", "trang")
        last = wanted.day("den", today)
        clamped, last = last > today, min(last, today)
        first = wanted.day("tu", date(last.year, 1, 1))
        fewest = wanted.number("toi-thieu", FEWEST, 1, 100_000)
        if first > last:
            wanted.wrong.setdefault("tu", "Ngày đầu phải không sau ngày cuối và không sau hôm nay")
        window = _Window(first, last, fewest, clamped)
        if wanted.wrong:
            return wanted, book, window, _Found((), 0, Counts())
        kept = figures_of(site).fallen_due(connection, today, first, last)
    groups = chosen(kept, wanted.plan, wanted.units)
    counted = added_up(groups, None, 0)
    registry = book.registry
    records = [
        Record(
            id,
            registry.units[id].level,
            registry.units[id].kind,
            counts.done_on_time,
            counts.done_late,
            counts.open_overdue,
            counts.open_within_time,
        )
        for id, counts in counted.items()
        if id in registry.units
    ]
    collective = Counts()
    for id, counts in counted.items():
        if id not in registry.units:
            collective += counts
    nothing_due = sum(1 for record in records if not record.judged)
    return wanted, book, window, _Found(leagues(records, fewest=fewest), nothing_due, collective)


def _board(league: League, registry: Registry, wanted: Asked, page: int | None) -> Board:
    first, most = ((page - 1) * PAGE, PAGE) if page else (0, SHOWN)
    shown = league.ranked[first : first + most]
    key, name = key_of(league), name_of(league)
    rows = [
        (
            f"{ranked.rank}. {short(registry.full_name(ranked.record.unit))}",
            [percent(part, ranked.record.judged) or 0 for part in _parts(ranked.record)],
        )
        for ranked in shown[:_CHARTED]
    ]
    chart = None
    if rows:
        text = "Mỗi thanh là tỷ lệ phần trăm trong số việc đến hạn của đơn vị; các con số có trong bảng."
        chart = shares_chart(f"khoi-{key}", name, text, _DRAWN, rows, patterns=(0, 1, 3))
    whole = wanted.to(khoi=key, trang=None) if page is None and len(league.ranked) > SHOWN else ""
    return Board(key, name, league, shown, whole, chart)


def _parts(record: Record) -> tuple[int, int, int]:
    return record.done_on_time, record.done_late, record.overdue
