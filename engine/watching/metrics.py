"""Figures in the text form of Prometheus, read from the database when somebody asks. The only module that
knows prometheus_client.

Labels are names of channels, states and outcomes: few, and never of a person, a unit or an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, literal_column, select
from sqlalchemy.engine import Connection

from engine.model.assignment import State
from engine.store import webhooks
from engine.store.messages import channel_figures as figures
from engine.store.messages import channel_states, refusals
from engine.store.messages.channel_states import OPEN, RESTING, STOPPED
from engine.store.messages.desk import DeskState
from engine.store.tables import AssignmentRow, PlanRow
from engine.store.tables.work import OWED
from engine.tracking.progress import local_day
from engine.watching.channels import month_before, said_today
from notifiers.registry import kind_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ASSIGNMENT = AssignmentRow.__table__  # type: ignore[attr-defined]
_PLAN = PlanRow.__table__  # type: ignore[attr-defined]
_STATES = (DeskState.WAITING, DeskState.SENDING, DeskState.FAILED, DeskState.UNKNOWN)
_OUTCOMES = ("sent", "temporary", "permanent", "unknown", "sending")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures(Collector):
    """What one scrape says: read from ``connection`` as it is ``now``. ``configured`` names channels."""

    connection: Connection
    configured: tuple[str, ...]
    now: datetime

    def collect(self) -> Iterator[Metric]:
        """Every family, each once."""
        yield from self._messages()
        yield from self._deliveries()
        yield from self._channels()
        yield from self._passes()
        yield from self._work()

    def _messages(self) -> Iterator[Metric]:
        counted: dict[tuple[str, str], float] = {
            (name, state.value): 0 for name in self.configured for state in _STATES
        }
        ages: dict[str, float] = dict.fromkeys(self.configured, 0)
        for each in figures.unsettled(self.connection):
            if each.state is DeskState.NO_ADDRESS:
                continue
            key = _label(each.channel), each.state.value
            counted[key] = counted.get(key, 0) + each.messages
            if each.state is DeskState.WAITING:
                age = max((self.now - each.oldest).total_seconds(), 0)
                ages[key[0]] = max(age, ages.get(key[0], 0))
        yield _gauge(
            "dondoc_messages", "Messages that are not at a good end", ("channel", "state"), counted.items()
        )
        yield _gauge(
            "dondoc_message_oldest_waiting_seconds",
            "Age of the oldest message that waits for its channel",
            ("channel",),
            _single(ages),
        )
        yield _number(
            "dondoc_recipients_unreachable",
            "Units and people that a message waits for without any way to reach them",
            figures.nobody_to_tell(self.connection),
        )

    def _deliveries(self) -> Iterator[Metric]:
        counted: dict[tuple[str, str], float] = {
            (name, outcome): 0 for name in self.configured for outcome in _OUTCOMES
        }
        for (channel, outcome), count in figures.attempts_since(self.connection, self.now - _DAY).items():
            key = _label(channel), outcome if outcome in _OUTCOMES else "other"
            counted[key] = counted.get(key, 0) + count
        yield _gauge(
            "dondoc_deliveries_last_day",
            f"Attempts to send of the last 24 hours, at most {figures.MOST_ATTEMPTS}",
            ("channel", "outcome"),
            counted.items(),
        )
        cost = dict.fromkeys(self.configured, 0.0)
        for channel, dong in figures.cost_since(self.connection, month_before(self.now)).items():
            cost[_label(channel)] = cost.get(_label(channel), 0) + dong
        yield _gauge(
            "dondoc_cost_this_month_dong",
            "What messages cost since the first of the month",
            ("channel",),
            _single(cost),
        )

    def _channels(self) -> Iterator[Metric]:
        known = channel_states.everything(self.connection)
        names = {*self.configured, *(name for name in known if kind_of(name) is not None)}
        states: dict[tuple[str, str], float] = {}
        remaining: dict[str, float] = {}
        for name in sorted(names):
            state = known.get(name)
            holds = OPEN if state is None or state.takes(self.now) else state.state
            states |= {(name, each): float(holds == each) for each in (OPEN, RESTING, STOPPED)}
            if state is not None and state.remaining is not None and said_today(state, self.now):
                remaining[name] = state.remaining
        yield _gauge(
            "dondoc_channel_state", "1 for the state that holds", ("channel", "state"), states.items()
        )
        yield _gauge(
            "dondoc_channel_remaining",
            "Messages that the far end said today that it still takes",
            ("channel",),
            _single(remaining),
        )
        refused = dict.fromkeys(self.configured, 0.0)
        for channel, _ in refusals.everything(self.connection):
            refused[_label(channel)] = refused.get(_label(channel), 0) + 1
        yield _gauge(
            "dondoc_addresses_refused", "Addresses not used any more", ("channel",), _single(refused)
        )

    def _passes(self) -> Iterator[Metric]:
        slot = figures.last_slot(self.connection)
        if slot is None:
            return
        yield _number(
            "dondoc_last_pass_timestamp_seconds", "When the last pass began", slot.done_at.timestamp()
        )
        yield _number("dondoc_last_pass_assignments", "Assignments that it judged", slot.assignments)
        yield _number("dondoc_last_pass_findings", "Findings of its rules", slot.findings)
        yield _number("dondoc_last_pass_notices", "New notices that it made", slot.notices)

    def _work(self) -> Iterator[Metric]:
        open_now = select(func.count()).select_from(_ASSIGNMENT).where(_ASSIGNMENT.c.open)
        yield _number(
            "dondoc_assignments_open", "Assignments not done", self.connection.execute(open_now).scalar_one()
        )
        yield _number(
            "dondoc_assignments_overdue",
            "Assignments past their last day and not reported done",
            self.connection.execute(_overdue(local_day(self.now))).scalar_one(),
        )
        yield _number(
            "dondoc_webhook_calls_waiting",
            "Calls to other systems that wait",
            webhooks.count_waiting(self.connection),
        )


def exposition(connection: Connection, configured: Iterable[str], now: datetime) -> bytes:
    """All figures and those of the process, as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(connection, tuple(configured), now))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


def _overdue(today: date) -> Any:
    """As the overdue list counts, on the index of what is owed: where a plan asks for the office's word,
    what was only reported is still owed."""
    c = _ASSIGNMENT.c
    confirmed = select(_PLAN.c.id).where(_PLAN.c.completion == "confirmed")
    owed = literal_column(f"({OWED})") & ((c.state != State.REPORTED.value) | c.plan.in_(confirmed))
    return select(func.count()).select_from(_ASSIGNMENT).where(owed, c.last_day < today)


def _label(channel: str) -> str:
    """The name of a known channel: whatever else may stand in the database is one label."""
    return channel if kind_of(channel) is not None else "other"


def _single(values: dict[str, float]) -> Iterator[tuple[tuple[str], float]]:
    return (((name,), value) for name, value in values.items())


def _gauge(
    name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _number(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
