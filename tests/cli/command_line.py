"""Runs the real program: in this process, or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from engine.cli.frame import app
from engine.cli.main import run

ROOT = Path(__file__).parent.parent.parent

# Words of Typer and Click that must never reach a person.
ENGLISH = (
    r"\b(Usage|Options?|Arguments?|Commands?|Show|this|message|exit|default|required|Try|Error|Missing|Invalid|"
    r"value|Did|mean|Possible|Got|unexpected|extra|No such|OPTIONS|ARGS|COMMAND|TEXT|INTEGER|FLOAT|PATH|"
    r"BOOLEAN|DIRECTORY|FILENAME|Input|should|valid|str|int|path|Aborted|Traceback|Errno)\b"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def dondoc(*words: str | Path, stdin: bytes = b"", application: typer.Typer = app) -> Answer:
    """Runs the program in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = run([str(word) for word in words], application)
    finally:
        sys.stdin = before
    return Answer(status, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.detach()
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode("utf-8")


def dondoc_process(
    *words: str | Path, stdin: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Answer:
    """Runs the program in a process of its own, as a shell does."""
    ended = subprocess.run(
        [sys.executable, "-m", "engine.cli.main", *map(str, words)],
        input=stdin,
        capture_output=True,
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        check=False,
        timeout=120,
    )
    return Answer(ended.returncode, ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8"))


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Every entry below a folder by its path: the bytes of files, None for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
