"""Starts what is measured, each in a child process of its own, and lays results out as tables."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.steps import Measured

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 1800


def step(name: str, home: Path, database: str | None, *more: str) -> Measured:
    """Runs one step of ``benchmarks.steps``; RuntimeError with its words when it fails."""
    command = [sys.executable, "-m", "benchmarks.steps", name, str(home), *more]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=_settings(database),
        timeout=MOST_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name}: {done.stderr[-4000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def command_line(arguments: Sequence[str], database: str | None = None) -> Measured:
    """Runs ``dondoc`` with these words as a person would, start-up included; 0 and 1 are answers."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli.main", *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=_settings(database),
        timeout=MOST_SECONDS,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"dondoc {' '.join(arguments)}: {done.stderr.decode()[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(round(wall, 2), round(cpu, 2), 0, {"bytes": len(done.stdout)})


@dataclass(frozen=True, slots=True)
class MailSink:
    """A mail server in another process, and the address of the channel to it."""

    process: subprocess.Popen[str]
    url: str

    def counted(self) -> tuple[int, int]:
        """How many mails came since the last time, and how many different ones."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        mails, different = self.process.stdout.readline().split()
        return int(mails), int(different)


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server that ends with the block."""
    command = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            yield MailSink(server, f"smtp://127.0.0.1:{port}?from=dondoc@ubnd.example")
        finally:
            server.kill()


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _settings(database: str | None) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DONDOC_")}
    return clean | ({"DONDOC_DATABASE_URL": database} if database else {})
