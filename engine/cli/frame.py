"""The frame of the command line: the application, its groups, the options that many commands share.

A commands module says ``from engine.cli.frame import HERE, HomeOption, app`` and decorates its functions
with ``@app.command("name", help="…")``; ``engine/cli/main.py`` imports the module. It must be light to
import: what is slow stands inside the function under ``# heavy: why``. A command that finds that the
answer is "no" raises ``typer.Exit(1)``; expected failures are DondocError and need no catching.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from engine.cli.help import VietnameseCommand, VietnameseGroup

HERE = Path()
"""The default of HomeOption: the current folder."""

_Function = TypeVar("_Function", bound=Callable[..., Any])
_VIETNAM = timezone(timedelta(hours=7))  # no summer time since 1975
_NOON = time(12)


class CommandLine(typer.Typer):
    """A Typer whose commands speak Vietnamese without being told."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            cls=VietnameseGroup,
            add_completion=False,
            no_args_is_help=True,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            **settings,
        )

    def command(
        self, name: str | None = None, *, cls: Any = VietnameseCommand, **settings: Any
    ) -> Callable[[_Function], _Function]:
        """Registers a command; ``help`` is its Vietnamese description."""
        return super().command(name, cls=cls, **settings)


def _home_in_force(context: typer.Context, value: Path) -> Path:
    """The folder named closest to the command: ``dondoc --home A check`` and ``dondoc check --home A``."""
    if _was_typed(context):
        return value
    outer = context.parent
    while outer is not None:
        if _was_typed(outer) and isinstance(found := outer.params.get("home"), Path):
            return found
        outer = outer.parent
    return value


def _was_typed(context: Any) -> bool:
    source = context.get_parameter_source("home")
    return source is not None and source.name == "COMMANDLINE"


def read_day(text: str | date) -> date:
    """A day as people write it (05/06/2023) or as programs do (2023-06-05). BadParameter otherwise."""
    if isinstance(text, date):
        return text
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise typer.BadParameter(f"“{text}” không phải là một ngày; viết như 05/06/2023 hoặc 2023-06-05")


def read_instant(text: str | datetime) -> datetime:
    """An instant in ISO 8601 as UTC; without a zone it is Viet Nam's, a bare day means its noon.

    BadParameter otherwise.
    """
    if isinstance(text, datetime):
        return text
    try:
        found = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2023-06-05"):
            found = datetime.combine(found.date(), _NOON)
    except ValueError:
        try:
            found = datetime.combine(read_day(text), _NOON)
        except typer.BadParameter:
            message = f"“{text}” không phải là một thời điểm; viết như 2023-06-05T08:00 (giờ Việt Nam)"
            raise typer.BadParameter(message) from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=_VIETNAM)).astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"“{text}” nằm ngoài khoảng thời gian tính được") from None


HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        metavar="THƯ_MỤC",
        help="Thư mục chứa plans/ và rules/.",
        show_default="thư mục hiện tại",
        callback=_home_in_force,
    ),
]
"""``home: HomeOption = HERE``: the folder that holds ``plans/`` and ``rules/``."""

JsonOption = Annotated[bool, typer.Option("--json", help="In JSON cho chương trình khác đọc.")]
"""``as_json: JsonOption = False``."""

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Chỉ cho xem, không ghi và không gửi gì.")]
PlanOption = Annotated[
    str | None, typer.Option("--plan", metavar="MÃ", help="Chỉ kế hoạch có mã này (xem dondoc plan list).")
]
UnitOption = Annotated[
    str | None, typer.Option("--unit", metavar="ĐƠN_VỊ", help="Chỉ đơn vị này: mã hoặc tên.")
]
AsOfOption = Annotated[
    date | None,
    typer.Option("--as-of", metavar="NGÀY", parser=read_day, help="Tính đến hết ngày này; mặc định hôm nay."),
]
FromOption = Annotated[
    date | None, typer.Option("--from", metavar="NGÀY", parser=read_day, help="Từ ngày này.")
]
ToOption = Annotated[
    date | None, typer.Option("--to", metavar="NGÀY", parser=read_day, help="Đến hết ngày này.")
]
AtOption = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="THỜI_ĐIỂM",
        parser=read_instant,
        help="Coi như lúc này, ví dụ 2023-06-05T08:00 (giờ Việt Nam); mặc định là bây giờ.",
    ),
]

app = CommandLine(
    name="dondoc",
    help="Đôn đốc: giao việc và theo dõi thời hạn của kế hoạch hành chính.",
    epilog="Trợ giúp của từng lệnh: dondoc LỆNH --help",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # heavy: needed for this one option only

        typer.echo(f"dondoc {version('dondoc')}")
        raise typer.Exit


@app.callback()
def _whole(
    home: HomeOption = HERE,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Hiện phiên bản.")
    ] = False,
) -> None:
    pass


def add_group(name: str, help: str) -> CommandLine:  # noqa: A002 - Typer's own word
    """A group of commands, ``dondoc NAME …``; decorate its functions with ``@group.command("…")``."""
    group = CommandLine(name=name, help=help)

    @group.callback()
    def _group(home: HomeOption = HERE) -> None:
        pass

    app.add_typer(group)
    return group
