"""One JSON object per line on standard error, for programs: counts and names of states, never a person."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from engine.errors import DondocError
from notifiers.address import mask

if TYPE_CHECKING:
    from engine.store.messages.channel_states import ChannelState
    from engine.tick import TickResult

_LINES = (
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.add_log_level,
    structlog.processors.JSONRenderer(ensure_ascii=False),
)

# What they say at DEBUG, and Apprise even in warnings, holds addresses, keys and whole messages.
_TALKATIVE = ("apprise", "httpcore", "httpx", "requests", "urllib3")


def event_log() -> Any:
    """The log of the scheduler. The stream is looked up now: whoever replaced it may have closed his own."""
    return structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=_LINES)


def quiet_libraries() -> None:
    """Keeps the libraries that channels stand on out of every log; may be called again."""
    for name in _TALKATIVE:
        library = logging.getLogger(name)
        library.setLevel(logging.ERROR)
        # Without any handler Python itself would print what is a warning.
        if not any(isinstance(handler, logging.NullHandler) for handler in library.handlers):
            library.addHandler(logging.NullHandler())


def failure_line(error: Exception) -> dict[str, Any]:
    """What went wrong, without what it may quote: a database's error holds the values of a row. Only our own
    words are said, masked; for the rest the place in the code is enough to find it."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return {
        "kind": type(error).__name__,
        "place": f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else "",
        "detail": mask(str(error))[:500] if isinstance(error, DondocError) else "",
    }


def pass_line(result: TickResult, seconds: float) -> dict[str, Any]:
    """What one pass is in the log."""
    return {
        "slot": result.slot.isoformat(),
        "evaluated": result.evaluated,
        "assignments": result.assignments,
        "situations": result.situations,
        "findings": result.findings,
        "notices": result.notices,
        "messages": len(result.messages),
        "open_hours": result.open_hours,
        "sent": result.sent,
        "deferred": result.deferred,
        "failed": result.failed,
        "unknown": result.unknown,
        "channels": {
            name: {"sent": tally.sent, "failed": tally.failed, "unknown": tally.unknown}
            for name, tally in sorted(result.by_channel.items())
            if tally.sent or tally.failed or tally.unknown
        },
        "seconds": round(seconds, 3),
    }


def did_something(result: TickResult) -> bool:
    """Whether a pass is worth a line: the many between two slots find nothing to do."""
    return result.evaluated or bool(result.sent or result.failed or result.unknown)


def state_lines(
    before: Mapping[str, ChannelState], after: Mapping[str, ChannelState]
) -> Iterator[dict[str, Any]]:
    """The channels that came to rest, stopped or opened. What the far end said stays in the database."""
    for name, state in after.items():
        was = before[name].state if name in before else "open"
        if state.state != was:
            yield {
                "channel": name,
                "was": was,
                "state": state.state,
                "until": state.until.isoformat() if state.until else None,
                "code": state.code,
                "failures": state.failures,
            }
