"""``dondoc test``: runs the rule tests of the home; a rule that no test covers fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.frame import HERE, HomeOption, app
from engine.cli.output import console, print_problems, say

if TYPE_CHECKING:
    from engine.ruleset.run_tests import Outcome


@app.command("test", help="Chạy các phép thử luật trong rules/tests/; luật chưa có phép thử cũng là lỗi.")
def run(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="TỆP", help="Chỉ chạy những tệp này; bỏ trống là tất cả.", show_default=False),
    ] = None,
    home: HomeOption = HERE,
) -> None:
    """Exit status 1 when a test fails or, running them all, a rule has none."""
    # heavy: the rules engine
    from engine.cli.files.testing import run_tests
    from engine.errors import Severity

    ran = run_tests(home, files or ())
    contents = {source.shown: source.data for source in ran.sources}
    failed = [outcome for outcome in ran.outcomes if not outcome.passed]
    _show(failed)
    print_problems(ran.problems, sources=contents, to_stdout=True)
    checks = sum(outcome.checks for outcome in ran.outcomes)
    passed = len(ran.outcomes) - len(failed)
    say(f"{passed}/{len(ran.outcomes)} phép thử đạt ({checks} lần so sánh, {ran.rules} luật).")
    errors = any(problem.severity is Severity.ERROR for problem in ran.problems)
    if failed or errors:
        raise typer.Exit(1)


def _show(failed: Sequence[Outcome]) -> None:
    if not failed:
        return
    # heavy: only where something is shown to a person
    from rich.text import Text

    shown = console()
    for outcome in failed:
        shown.print(
            Text(f"Không đạt: {outcome.name} ({outcome.file}, dòng {outcome.line})", style="bold red")
        )
        for line in _indented(outcome.details):
            shown.print(Text(line), soft_wrap=True)
        shown.print()


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"  {line}" for line in lines)
