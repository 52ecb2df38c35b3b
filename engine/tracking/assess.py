"""The one place that says how an assignment stands: page, report and rules all ask here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.model.assignment import Promise, Standing, State, Timeliness
from engine.model.deadline import DeadlineKind
from engine.model.plan import Completion
from engine.tracking.fact_types import HIGHEST, NO_DAYS
from engine.tracking.progress import OPEN_STATES, effective_due, limit, local_day
from engine.tracking.situations import Situation
from engine.workdays import MissingYear, WorkCalendar

DUE_SOON_DAYS = 7
"""Working days before the deadline from which an assignment counts as due soon."""

FAR_AWAY = 120
"""Working days ahead beyond which it does not matter how many exactly."""

_UNDATED = frozenset({DeadlineKind.EXTERNAL, DeadlineKind.UNSPECIFIED})

TIMELINESS_NAMES = {
    Timeliness.ON_TRACK: "trong hạn",
    Timeliness.DUE_SOON: "sắp đến hạn",
    Timeliness.OVERDUE: "quá hạn",
    Timeliness.DONE_ON_TIME: "hoàn thành đúng hạn",
    Timeliness.DONE_LATE: "hoàn thành quá hạn",
    Timeliness.NO_DEADLINE: "không có thời hạn",
    Timeliness.NOT_APPLICABLE: "không tính",
}


@dataclass(frozen=True, slots=True)
class Tracked:
    """An assignment with what was promised, what happened, and what its plan and unit add."""

    promise: Promise
    standing: Standing
    completion: Completion
    level: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """How an assignment stands on one day.

    ``days_late``/``days_left`` are working days against the rolled day in force;
    ``calendar_days`` counts every day to (positive) or since (negative) that day. ``at_least``: there may
    be more ``days_left``, as the calendar does not reach that far; only ``calendar_days`` is exact then.
    """

    due: date | None
    rolled: date | None
    timeliness: Timeliness
    days_late: int
    days_left: int | None
    calendar_days: int | None
    at_least: bool = False

    @property
    def time_left(self) -> str:
        """ "còn 5 ngày làm việc (7 ngày)"; empty where nothing is left to count."""
        if self.days_left is None:
            return ""
        if self.at_least:
            return f"còn {self.calendar_days} ngày"
        return f"còn {self.days_left} ngày làm việc ({self.calendar_days} ngày)"


def assess(tracked: Tracked, today: date, calendar: WorkCalendar) -> Assessment:
    """How the assignment stands on ``today``. Raises MissingYear for a year without a calendar."""
    promise, standing = tracked.promise, tracked.standing
    due, last = effective_due(promise, standing), limit(promise, standing)
    state = standing.state
    if state in (State.WITHDRAWN, State.DORMANT):
        return Assessment(due, last, Timeliness.NOT_APPLICABLE, 0, None, None)
    if last is None:
        over = promise.ends is not None and today > promise.ends
        timeliness = Timeliness.NOT_APPLICABLE if over else Timeliness.NO_DEADLINE
        return Assessment(due, None, timeliness, 0, None, None)
    # Where the day of confirmation counts, what is only reported is not done yet.
    counts_when_confirmed = tracked.completion == "confirmed"
    if state is State.CONFIRMED or (state is State.REPORTED and not counts_when_confirmed):
        done = standing.confirmed_on if counts_when_confirmed else standing.reported_on
        late = done is not None and done > last
        days_late = calendar.working_days_between(last, done) if late and done else 0
        return Assessment(
            due, last, Timeliness.DONE_LATE if late else Timeliness.DONE_ON_TIME, days_late, None, None
        )
    to_go = (last - today).days
    if to_go < 0:
        days_late = calendar.working_days_between(last, today)
        return Assessment(due, last, Timeliness.OVERDUE, days_late, 0, to_go)
    days_left, exact = _days_left(today, last, calendar)
    soon = days_left <= DUE_SOON_DAYS and promise.starts <= today
    timeliness = Timeliness.DUE_SOON if soon else Timeliness.ON_TRACK
    return Assessment(due, last, timeliness, 0, days_left, to_go, at_least=not exact)


def assess_if_known(tracked: Tracked, today: date, calendar: WorkCalendar) -> Assessment | None:
    """The same, None where the calendar lacks a year: for lists, where one such row stops no other."""
    try:
        return assess(tracked, today, calendar)
    except MissingYear:
        return None


def _days_left(today: date, last: date, calendar: WorkCalendar) -> tuple[int, bool]:
    """Working days from ``today`` to ``last``, and whether that is exact. Where the calendar does not reach
    that far yet, at least FAR_AWAY of them will do: no rule looks further ahead. MissingYear when not even
    that is certain."""
    try:
        return calendar.working_days_between(today, last), True
    except MissingYear:
        at_least = calendar.at_least_between(today, last) if last > today else 0
        if at_least < FAR_AWAY:
            raise
        return at_least, False


def is_open(state: State) -> bool:
    """Whether the unit still owes something."""
    return state in OPEN_STATES or state is State.DECLINED


def situation_of(tracked: Tracked, today: date, calendar: WorkCalendar, in_force: date) -> Situation:
    """The facts that rules may name, on ``today``; ``in_force`` is the plan's first day.

    Raises MissingYear for a year without a calendar.
    """
    promise, standing = tracked.promise, tracked.standing
    seen = assess(tracked, today, calendar)
    begins = begins_on(tracked, in_force)
    length = 0
    if seen.rolled is not None:
        length = max(0, _length(max(promise.starts, begins), seen.rolled, calendar))
    spoke = spoke_on(tracked, in_force)
    waiting = 0
    if standing.state is State.REPORTED and standing.reported_on is not None:
        waiting = _past(standing.reported_on, today, calendar)
    started = promise.kind is DeadlineKind.EVENT and standing.state is not State.DORMANT
    undated = (promise.kind in _UNDATED or started) and standing.due is None
    return Situation(
        kind=promise.kind.value,
        state=standing.state.value,
        timeliness=seen.timeliness.value,
        days_left=NO_DAYS if seen.days_left is None else min(seen.days_left, HIGHEST - 1),
        days_late=min(seen.days_late, HIGHEST),
        length=min(length, HIGHEST),
        opens_in=min(max(0, _length(today, promise.starts, calendar)), HIGHEST),
        age=_past(begins, today, calendar),
        days_silent=_past(spoke, today, calendar),
        days_waiting=waiting,
        undated=int(undated),
        extension=standing.extension.value,
        level=tracked.level,
        collective=int(promise.collective),
    )


def _length(starts: date, last: date, calendar: WorkCalendar) -> int:
    try:
        return calendar.working_days_between(starts, last)
    except MissingYear:
        # Long in any case: the rules tell "over 60" from the rest.
        return calendar.at_least_between(starts, last) if last > starts else 0


def begins_on(tracked: Tracked, in_force: date) -> date:
    """The day the assignment came into force: the plan's first day, a period's own first day, or the
    day of the event that started it."""
    if tracked.standing.triggered_on is not None:
        return tracked.standing.triggered_on
    if tracked.promise.kind is DeadlineKind.RECURRING:
        return tracked.promise.starts
    return in_force


def spoke_on(tracked: Tracked, in_force: date) -> date:
    """The day of the unit's last word, or the day from which its silence counts."""
    said = tracked.standing.last_word_at
    return local_day(said) if said else max(begins_on(tracked, in_force), tracked.promise.starts)


def _past(a: date, b: date, calendar: WorkCalendar) -> int:
    """Working days from ``a`` to ``b``, 0 when ``b`` is not later."""
    return min(calendar.working_days_between(a, b), HIGHEST) if b > a else 0
