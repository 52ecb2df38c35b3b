"""The clock: calls one job again and again in Asia/Ho_Chi_Minh until told to stop.

The job decides by itself what is due (its slots are rows in the database), so that any number of
processes may run it, and a pause of days brings one catch-up pass, not one for each missed hour.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine.tracking.progress import VIETNAM
from engine.watching.log import event_log, failure_line


def run_until(stop: threading.Event, job: Callable[[], None], *, every_seconds: float = 20) -> None:
    """Runs ``job`` at once and then every ``every_seconds`` until ``stop`` is set.

    A job that raises is logged and called again at its next time; one that takes long is never run
    twice side by side. Returns after a running job has ended.
    """
    log = event_log()
    # A pass that takes longer than the pause is nothing to be told about each time.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def guarded() -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - the loop must outlive anything one pass runs into
            log.error("tick_failed", **failure_line(error))  # noqa: TRY400 - a traceback quotes too much

    scheduler = BackgroundScheduler(timezone=VIETNAM)
    scheduler.add_job(
        guarded,
        IntervalTrigger(seconds=every_seconds, timezone=VIETNAM),
        coalesce=True,
        misfire_grace_time=None,
        max_instances=1,
    )
    guarded()
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
