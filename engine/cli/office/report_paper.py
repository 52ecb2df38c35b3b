"""``report template``: the Word template of reports, to make one's own from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.frame import HERE, HomeOption
from engine.cli.office.report_asked import report_app
from engine.cli.output import say
from engine.errors import DondocError, os_reason


@report_app.command("template", help="Ghi mẫu Word của báo cáo ra tệp, để sửa thành mẫu của cơ quan.")
def template(
    file: Annotated[Path, typer.Argument(metavar="TỆP.docx", help="Tệp mẫu sẽ ghi; không ghi đè.")],
    home: HomeOption = HERE,
) -> None:
    # heavy: python-docx
    from engine.reports.word_places import BLOCKS, LINES
    from engine.reports.word_template import OWN_TEMPLATE, default_template

    if file.suffix.lower() != ".docx":
        raise typer.BadParameter(f"“{file}” phải có đuôi .docx")
    try:
        with file.open("xb") as target:
            target.write(default_template())
    except FileExistsError:
        raise DondocError(f"Đã có tệp {file}; chọn tên khác.") from None
    except OSError as error:
        raise DondocError(f"Không ghi được tệp {file}: {os_reason(error)}") from error
    say(f"Đã ghi mẫu báo cáo ra {file}. Sửa bằng Word; báo cáo điền vào các chỗ:")
    for name, meaning in {**LINES, **BLOCKS}.items():
        say(f"  {{{{{name}}}}}: {meaning}")
    say(f"Dùng một lần: dondoc report … --docx TỆP --template {file}")
    say(f"Dùng luôn: đặt mẫu vào {home / OWN_TEMPLATE}")
