"""Keeps the documents honest: what they name exists, and they name no place of one machine."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMAND_LINE = ROOT / "engine" / "cli" / "main.py"

_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_MAKE = re.compile(r"(?:^|[\s`])make ([a-z][a-z-]*)", re.MULTILINE)
_DONDOC = re.compile(r"(?:^|[\s`/])dondoc ([a-z][a-z-]*)(?: ([a-z][a-z-]*)(?![\w./-]))?", re.MULTILINE)
# Written in two parts, so that this file does not name them either.
_MACHINE = re.compile(
    "|".join(["/wo" + "rk/", "/ro" + "ot/", "/fa" + "rm/", r"\.\./sha" + "red", "/Use" + "rs/"])
)
_TEXT = {
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".mako",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".txt",
}
_TEXT |= {".yaml", ".yml", ""}


def documents() -> list[Path]:
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [path for path in top if path.exists()] + sorted((ROOT / "docs").rglob("*.md"))


def repository_files() -> Iterator[Path]:
    """Text files that people wrote: nothing hidden but `.ci` and its like, nothing generated."""
    generated = {"__pycache__", "build", "dist", "htmlcov", "node_modules"}
    for entry in sorted(ROOT.iterdir()):
        if entry.name.startswith(".") and entry.name not in {
            ".ci",
            ".gitignore",
            ".editorconfig",
            ".gitattributes",
        }:
            continue
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.is_file() and path.suffix in _TEXT and not generated & set(path.parts):
                yield path


def code_in(markdown: str) -> str:
    return "\n".join(_CODE.findall(markdown))


def make_targets_named(markdown: str) -> set[str]:
    return set(_MAKE.findall(code_in(markdown)))


def commands_named(markdown: str) -> set[tuple[str, ...]]:
    """`dondoc plan list` → ("plan", "list"); what follows a command may also be its argument."""
    return {tuple(filter(None, match)) for match in _DONDOC.findall(code_in(markdown))}


def links_in(markdown: str) -> set[str]:
    found = {first or second for first, second in _LINK.findall(_CODE.sub("", markdown))}
    return {link for link in found if not re.match(r"[a-z]+:|#", link)}


def machine_paths(text: str) -> list[str]:
    return [
        f"line {number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if _MACHINE.search(line)
    ]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_make_target_named_exists(document: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    assert make_targets_named(document.read_text(encoding="utf-8")) <= targets


def test_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert set(phony.split()) == set(_TARGET.findall(makefile))
    assert set(phony.split()) == set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))


def test_every_command_named_exists(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main = importlib.import_module("engine.cli.main").main
    named = {command for path in documents() for command in commands_named(path.read_text(encoding="utf-8"))}
    unknown = []
    for command in sorted(named):
        monkeypatch.setattr(sys, "argv", ["dondoc", *command, "--help"])
        try:
            status = main()
        except SystemExit as stop:
            status = stop.code
        if status not in (None, 0):
            unknown.append(" ".join(command))
        capsys.readouterr()
    assert unknown == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_relative_link_resolves(document: Path) -> None:
    links = links_in(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link.partition("#")[0]).exists()] == []


def test_the_change_log_has_a_place_for_the_next_change() -> None:
    assert re.search(
        r"^## \[?Unreleased\]?$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )


def test_nothing_names_a_place_of_one_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in repository_files()
        if (lines := machine_paths(path.read_text(encoding="utf-8")))
    }
    assert found == {}


# --- the readers themselves ------------------------------------------------------------------------------

SAMPLE = """
Run `make test`, make haste, or [read on](docs/a.md#part), [there](https://example.org/x) or [below](#here).

```sh
make demo
dondoc plan list --json
.venv/bin/dondoc tick --dry-run
dondoc check plans/a.yaml
```

`dondoc` alone, `dondoc --home DIR`, [`not ours`](<b c.md>), `[no](link.md)`

[ref]: docs/ref.md
"""


def test_the_readers_find_what_a_document_names() -> None:
    assert make_targets_named(SAMPLE) == {"test", "demo"}
    assert commands_named(SAMPLE) == {("plan", "list"), ("tick",), ("check",)}
    assert links_in(SAMPLE) >= {"docs/a.md#part", "docs/ref.md"}
    assert not links_in(SAMPLE) & {"link.md", "https://example.org/x", "#here"}


def test_a_place_of_one_machine_is_found() -> None:
    assert machine_paths("a\nsee /wo" + "rk/main/x") == ["line 2: see /wo" + "rk/main/x"]
    assert machine_paths("https://example.org/a/b network/a framework/b") == []
