"""Help pages and usage lines in Vietnamese, drawn from what the commands declare."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from rich.console import Console

_HELP = "Hiện trợ giúp này rồi thoát."
_OPTIONS = "[TÙY CHỌN]"
_WIDEST = 100


class VietnameseCommand(TyperCommand):
    """A command whose help and usage line are Vietnamese."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """``--help`` with Vietnamese words."""
        return _help_option(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return help_page(self, ctx)

    def get_usage(self, ctx: Any) -> str:
        """The line that shows how the command is written."""
        return usage_line(self, ctx)


class VietnameseGroup(TyperGroup):
    """A group of commands whose help and usage line are Vietnamese."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """``--help`` with Vietnamese words."""
        return _help_option(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return help_page(self, ctx)

    def get_usage(self, ctx: Any) -> str:
        """The line that shows how the command is written."""
        return usage_line(self, ctx)


def _help_option(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = _HELP
    return option


def usage_line(command: VietnameseCommand | VietnameseGroup, context: Any) -> str:
    """ "Cách dùng: dondoc plan show [TÙY CHỌN] MÃ"."""
    pieces = [context.command_path, _OPTIONS]
    pieces += [_place(p) for p in command.get_params(context) if isinstance(p, TyperArgument)]
    if isinstance(command, VietnameseGroup):
        pieces.append("LỆNH …")
    return "Cách dùng: " + " ".join(pieces)


def help_page(command: VietnameseCommand | VietnameseGroup, context: Any) -> str:
    """The whole page, coloured when it goes to a terminal."""
    # heavy: only for the few who ask for help
    from rich.console import Console

    page = StringIO()
    console = Console(
        file=page,
        force_terminal=sys.stdout.isatty(),
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.width = min(console.width, _WIDEST)
    console.print(usage_line(command, context))
    for paragraph in _paragraphs(command.help):
        console.print(f"\n{paragraph}")
    shown = [p for p in command.get_params(context) if not getattr(p, "hidden", False)]
    if isinstance(command, VietnameseGroup):
        names = command.list_commands(context)
        found = [(n, c) for n in names if (c := command.get_command(context, n)) and not c.hidden]
        _section(console, "Lệnh", [(n, _first_paragraph(c.help)) for n, c in found])
    arguments = [(_place(p), _words(p)) for p in shown if isinstance(p, TyperArgument)]
    _section(console, "Tham số", arguments)
    options = [(_option_names(p), _words(p)) for p in shown if isinstance(p, TyperOption)]
    _section(console, "Tùy chọn", options)
    for paragraph in _paragraphs(command.epilog):
        console.print(f"\n{paragraph}")
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip("\n").splitlines())


def _section(console: Console, title: str, rows: Sequence[tuple[str, str]]) -> None:
    # heavy: as above
    from rich.table import Table

    if not rows:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for left, right in rows:
        table.add_row(f"  {left}", right)
    console.print(f"\n{title}", style="bold")
    console.print(table)


def _place(argument: TyperArgument) -> str:
    """How an argument stands in the usage line: "MÃ", "[TỆP] …"."""
    name = argument.metavar or (argument.name or "").upper()
    many = " …" if argument.nargs != 1 else ""
    return (name if argument.required else f"[{name}]") + many


def value_word(parameter: Any) -> str:
    """The word that stands for an option's value: its own, or the choices that it has."""
    if parameter.metavar:
        return str(parameter.metavar)
    choices = getattr(getattr(parameter, "type_descriptor", None), "choices", None)
    if choices:
        return "|".join(str(getattr(choice, "value", choice)) for choice in choices)
    return "GIÁ_TRỊ"


def _option_names(option: TyperOption) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag or option.count else f"{names} {value_word(option)}"


def _words(parameter: TyperArgument | TyperOption) -> str:
    words = [" ".join(parameter.help.split())] if parameter.help else []
    if parameter.required and isinstance(parameter, TyperOption):
        words.append("[bắt buộc]")
    if isinstance(parameter.show_default, str):
        words.append(f"[mặc định: {parameter.show_default}]")
    elif (
        parameter.show_default
        and isinstance(parameter.default, str | int)
        and parameter.default is not False
        and parameter.default != ""
    ):
        words.append(f"[mặc định: {parameter.default}]")
    return " ".join(words)


def _paragraphs(text: str | None) -> list[str]:
    parts = inspect.cleandoc(text or "").split("\n\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


def _first_paragraph(text: str | None) -> str:
    return next(iter(_paragraphs(text)), "")
