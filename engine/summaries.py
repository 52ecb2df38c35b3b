"""What the office's own notices say: summaries of a week or month, stopped channels, and the overdue list.

Reads the store and computes; nothing is written. Every number comes from the functions that pages and reports
count with. Made for one pass: what several recipients need is read once.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TypeVar

from sqlalchemy.engine import Connection

from engine.exchange.overdue_sheet import overdue_bytes
from engine.model.assignment import Timeliness
from engine.model.facts import PlanFacts
from engine.notices.digest import Item
from engine.notices.notice import Book, Notice, NoticeKey
from engine.notices.office import OfficeFacts
from engine.notices.period import Period, period_of
from engine.notices.summary import MOST_NAMES, Figures, PlanFigures, Summary, name_some, plan_name
from engine.overdue import overdue_rows
from engine.ruleset.evaluate import RuleSet
from engine.ruleset.rule import Attach, Role
from engine.store.figures.counts import Counts, Group, total
from engine.store.figures.period import done_within, waiting_for_office
from engine.store.figures.tally import count_groups
from engine.store.messages import channel_states, desk, desk_waiting
from engine.store.messages.channel_states import STOPPED
from engine.store.messages.deliveries import reminder_counts
from engine.store.messages.desk import DeskFilter, DeskState
from engine.store.people import contacts
from engine.tracking.assess import Assessment, Tracked, assess
from engine.tracking.progress import limit, local_day
from engine.workdays import MissingYear, WorkCalendar
from notifiers.message import Attachment
from notifiers.registry import kind_of

MOST_ROWS = 2000
"""Rows of a list that goes along; what is late longest comes first."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_STOP_FACTS = frozenset({"channels_stopped", "days_stopped"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class OfficeWords:
    """What one recipient is told about their offices: for each notice its summary or the lines below it."""

    summaries: Mapping[NoticeKey, Summary]
    details: Mapping[NoticeKey, tuple[str, ...]]
    attachments: tuple[Attachment, ...] = ()

    def item(self, notice: Notice, tracked: Tracked | None, seen: Assessment | None) -> Item:
        """The notice as a line or part of a digest."""
        summary, details = self.summaries.get(notice.key), self.details.get(notice.key, ())
        return Item(notice, tracked, seen, summary, details)


NO_WORDS = OfficeWords({}, {})


def office_facts(connection: Connection) -> OfficeFacts:
    """What rules about an office may know from the database."""
    states = channel_states.everything(connection).values()
    stopped = {each.channel: local_day(each.changed_at) for each in states if each.state == STOPPED}
    return OfficeFacts(stopped, frozenset(contacts.active(connection)))


def on_paper(notices: Iterable[Notice], calendar: WorkCalendar) -> OfficeWords:
    """The same where there is no database to count in (simulation): the periods alone."""
    periods = {each.key: period_of(each.occasion, calendar) for each in notices if each.is_of_office}
    return OfficeWords({key: Summary(period) for key, period in periods.items() if period}, {})


