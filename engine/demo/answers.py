"""How the units of the demo answer: some early, some late, some never. Always the same way."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from engine.model.assignment import Promise
from engine.model.deadline import DeadlineKind
from engine.model.event import Event, EventKind
from engine.tracking.progress import VIETNAM

SEED = 20230310


def answers(promises: Iterable[Promise], last: date) -> dict[date, list[Event]]:
    """What is said on each day up to ``last``; of ten units seven keep the deadline, two report late,
    one says nothing. Continuous work is spoken of every two months, and not by everybody."""
    chance = random.Random(SEED)  # noqa: S311 - a play, not a secret
    said: defaultdict[date, list[Event]] = defaultdict(list)
    for promise in promises:
        if promise.kind is DeadlineKind.CONTINUOUS:
            if chance.random() < 0.6:
                day = promise.starts + timedelta(days=chance.randint(5, 50))
                while day <= min(last, promise.ends or last):
                    _say(said, day, promise, EventKind.PROGRESS, note="Đang duy trì")
                    day += timedelta(days=chance.randint(45, 75))
            continue
        if promise.due is None or promise.collective:
            continue
        mood = chance.random()
        if mood > 0.9:
            continue
        opened = (promise.due - promise.starts).days
        early = chance.randint(0, max(0, min(12, opened)))
        day = (
            promise.due - timedelta(days=early)
            if mood < 0.7
            else promise.due + timedelta(days=chance.randint(1, 35))
        )
        if day > last:
            continue
        if chance.random() < 0.3 and early > 3:
            _say(said, day - timedelta(days=2), promise, EventKind.PROGRESS, percent=60)
        _say(said, day, promise, EventKind.DONE, document=f"{chance.randint(10, 900)}/BC")
        answer = day + timedelta(days=chance.randint(1, 4))
        if answer <= last:
            _say(said, answer, promise, EventKind.CONFIRM)
    return dict(said)


def _say(
    said: defaultdict[date, list[Event]], day: date, promise: Promise, kind: EventKind, **more: object
) -> None:
    at = datetime.combine(day, time(15), VIETNAM)
    said[day].append(Event(promise.id, kind, at, "diễn thử", **more))  # type: ignore[arg-type]
