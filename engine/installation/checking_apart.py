"""Checks a file that somebody pasted or uploaded in a process of its own, within a time and a size.

Whatever such a file is made of, the page that asked goes on: the child (``python -m
engine.installation.checking_apart``) reads the file as JSON from standard input, checks it exactly as
``dondoc check FILE`` does, and prints the problems.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import engine
from engine.errors import DondocError, Problem, Severity
from engine.installation.checking import check_sources
from engine.installation.sources import FileKind, Source

TIME_LIMIT = 20.0
"""Seconds that a check may take."""

_MEMORY = 2 * 1024**3
_MOST_PROBLEMS = 2000


class NotChecked(DondocError):
    """The check did not come to an end; the text says why."""


def check_apart(
    home: Path, source: Source, *, time_limit: float = TIME_LIMIT, command: Sequence[str] | None = None
) -> tuple[Problem, ...]:
    """Every problem of ``source`` beside the files of ``home``. NotChecked where the child was too slow,
    too big or broke. ``command`` replaces the child that is run."""
    asked = {
        "home": str(home.resolve()),
        "shown": source.shown,
        "name": source.path.name,
        "kind": source.kind.value,
        "data": base64.b64encode(source.data).decode("ascii"),
    }
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        list(command or [sys.executable, "-P", "-m", "engine.installation.checking_apart"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(_import_path())},
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(json.dumps(asked), timeout=time_limit)
    except subprocess.TimeoutExpired:
        raise NotChecked(
            f"Kiểm tra quá {time_limit:g} giây chưa xong nên đã dừng; tệp có thể quá lớn hoặc bị dán nhầm"
        ) from None
    finally:
        _end(child)
    if child.returncode != 0:
        raise NotChecked("Việc kiểm tra bị dừng giữa chừng; tệp có thể quá lớn hoặc bị dán nhầm")
    return tuple(
        Problem(**{**each, "severity": Severity(each["severity"])}) for each in json.loads(answer)["problems"]
    )


def _end(child: subprocess.Popen[str]) -> None:
    """Ends the child with whatever it began (a trial of rules has a child of its own)."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def _import_path() -> list[str]:
    """Where the child finds this very engine first, and not one that stands in the current folder."""
    given = os.environ.get("PYTHONPATH")
    return [str(Path(engine.__file__).parent.parent), *([given] if given else [])]


def _check(source: TextIO, target: TextIO) -> None:
    """The child's work."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    asked = json.load(source)
    named = Source(
        asked["shown"], Path(asked["name"]), FileKind(asked["kind"]), base64.b64decode(asked["data"])
    )
    problems = check_sources(Path(asked["home"]), [named]).problems
    found = list(dict.fromkeys(problems))[:_MOST_PROBLEMS]
    json.dump({"problems": [problem.to_json() for problem in found]}, target)


if __name__ == "__main__":
    _check(sys.stdin, sys.stdout)