class Summaries:
    """The words for one pass on ``today``; ``tracked`` are the open assignments as they stand."""

    def __init__(
        self,
        connection: Connection,
        book: Book,
        calendar: WorkCalendar,
        ruleset: RuleSet,
        tracked: Collection[Tracked],
        today: date,
    ) -> None:
        self._connection = connection
        self._book = book
        self._calendar = calendar
        self._ruleset = ruleset
        self._tracked = tracked
        self._today = today
        self._kept: dict[object, object] = {}

    def words(self, notices: Iterable[Notice], *, with_files: bool = True) -> OfficeWords:
        """What the notices of one message say of offices; several offices of one reader are told as one.
        ``with_files``: whether the channel carries attachments."""
        own = [each for each in notices if each.is_of_office]
        if not own:
            return NO_WORDS
        wanting = [each for each in own if Attach.OVERDUE in self._attached(each)]
        listed = self._scope(wanting) if with_files else ()
        count, content = self._list(listed) if listed else (0, b"")
        name = f"qua-han-{self._today.isoformat()}.xlsx" if count else ""
        summaries, details = {}, {}
        groups: dict[tuple[str, Period], list[Notice]] = {}
        for each in own:
            if period := period_of(each.occasion, self._calendar):
                groups.setdefault((each.rule, period), []).append(each)
            else:
                details[each.key] = self._details(each)
        for (_, period), alike in groups.items():
            summary = self._summary(self._scope(alike), period)
            if any(each in wanting for each in alike) and count:
                summary = replace(summary, file=name, listed=min(count, MOST_ROWS))
            summaries.update({each.key: summary for each in alike})
        attachments = (Attachment(name, XLSX, content),) if count else ()
        return OfficeWords(summaries, details, attachments)

    def _attached(self, notice: Notice) -> tuple[Attach, ...]:
        rule = self._ruleset.by_id.get(notice.rule)
        return rule.attach if rule else ()

    def _scope(self, notices: Iterable[Notice]) -> tuple[str, ...]:
        """The plans in force that the recipients monitor or lead, by the notice's role."""
        wanted = {(each.recipient, each.role) for each in notices}
        return tuple(
            id
            for id, plan in sorted(self._book.plans.items())
            if plan.starts <= self._today
            and any((self._playing(role, plan), role) in wanted for role in (Role.MONITOR, Role.LEADER))
        )

    def _playing(self, role: Role, plan: PlanFacts) -> str:
        unit = plan.monitor if role is Role.MONITOR else plan.leader
        return self._book.answering(unit, plan, self._today)

    def _summary(self, plans: tuple[str, ...], period: Period) -> Summary:
        return self._once(("summary", plans, period), lambda: self._sum_up(plans, period))

    def _sum_up(self, plans: tuple[str, ...], period: Period) -> Summary:
        of_plan = {plan: self._figures(plan, period) for plan in plans}
        busy = {plan: figures for plan, figures in of_plan.items() if figures != Figures()}
        worst: Counter[str] = Counter()
        for plan in plans:
            for unit, counts in self._by_plan.get(plan, ()):
                worst[unit] += counts.open_overdue
        name = self._book.registry.full_name
        ranked = sorted((-count, name(unit)) for unit, count in worst.items() if count)[:MOST_NAMES]
        return Summary(
            period=period,
            counted=True,
            plans=tuple(PlanFigures(plan_name(self._book.plans[p]), f) for p, f in (busy or of_plan).items()),
            worst=tuple((unit, -count) for count, unit in ranked),
            undelivered=self._undelivered(period),
            stopped=tuple(self._stopped),
            unreachable=self._unreachable(plans),
        )

    def _figures(self, plan: str, period: Period) -> Figures:
        counts = total(each for _, each in self._by_plan.get(plan, ()))
        due = self._window(self._today, period.until).get(plan, Counts())
        # What fell due on the eve of the period is late from its first day on.
        newly = self._window(period.first - timedelta(days=1), self._today - timedelta(days=1))
        on_time, late = self._done(period).get(plan, (0, 0))
        waiting, asking = self._waiting.get(plan, (0, 0))
        return Figures(
            doing=counts.open_within_time + counts.no_deadline,
            due=due.open_within_time,
            overdue=counts.open_overdue,
            newly=newly.get(plan, Counts()).open_overdue,
            on_time=on_time,
            late=late,
            waiting=waiting,
            asking=asking,
        )

    @cached_property
    def _by_plan(self) -> dict[str, list[tuple[str, Counts]]]:
        found: dict[str, list[tuple[str, Counts]]] = {}
        for (unit, plan), counts in count_groups(self._connection, self._today).items():
            found.setdefault(plan, []).append((unit, counts))
        return found

    def _window(self, first: date, last: date) -> dict[str, Counts]:
        """The counts of each plan over the assignments whose last day lies between two days."""

        def count() -> dict[str, Counts]:
            groups = count_groups(self._connection, self._today, due=(first, last))
            return _by_plan_alone(groups)

        return self._once(("window", first, last), count)

    def _done(self, period: Period) -> dict[str, tuple[int, int]]:
        first, last = period.first, period.last
        return self._once(
            ("done", first, last), lambda: done_within(self._connection, first, last, self._today)
        )

    @cached_property
    def _waiting(self) -> dict[str, tuple[int, int]]:
        return waiting_for_office(self._connection, self._today)

    def _undelivered(self, period: Period) -> int:
        wanted = DeskFilter(period.first, period.last)
        counts = self._once(("desk", period), lambda: desk.counts(self._connection, wanted))
        return counts[DeskState.FAILED] + counts[DeskState.UNKNOWN]

    @cached_property
    def _stopped(self) -> dict[str, str]:
        """The channels that are stopped, by the name that people know, each with a sentence about it."""
        found = {}
        for each in channel_states.everything(self._connection).values():
            if each.state == STOPPED:
                kind = kind_of(each.channel)
                since = f"dừng từ ngày {local_day(each.changed_at):%d/%m/%Y}"
                name = kind.title if kind else each.channel
                found[name] = f"{name} {since}" + (f": {each.detail.rstrip('.')}" if each.detail else "")
        return found

    def _unreachable(self, plans: Collection[str]) -> tuple[str, ...]:
        """The names of the units that work under these plans and have no contact."""
        answering = {
            self._book.answering(unit, self._book.plans[plan], self._today)
            for plan in plans
            for unit, _ in self._by_plan.get(plan, ())
        }
        return tuple(self._book.registry.full_name(unit) for unit in self._lost if unit in answering)

    @cached_property
    def _lost(self) -> list[str]:
        return [each.unit for each in desk_waiting.unreachable(self._connection, self._book, self._today)]

    def _details(self, notice: Notice) -> tuple[str, ...]:
        """The lines below a warning: what it warns of, by the facts that its rule names."""
        rule = self._ruleset.by_id.get(notice.rule)
        if rule is None:
            return ()
        named = {condition.fact for condition in rule.when}
        if rule.occasions is not None:
            named.add(rule.occasions.fact)
        lines = list(self._stopped.values()) if named & _STOP_FACTS else []
        if "unreachable" in named:
            lines.append(f"Chưa có địa chỉ liên hệ: {name_some(self._unreachable(self._scope([notice])))}")
        return tuple(lines)

    def _list(self, plans: tuple[str, ...]) -> tuple[int, bytes]:
        """How many assignments of these plans are overdue, and the Excel file of the worst."""
        return self._once(("list", plans), lambda: self._make_list(frozenset(plans)))

    def _make_list(self, plans: frozenset[str]) -> tuple[int, bytes]:
        late = [t for plan in plans for t in self._past_their_day.get(plan, ()) if self._is_overdue(t)]
        if not late:
            return 0, b""
        # Chosen before they are worded: there may be a hundred thousand of them.
        worst = heapq.nsmallest(MOST_ROWS, late, key=_longest_first)
        told = reminder_counts(self._connection, [each.promise.id for each in worst])
        rows = overdue_rows(worst, self._book, self._calendar, self._today, told)
        return len(late), overdue_bytes(rows, self._today, len(late))

    def _is_overdue(self, tracked: Tracked) -> bool:
        try:
            return assess(tracked, self._today, self._calendar).timeliness is Timeliness.OVERDUE
        except MissingYear:
            return False  # what cannot be judged never stops the rest; the pass says how many they are

    @cached_property
    def _past_their_day(self) -> dict[str, list[Tracked]]:
        """The open assignments whose last day is over, by plan: few enough to be judged one by one."""
        found: dict[str, list[Tracked]] = {}
        for each in self._tracked:
            last = limit(each.promise, each.standing)
            if last is not None and last < self._today:
                found.setdefault(each.promise.plan, []).append(each)
        return found

    def _once(self, key: object, make: Callable[[], _T]) -> _T:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[return-value]


def _by_plan_alone(groups: Mapping[Group, Counts]) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for (_, plan), counts in groups.items():
        found[plan] = found.get(plan, Counts()) + counts
    return found


def _longest_first(tracked: Tracked) -> tuple[date, str]:
    return limit(tracked.promise, tracked.standing) or date.max, tracked.promise.id
