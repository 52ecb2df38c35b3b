"""``dondoc check``: what is wrong with the files, where, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, app
from engine.cli.output import print_problems, say

if TYPE_CHECKING:
    from engine.installation.sources import Source

_KINDS = {
    "plan": "kế hoạch",
    "units": "tệp đơn vị",
    "rules": "tệp luật",
    "calendar": "lịch ngày nghỉ",
    "tests": "tệp phép thử",
}


@app.command("check", help="Kiểm tra kế hoạch, luật, đơn vị và lịch: mọi lỗi kèm dòng, cột và cách sửa.")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="TỆP", help="Chỉ kiểm tra những tệp này; bỏ trống là cả thư mục.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Exit status 1 when there is an error; warnings alone are 0."""
    # heavy: pydantic, the grammar and the rules
    from engine.installation.checking import check_files, check_home

    checked = check_files(home, files) if files else check_home(home)
    contents = {source.shown: source.data for source in checked.sources}
    print_problems(checked.problems, as_json, sources=contents, to_stdout=True)
    if not as_json and not checked.problems:
        say(f"Đã kiểm tra {_counted(checked.sources)}: không có lỗi.")
    elif not as_json and not checked.has_errors:
        say(f"Đã kiểm tra {_counted(checked.sources)}: dùng được; nên xem lại các cảnh báo trên.")
    if checked.has_errors:
        raise typer.Exit(1)


def _counted(sources: Sequence[Source]) -> str:
    """ "4 kế hoạch, 9 tệp luật, lịch ngày nghỉ"."""
    counts = Counter(source.kind.value for source in sources)
    words = [f"{counts[kind]} {name}" for kind, name in _KINDS.items() if counts[kind]]
    return ", ".join(words)
