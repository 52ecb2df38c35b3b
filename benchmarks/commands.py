"""How long small commands take with the shipped plans, start-up included, and a year of simulation.

    python -m benchmarks.commands

Each is run five times after one run for warming up; the fastest and the median are shown.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.children import ROOT, command_line, table

TIMES = 5
SMALL: Sequence[Sequence[str]] = (
    ("--help",),
    ("deadline", "Trước ngày 15/6/2022", "--year", "2022"),
    ("plan", "list"),
    ("overdue", "--as-of", "2022-06-20"),
    ("check",),
    ("sync", "--dry-run"),
)
YEAR = ("simulate", "--plan", "hai-phong-128-2022", "--from", "2022-05-27", "--to", "2022-12-31", "--json")


def main() -> None:
    """Prints one table."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
        home = Path(folder)
        for room in ("plans", "rules"):
            shutil.copytree(ROOT / room, home / room)
        command_line(["sync", "--home", folder])
        rows = []
        for words in (*SMALL, YEAR):
            asked = [*words] if words == ("--help",) else [*words, "--home", folder]
            if words[0] != "simulate":
                command_line(asked)
            found = [command_line(asked) for _ in range(1 if words[0] == "simulate" else TIMES)]
            walls = [each.wall for each in found]
            rows.append(
                (
                    f"`dondoc {' '.join(words)}`",
                    min(walls),
                    statistics.median(walls),
                    min(each.cpu for each in found),
                )
            )
    print(table(("lệnh", "nhanh nhất (giây)", "trung vị (giây)", "CPU (giây)"), rows))


if __name__ == "__main__":
    main()
