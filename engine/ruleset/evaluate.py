"""A rule set in force: what it concludes from situations, and which rule replaces which."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.ruleset.plain import finding_of, matching_ids
from engine.ruleset.rule import Finding, Rule
from engine.tracking.situations import AnySituation, values_of

if TYPE_CHECKING:
    from engine.ruleset.durable import Matcher

_log = logging.getLogger(__name__)


class RuleSet:
    """Rules that were checked; the engine is built on first use. Thread-safe, unchangeable from outside."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.by_id: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in self.rules})
        self._matcher: Matcher | None = None
        self._lock = threading.Lock()

    def evaluate(self, situations: Iterable[AnySituation]) -> Mapping[AnySituation, tuple[Finding, ...]]:
        """The findings of every distinct situation, in the order of the rules; () for silence.

        Should durable_rules fail on a situation, the plain evaluator answers and the log says so.
        """
        matcher = self._engine()
        return {situation: self._findings(matcher, situation) for situation in dict.fromkeys(situations)}

    def inhibited(self, rule_ids: Iterable[str]) -> Mapping[str, str]:
        """Of rules that hit the same assignment and person: each dropped one and the rule that replaces it.

        A dropped rule still silences those that it names; ``silences`` has no circles, so one is left.
        """
        hit = set(rule_ids)
        dropped: dict[str, str] = {}
        for rule in self.rules:
            if rule.id in hit:
                for silenced in rule.silences:
                    if silenced in hit:
                        dropped.setdefault(silenced, rule.id)
        return dropped

    def _engine(self) -> Matcher:
        with self._lock:
            if self._matcher is None:
                # heavy: a C extension, missing on a broken installation that must still check files
                from engine.ruleset.durable import Matcher

                self._matcher = Matcher(self.rules)
            return self._matcher

    def _findings(self, matcher: Matcher, situation: AnySituation) -> tuple[Finding, ...]:
        try:
            hits = matcher.match(situation)
        except RuntimeError as error:
            _log.error("durable_rules failed on %r, the plain evaluator answered: %s", situation, error)
            hits = matching_ids(self.rules, situation)
        if not hits:
            return ()
        values = values_of(situation)
        return tuple(finding_of(rule, values) for rule in self.rules if rule.id in hits)
