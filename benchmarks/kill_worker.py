"""Workers to kill: ``python -m benchmarks.kill_worker`` forks a fresh ticking process for each line it reads.

Each line is a JSON job; the answer is the child's process id, then "ended" and how once the child is gone:
what ``tests.tick.nursery.Nursery`` speaks. The slow imports happen once, in the parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from engine.store.access.vault import DatabaseVault
from engine.store.database import open_engine
from engine.tick import InForce, TickResult, tick
from engine.worker import is_dead, this_worker
from notifiers import Channel, open_channel
from notifiers.mail import plugin_class
from notifiers.zns import open_from as open_zns
from tests.cast import at
from tests.tick.nursery import FIRST_DAY, Nursery, files

ROOT = Path(__file__).resolve().parents[1]
SECRET = "mot-khoa-bi-mat-dai-hon-ba-muoi-hai-ky-tu"


def rules_and_site() -> InForce:
    """What is in force: somebody to tell on every working day, on a site that links can open."""
    return replace(files(), base_url="https://dondoc.example")


def one_tick(store: Engine, now: datetime, smtp: str, zns: Mapping[str, str]) -> TickResult:
    """One pass with both channels, as a process of its own would make it."""
    # By its clock the key never ends: buying one is not what is killed here.
    vault = DatabaseVault(store, "zns", SECRET, this_worker(), is_dead, partial(at, FIRST_DAY))
    mail: Channel = open_channel(smtp)
    phones: Channel = open_zns(zns, vault)
    with closing(mail), closing(phones):
        channels = {mail.name: mail, phones.name: phones}
        return tick(store, rules_and_site(), now, channels, this_worker(), lambda: now)


def run(job: dict[str, Any]) -> None:
    """What a child does."""
    one_tick(open_engine(job["url"]), datetime.fromisoformat(job["now"]), job["smtp"], job["zns"])


@contextmanager
def workers(number: int) -> Iterator[list[Nursery]]:
    """So many parents, each with one child at a time; they end with the block."""
    command = [sys.executable, "-m", "benchmarks.kill_worker"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    try:
        yield [Nursery(process) for process in started]
    finally:
        for process in started:
            process.communicate()


def main() -> None:
    """Reads jobs until the pipe closes."""
    plugin_class()  # loads all of Apprise, here and not in each child
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                run(json.loads(line))
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
