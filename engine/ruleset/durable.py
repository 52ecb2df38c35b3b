"""durable_rules as a single-fact matcher: the one file that imports it.

It is used only where it was measured to be right: one fact with a fixed id is asserted and retracted
again, the actions only note which branch fired, no timers, no events, no joins. One matcher serves
one process; a lock guards it because the engine gives wrong answers when threads share a host.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from durable.engine import Host, MessageNotHandledException

from engine.ruleset.compile import CompiledSet, compile_rules
from engine.ruleset.plain import occasion_of
from engine.ruleset.rule import Rule
from engine.tracking.situations import AnySituation, values_of

_FACT_ID = "x"


class EngineFailure(RuntimeError):
    """durable_rules did not answer for one situation, not even on a new host."""


class QuietHost(Host):  # type: ignore[misc]
    """A host without the two timer threads that the stock one starts and never stops."""

    def _run(self) -> None:
        pass


class Matcher:
    """Which rules match a situation. Thread-safe. Build one per rule set and keep it: each leaks 0.5 MB."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        # On Python >= 3.12 every firing calls datetime.utcfromtimestamp inside the engine.
        warnings.filterwarnings(
            "ignore", r"datetime\.datetime\.utcfromtimestamp", DeprecationWarning, r"durable\.engine"
        )
        self._sets = compile_rules(rules)
        self._lock = threading.Lock()
        self._hits: dict[str, None] = {}
        self._host = self._new_host()

    def match(self, situation: AnySituation) -> frozenset[str]:
        """The ids of the rules that match; EngineFailure when the engine errs twice."""
        with self._lock:
            try:
                return self._match(situation)
            except Exception:  # noqa: BLE001 - the engine raises bare Exceptions
                # After an error the host keeps leftovers that would fire later.
                self._host = self._new_host()
            try:
                return self._match(situation)
            except Exception as error:
                self._host = self._new_host()
                raise EngineFailure(f"{type(error).__name__}: {error}") from error

    def _match(self, situation: AnySituation) -> frozenset[str]:
        values = values_of(situation)
        matched: set[str] = set()
        for compiled in self._sets:
            if compiled.about != situation.about:
                continue
            fact: dict[str, Any] = {"id": _FACT_ID, **values}
            for name, rule in compiled.occasions.items():
                threshold = occasion_of(rule, values)
                fact[name] = -1 if threshold is None else threshold
            matched.update(compiled.rules[branch].id for branch in self._fire(compiled.name, fact))
        return frozenset(matched)

    def _fire(self, set_name: str, fact: dict[str, Any]) -> tuple[str, ...]:
        self._hits.clear()
        try:
            self._host.assert_fact(set_name, fact)
        except MessageNotHandledException:
            return ()
        self._host.retract_fact(set_name, {"id": _FACT_ID})
        return tuple(self._hits)

    def _new_host(self) -> QuietHost:
        host = QuietHost()
        for compiled in self._sets:
            host.set_rulesets({compiled.name: self._with_actions(compiled)})
        return host

    def _with_actions(self, compiled: CompiledSet) -> dict[str, Any]:
        # set_rulesets changes what it is given, so each host gets a copy of its own.
        definition: dict[str, Any] = json.loads(json.dumps(compiled.definition))
        for branch, pattern in definition.items():
            pattern["run"] = self._note(branch)
        return definition

    def _note(self, branch: str) -> Callable[[Any], None]:
        # One argument exactly: the engine takes two for an asynchronous action and then falls silent.
        def note(_context: Any) -> None:
            self._hits[branch] = None

        return note
