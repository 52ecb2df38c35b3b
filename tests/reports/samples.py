"""Reports as the office gets them: a table of 60 units, and Biểu mẫu 1."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.reports.document import Column, Content, ReportDocument, Row, Table, Value

DAY = date(2023, 6, 14)
NUMBERS = (
    Column("assigned", "Được giao", Content.COUNT, 10, sums=True),
    Column("done_on_time", "Hoàn thành đúng hạn", Content.COUNT, 12, sums=True),
    Column("done_late", "Hoàn thành quá hạn", Content.COUNT, 12, sums=True),
    Column("done", "Đã hoàn thành", Content.COUNT, 12, parts=("done_on_time", "done_late")),
    Column("open_within_time", "Đang làm, trong hạn", Content.COUNT, 12, sums=True),
    Column("open_overdue", "Đang làm, quá hạn", Content.COUNT, 12, sums=True),
    Column("no_deadline", "Không có thời hạn", Content.COUNT, 12, sums=True),
    Column("share", "Tỷ lệ hoàn thành", Content.SHARE, 11, share=("done", "assigned")),
)
CHARTED = ("done_on_time", "done_late", "open_within_time", "open_overdue", "no_deadline")


def percent(part: int, whole: int, places: int = 1) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def counted(name: str, parts: tuple[int, ...], stt: int | None = None) -> dict[str, Value]:
    done = parts[0] + parts[1]
    keys = dict(zip(CHARTED, parts, strict=True))
    whole = sum(parts)
    return {
        "stt": stt,
        "name": name,
        "assigned": whole,
        **keys,
        "done": done,
        "share": percent(done, whole),
    }


def units_table(count: int = 60) -> Table:
    """``count`` units of one district, some without work, and their total."""
    kinds = ("Ủy ban nhân dân xã", "Ủy ban nhân dân thị trấn", "Phòng Tài nguyên và Môi trường huyện")
    parts = [((7 * n) % 23, n % 4, (5 * n) % 11, n % 3, n % 2) if n % 9 else (0,) * 5 for n in range(count)]
    rows = tuple(Row(counted(f"{kinds[n % 3]} số {n + 1}", each, n + 1)) for n, each in enumerate(parts))
    total = tuple(sum(column) for column in zip(*parts, strict=True))
    return Table(
        title="Kết quả theo đơn vị",
        columns=(Column("stt", "STT", Content.COUNT, 6), Column("name", "Đơn vị", width=40), *NUMBERS),
        rows=rows,
        total=Row(counted("Tổng cộng", total)),
        notes=("Đơn vị tính: lượt giao (nhiệm vụ × đơn vị × mốc × kỳ).",),
        charted=CHARTED,
        sheet="Theo đơn vị",
    )


def levels_table() -> Table:
    """Two levels as headings with their units below: the rows add up twice over."""
    rows, sums = [], []
    for level, size in (("Cấp huyện", 2), ("Cấp xã", 3)):
        parts = [(n + size, n, 2, 1, 0) for n in range(size)]
        whole = tuple(sum(column) for column in zip(*parts, strict=True))
        sums.append(whole)
        rows.append(Row(counted(level, whole), strong=True))
        rows += [Row(counted(f"{level} {n + 1}", each), level=1) for n, each in enumerate(parts)]
    total = tuple(sum(column) for column in zip(*sums, strict=True))
    return Table(
        title="Kết quả theo cấp",
        columns=(Column("name", "Cấp", width=34), *NUMBERS),
        rows=tuple(rows),
        total=Row(counted("Tổng cộng", total)),
        charted=CHARTED,
        sheet="Theo cấp",
    )


def tasks_table() -> Table:
    """Rows of a document, one of which begins like a formula."""
    titles = (
        '=HYPERLINK("http://x.example";"Bấm vào đây")',
        "+84 là đầu số của đường dây nóng tiếp nhận phản ánh, kiến nghị về quy định hành chính",
        "- Rà soát, đơn giản hóa thủ tục hành chính; gửi kết quả về Văn phòng UBND",
        "@ Công khai thủ tục hành chính",
    )
    states = ("Hoàn thành đúng hạn", "Quá hạn", "Trong hạn", "Không có thời hạn")
    return Table(
        title="Kết quả theo nhiệm vụ",
        columns=(
            Column("stt", "STT", width=7),
            Column("title", "Nhiệm vụ", width=60),
            Column("due", "Thời hạn", Content.DATE, 12),
            Column("state", "Kết quả", width=22),
            Column("late", "Ngày làm việc bị chậm", Content.COUNT, 12),
        ),
        rows=tuple(
            Row(
                {
                    "stt": f"{n}.",
                    "title": title,
                    "due": date(2023, n, 14) if n < 4 else None,
                    "state": state,
                    "late": 1234 if n == 2 else None,
                }
            )
            for n, (title, state) in enumerate(zip(titles, states, strict=True), start=1)
        ),
        sheet="Theo nhiệm vụ",
    )


def tasks_report() -> ReportDocument:
    return ReportDocument(
        title="Báo cáo tình hình, kết quả thực hiện nhiệm vụ được giao 6 tháng đầu năm 2023",
        subtitle="Kỳ báo cáo từ 15/12/2022 đến 14/06/2023; số liệu tính đến hết ngày 14/06/2023",
        issuer="UBND huyện An Dương",
        day=DAY,
        tables=(units_table(), levels_table(), tasks_table()),
        notes=("Ô trống là chưa có số liệu, không phải bằng 0.",),
        paragraphs=(
            "I. KẾT QUẢ CHUNG",
            "Trong kỳ có 1.387 lượt giao; đã hoàn thành 1.386 lượt, đạt 99,93 % số lượt được giao.",
            "II. ĐỀ NGHỊ",
            "Các đơn vị còn nhiệm vụ quá hạn khẩn trương hoàn thành và báo cáo nguyên nhân.",
        ),
    )


def form1() -> ReportDocument:
    def row(stt: str, name: str, unit: str, value: Value, level: int = 0) -> Row:
        cells = {"stt": stt, "name": name, "unit": unit, "value": value, "note": None}
        return Row(cells, level=level, strong=not level)

    table = Table(
        title="Biểu mẫu 1: Công tác chỉ đạo, điều hành cải cách hành chính",
        columns=(
            Column("stt", "STT", width=6),
            Column("name", "Tiêu chí", width=52),
            Column("unit", "Đơn vị tính", width=12),
            Column("value", "Số liệu thống kê", Content.NUMBER, 12),
            Column("note", "Ghi chú", width=16),
        ),
        rows=(
            row("2.", "Thực hiện nhiệm vụ theo kế hoạch cải cách hành chính", "", None),
            row("2.1.", "Số nhiệm vụ đề ra trong kế hoạch", "Nhiệm vụ", 38, 1),
            row("2.2.", "Số nhiệm vụ đã hoàn thành", "Nhiệm vụ", 23, 1),
            row("", "Tỷ lệ hoàn thành (trên số nhiệm vụ đề ra)", "%", Decimal("60.5"), 1),
            row("4.", "Thực hiện nhiệm vụ cấp trên giao", "", None),
            row("4.1.", "Tổng số nhiệm vụ được giao", "Nhiệm vụ", 1387, 1),
            row("4.2.", "Số nhiệm vụ đã hoàn thành đúng hạn", "Nhiệm vụ", 1386, 1),
            row("", "Tỷ lệ đúng hạn (trên tổng số nhiệm vụ được giao)", "%", Decimal("99.93"), 1),
            row("4.4.", "Số nhiệm vụ quá hạn chưa hoàn thành", "Nhiệm vụ", None, 1),
        ),
        sheet="Biểu mẫu 1",
    )
    return ReportDocument(
        title="Biểu mẫu 1: Công tác chỉ đạo, điều hành cải cách hành chính",
        subtitle="6 tháng đầu năm 2023, từ 15/12/2022 đến 14/06/2023",
        issuer="UBND xã An Thanh",
        day=DAY,
        tables=(table,),
    )
