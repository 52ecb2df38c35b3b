"""One tick with 10,000 and with 100,000 assignments, on SQLite and on PostgreSQL.

    python -m benchmarks.tick [10000 100000]

Everything that the tick tells is told for the first time: the day lies after nearly all deadlines. Then the
messages go to a mail server in another process, a second tick finds nothing new, a third one is the next day.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.children import command_line, mail_sink, step, table
from benchmarks.homes import build_home
from benchmarks.steps import Measured
from tests.postgres import running_postgres

SIZES = (10_000, 100_000)
HEADINGS = (
    "CSDL",
    "bước",
    "số việc",
    "giây",
    "giây CPU",
    "RSS MB",
    "tình huống",
    "kết luận",
    "thông báo",
    "tin",
    "gửi",
)


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """A fresh database of each kind by its name; None is the SQLite file of the home."""
    with running_postgres() as server:
        server.create_database("bench")
        yield {"SQLite": None, "PostgreSQL": server.url("bench")}


def measure(size: int) -> dict[tuple[str, str], Measured]:
    """All steps by database and name."""
    found: dict[tuple[str, str], Measured] = {}
    with databases() as urls:
        for kind, url in urls.items():
            with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
                home = Path(folder) / "home"
                plans = build_home(home, size)
                print(f"# {kind}, {size} assignments, {plans} plans", file=sys.stderr)
                for name, result in _steps(home, url):
                    found[kind, name] = result
                    print(f"  {name}: {result}", file=sys.stderr)
    return found


def _steps(home: Path, url: str | None) -> Iterator[tuple[str, Measured]]:
    yield "đọc tệp", step("load", home, url)
    yield "đồng bộ lần đầu", step("sync", home, url)
    yield "đồng bộ lại", step("sync", home, url)
    step("addresses", home, url)
    yield "lượt đầu", step("first-tick", home, url)
    with mail_sink() as sink:
        yield "gửi", step("send", home, url, sink.url)
    yield "lượt không có gì mới", step("idle-tick", home, url)
    yield "lượt ngày hôm sau", step("next-day", home, url)
    words = ["overdue", "--home", str(home), "--as-of", "2023-02-15"]
    yield "dondoc overdue --as-of", command_line([*words, "--json"], url)
    yield "dondoc overdue", command_line(["overdue", "--home", str(home)], url)


def main(sizes: list[int]) -> None:
    """Prints one table for all sizes and how the seconds grow from the first size to the last."""
    results = {size: measure(size) for size in sizes}
    rows = [
        (
            *(kind, name, r.counts.get("assignments", size), r.wall, r.cpu, round(r.peak_mb) or "–"),
            *(r.counts.get(key, "–") for key in ("situations", "findings", "notices", "messages", "sent")),
        )
        for size, found in results.items()
        for (kind, name), r in found.items()
    ]
    print(table(HEADINGS, rows))
    first, last = results[sizes[0]], results[sizes[-1]]
    growth = [
        (
            kind,
            name,
            f"{last[kind, name].wall / max(first[kind, name].wall, 0.01):.1f}",
            f"{last[kind, name].cpu / max(first[kind, name].cpu, 0.01):.1f}",
        )
        for kind, name in first
    ]
    if len(sizes) > 1:
        print(f"\n{sizes[0]} → {sizes[-1]}:\n")
        print(table(("CSDL", "bước", "giây: gấp", "CPU: gấp"), growth))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
