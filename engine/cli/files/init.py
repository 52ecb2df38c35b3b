"""``dondoc init DIR``: a new home, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.files.schema import KINDS, schema_text
from engine.cli.files.starter import starter_files
from engine.cli.frame import HERE, HomeOption, app
from engine.cli.output import say
from engine.errors import DondocError, os_reason

# plans/ makes a folder a home, so it comes last.
_ORDER = ("docs", "rules", "plans")


@app.command("init", help="Tạo một thư mục làm việc mới với kế hoạch, đơn vị, luật và lịch mẫu.")
def init(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="THƯ_MỤC",
            help="Thư mục chưa có hoặc còn trống.",
            show_default="thư mục nêu ở --home",
        ),
    ] = None,
    home: HomeOption = HERE,
) -> None:
    """Copies the shipped files and the schemas for editors."""
    target = folder if folder is not None else home
    files = starter_files() | {
        f"docs/schema/{kind}.schema.json": schema_text(kind).encode() for kind in KINDS
    }
    make_home(target, files)
    plans = sum(name.startswith("plans/") and name.count("/") == 1 for name in files)
    rules = sum(name.startswith("rules/") and name.count("/") == 1 for name in files) - 1
    say(f"Đã tạo {target}: {plans} kế hoạch mẫu, sổ đơn vị, {rules} tệp luật, lịch ngày nghỉ.")
    say("Bước tiếp theo:")
    say(f"  dondoc check --home {target}     kiểm tra các tệp")
    say(f"  dondoc sync --home {target}      lập danh sách nhiệm vụ được giao")


def make_home(target: Path, files: Mapping[str, bytes]) -> None:
    """Writes ``files`` (path in the home → content) into ``target``, which is missing or empty.

    The files are written beside their place first and then moved there, so that a failure at any
    moment leaves nothing that looks like a home. DondocError when it cannot be done.
    """
    try:
        there = next(folder for folder in (target, *target.absolute().parents) if folder.exists())
        if not there.is_dir():
            raise DondocError(f"{there} là một tệp, không phải là thư mục. Hãy chọn tên khác.")
        if target.is_dir() and next(target.iterdir(), None) is not None:
            raise DondocError(
                f"Thư mục {target} không trống nên không tạo gì. Hãy chọn một thư mục mới hoặc còn trống."
            )
        _write(target, files)
    except OSError as error:
        raise DondocError(f"Không tạo được {target}: {os_reason(error)}.") from error


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    made = _missing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # An empty folder that is there stays the same folder: somebody may stand in it.
    staging = (target if target.is_dir() else target.parent) / f".dondoc-init-{os.getpid()}"
    moved: list[Path] = []
    try:
        staging.mkdir()
        for name, content in files.items():
            place = staging / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        if not target.is_dir():
            staging.rename(target)
            return
        for part in _ORDER:
            (staging / part).rename(target / part)
            moved.append(target / part)
        staging.rmdir()
    except BaseException:
        for folder in (staging, *moved):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in made:
            if folder.is_dir() and next(folder.iterdir(), None) is None:
                folder.rmdir()
        raise


def _missing(target: Path) -> list[Path]:
    """The folders that do not exist yet, the innermost first."""
    return [folder for folder in (target, *target.absolute().parents) if not folder.exists()]
