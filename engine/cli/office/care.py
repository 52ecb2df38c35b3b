"""``backup`` and ``doctor``: keeping an installation well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import note, print_json, say


@app.command(
    "backup", help="Sao lưu cơ sở dữ liệu, kế hoạch và luật vào một tệp, nhất quán cả khi đang chạy."
)
def backup(
    file: Annotated[Path, typer.Argument(metavar="TỆP.zip", help="Tệp sao lưu sẽ ghi; không ghi đè.")],
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.store.backup import write_backup

    installation = opened(home)
    saved = write_backup(installation.engine, installation.settings.home, file, now_in_utc())
    rows = f"{sum(saved.rows.values())} dòng của {len(saved.rows)} bảng"
    say(f"Đã sao lưu {rows}, các tệp và {saved.evidence} tệp minh chứng vào {file}.")
    if saved.missing:
        note(f"Chú ý: {len(saved.missing)} tệp minh chứng không còn trên đĩa (xem: dondoc doctor).")


@app.command("doctor", help="Khám: cài đặt này có gì không ổn.")
def doctor(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    # heavy: everything it looks at
    from engine.installation.doctor import examine

    findings = examine(home, now_in_utc())
    if as_json:
        print_json([{"level": f.level, "what": f.what, "hint": f.hint} for f in findings])
    else:
        marks = {"ok": "✓", "warning": "!", "error": "✗"}
        for finding in findings:
            say(f"{marks[finding.level]} {finding.what}" + (f"\n  → {finding.hint}" if finding.hint else ""))
    if any(f.level == "error" for f in findings):
        raise typer.Exit(1)
