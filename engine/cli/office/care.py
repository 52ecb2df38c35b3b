"""``backup`` and ``doctor``: keeping an installation well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, app
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import print_json, say


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
    counts = write_backup(installation.engine, installation.settings.home, file, now_in_utc())
    say(f"Đã sao lưu {sum(counts.values())} dòng của {len(counts)} bảng và các tệp vào {file}.")


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
