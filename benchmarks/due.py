"""One tick of a whole country: 3,321 communes below 34 provinces, 100,000 duties late since yesterday.

    python -m benchmarks.due [100000]

Each province issues one plan whose tasks all its communes lead; every unit has a contact. The tick tells
everything for the first time, a second one in the same slot sends the messages to a mail server in another
process, a third one, a quarter of an hour later, finds nothing new.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import mail_sink, step, table
from benchmarks.country import COMMUNES, province_ids, write_home
from benchmarks.steps import Measured
from benchmarks.tick import databases

HEADINGS = ("CSDL", "bước", "giây", "giây CPU", "RSS MB", "việc", "thông báo", "tin", "gửi", "tin/giây")
_GROUP = """
groups:
  - id: cac-xa
    name: UBND các xã
    select: {kind: committee, level: commune, form: [xã]}
"""
_TASK = """
  - stt: {n}
    title: Rà soát, cập nhật quy trình nội bộ giải quyết thủ tục hành chính, đợt {n}
    lead: UBND các xã
    deadline: Ngày 12/6/2026
    deliverable: Báo cáo kết quả
"""


def build_country(folder: Path, notices: int) -> int:
    """Writes a home whose plans make at least so many assignments; gives back the tasks of each."""
    write_home(folder)
    (folder / "plans" / "units" / "nhom.yaml").write_text(_GROUP, encoding="utf-8")
    tasks = -(-notices // COMMUNES)
    for number, province in enumerate(province_ids(), start=1):
        head = [
            "plan:",
            f"  id: {province}-2026",
            f"  number: {number}/KH-UBND",
            f"  title: Kế hoạch cải cách hành chính của tỉnh Số {number}",
            f"  issuer: UBND tỉnh Số {number}",
            "  issued: 05/01/2026",
            "  year: 2026",
            f"  monitor: UBND tỉnh Số {number}",
            "tasks:",
        ]
        text = "\n".join(head) + "".join(_TASK.format(n=n) for n in range(1, tasks + 1))
        (folder / "plans" / f"{province}-2026.yaml").write_text(text, encoding="utf-8")
    return tasks


def _steps(home: Path, url: str | None) -> Iterator[tuple[str, Measured]]:
    yield "đồng bộ", step("due-sync", home, url)
    step("addresses", home, url)
    yield "lượt", step("due-tick", home, url)
    with mail_sink() as sink:
        sending = step("due-send", home, url, sink.url)
        mails, different = sink.counted()
        if not mails == different == sending.counts["sent"]:
            raise RuntimeError(f"{mails} mails arrived, {different} different ones, of {sending.counts}")
        yield "gửi", sending
    yield "lượt không có gì mới", step("due-idle", home, url)


def main(notices: int) -> None:
    """Prints the table."""
    rows = []
    with databases() as urls:
        for kind, url in urls.items():
            with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as folder:
                home = Path(folder) / "home"
                build_country(home, notices)
                for name, result in _steps(home, url):
                    counts = result.counts
                    sent = counts.get("sent", 0)
                    row = (kind, name, result.wall, result.cpu, round(result.peak_mb))
                    shown = (counts.get(key, "–") for key in ("assignments", "notices", "messages"))
                    rows.append((*row, *shown, sent or "–", round(sent / result.wall) if sent else "–"))
                    print(f"# {kind}, {name}: {result}", file=sys.stderr)
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
