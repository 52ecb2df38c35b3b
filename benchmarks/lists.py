"""The office's lists over a million assignments: ``python -m benchmarks.lists [ASSIGNMENTS]``.

Each request goes through the whole application as a signed-in manager's browser sends it: routing, session,
database, template. One hundred requests of the overdue list with varied filters, then each other page, and
a hundred units' own pages by link, on SQLite and on PostgreSQL. The figures of a row, in milliseconds:
median, 95th percentile and slowest by the clock, and the first two in time of this process's processor;
PostgreSQL works in processes of its own.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import structlog
from starlette.testclient import TestClient

from benchmarks.children import table
from benchmarks.country import ASSIGNMENTS, NOW, PROVINCES, commune_ids, fill, province_ids, write_home
from engine.installation.opening import open_installation
from engine.store.access import links
from engine.store.database import writing
from tests.postgres import running_postgres
from tests.web.sites import Clock, Web
from web.site import Site

REQUESTS = 100
_HEADINGS = ("CSDL", "trang", "lượt", "trung vị", "p95", "lâu nhất", "CPU trung vị", "CPU p95")


def _overdue(dice: random.Random) -> Iterator[str]:
    """Addresses of the overdue list as an office would ask: with none to three filters."""
    fields = {
        "ke-hoach": [f"trung-uong-{n}-2026" for n in range(1, 7)]
        + [f"tinh-{p:02}-{n}-2026" for p in range(1, PROVINCES + 1) for n in range(1, 5)],
        "don-vi": [*province_ids(), *commune_ids()[::100]],
        "cap": ["xa", "tinh"],
        "cham": ["den-7", "8-30", "tren-30"],
        "chu-y": ["chua-tiep-nhan", "xin-gia-han", "khong-thuoc", "cho-xac-nhan"],
        "tim": ["so hoa", "thanh toan", "thu nghiem 12", "bao cao", "KH-UBND", "đợt 77", "khong co gi"],
        "xep": ["moi", "don-vi"],
        "trang": ["2", "3", "40", "1000"],
    }
    while True:
        chosen = dice.sample(sorted(fields), dice.choice([0, 1, 2, 3]))
        query = "&".join(f"{name}={dice.choice(fields[name])}" for name in chosen)
        yield f"/qua-han?{query}"


def _pages() -> dict[str, list[str]]:
    dice = random.Random(7)
    overdue = _overdue(dice)
    provinces = province_ids()
    return {
        "Quá hạn, lọc khác nhau": [next(overdue) for _ in range(REQUESTS)],
        "Quá hạn, không lọc": ["/qua-han"] * 20,
        "Quá hạn, cấp xã": ["/qua-han?cap=xa"] * 20,
        "Sắp đến hạn": ["/sap-den-han", *(f"/sap-den-han?don-vi={p}" for p in provinces[:19])],
        "Chờ xác nhận": ["/cho-xac-nhan", *(f"/cho-xac-nhan?don-vi={p}" for p in provinces[:19])],
        "Tất cả, không lọc": [f"/tat-ca?trang={n}" for n in (1, 2, 50, 1000, 9000) * 4],
        "Tất cả, một tỉnh": [f"/tat-ca?don-vi={p}" for p in provinces[:20]],
        "Theo đơn vị, cả nước": ["/theo-don-vi"] * 10,
        "Theo đơn vị, một tỉnh": [f"/theo-don-vi?don-vi={p}" for p in provinces[:20]],
        "Theo kế hoạch, cả nước": ["/theo-ke-hoach"] * 10,
    }


def _timed(client: TestClient, address: str) -> tuple[float, float]:
    """Milliseconds by the clock and of this process's processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = client.get(address)
    took = (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return took


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def measure(name: str, home: Path) -> list[tuple[object, ...]]:
    """One row for each kind of page, over the database that DONDOC_DATABASE_URL or the home names."""
    clock = Clock(NOW)
    web = Web(Site(home, clock), clock)
    client = web.signed_in("manager").client
    _timed(client, "/qua-han?tim=a+b")  # what one process makes once: the search index, the templates
    with writing(web.site.engine) as connection:
        tokens = [links.make(connection, [unit], "", "", now=NOW) for unit in commune_ids()[::33][:REQUESTS]]
    rows = []
    pages = {**_pages(), "Đường dẫn của một đơn vị": [f"/u/{token}" for token in tokens]}
    for page, addresses in pages.items():
        wall, processor = map(list, zip(*(_timed(client, address) for address in addresses), strict=True))
        figures = (median(wall), _p95(wall), max(wall), median(processor), _p95(processor))
        rows.append((name, page, len(addresses), *(f"{ms:.0f}" for ms in figures)))
    web.site.engine.dispose()
    return rows


def main(size: int) -> None:
    """Builds both databases and prints the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows = []
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder, running_postgres() as server:
        server.create_database("bench")
        home = Path(folder) / "home"
        write_home(home)
        for name, url in (("SQLite", f"sqlite:///{home / 'dondoc.db'}"), ("PostgreSQL", server.url("bench"))):
            os.environ["DONDOC_DATABASE_URL"] = url
            installation = open_installation(home, with_plans=False)
            started = time.perf_counter()
            fill(installation.engine, installation.home.calendar, size)
            installation.engine.dispose()
            print(f"# {name}: {size} assignments in {time.perf_counter() - started:.0f} s", file=sys.stderr)
            rows += measure(name, home)
    print(table(_HEADINGS, rows))


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdigit()), ASSIGNMENTS))
