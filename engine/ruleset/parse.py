"""One rule file → frozen rules, and everything that is wrong with it, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar, cast

from pydantic import ValidationError

from engine.errors import Problem, Severity
from engine.loading.report import Report
from engine.loading.strict_yaml import Document, ListNode, Loc, MapNode, key_position_of, plain, read_strict
from engine.loading.validate import validate
from engine.ruleset.boundaries import first_meeting
from engine.ruleset.compile import MOST_BRANCHES, count_branches
from engine.ruleset.phrases import BadPhrase, known_fact, parse_condition, parse_occasions, suggestion
from engine.ruleset.rule import Attach, Condition, Occasions, Role, Rule, Silence, Tone
from engine.ruleset.schema import (
    ABOUTS,
    ATTACHMENTS,
    ROLES,
    SILENCES,
    TONES,
    RuleFileSchema,
    RuleSchema,
)
from engine.tracking.fact_types import About
from engine.tracking.situations import FACTS

_Word = TypeVar("_Word", bound=StrEnum)
_ROLES_OF: Mapping[str, tuple[Role, ...]] = {
    "assignment": tuple(Role),
    "unit": (Role.LEAD, Role.LEAD_SUPERIOR, Role.MONITOR, Role.LEADER),
    "office": (Role.MONITOR, Role.LEADER),
    "indicator": (Role.LEAD, Role.MONITOR, Role.LEADER),
}
_NAMES = {"assignment": "nhiệm vụ", "unit": "đơn vị", "office": "văn phòng", "indicator": "chỉ tiêu"}


def parse_rules(data: bytes, file: str) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """The rules of one file and its problems; a rule with an error is left out. Never raises."""
    document = read_strict(data, file)
    _, found = validate(RuleFileSchema, document, file)
    reader = _Reader(file, document)
    rules = tuple(rule for loc, entry in _entries(document) if (rule := reader.rule(entry, loc)))
    return rules, tuple(sorted({*document.problems, *found, *reader.problems}))


def _entries(document: Document) -> Iterator[tuple[Loc, RuleSchema]]:
    """The entries that are well-formed by themselves, so that one bad entry hides no other's problems."""
    listed = document.root.entries.get("rules") if isinstance(document.root, MapNode) else None
    for index, node in enumerate(listed.items if isinstance(listed, ListNode) else ()):
        try:
            yield ("rules", index), RuleSchema.model_validate(plain(node))
        except ValidationError:
            continue


class _Reader(Report):
    """Reads the entries of one file."""

    def rule(self, entry: RuleSchema, loc: Loc) -> Rule | None:
        """The rule that the entry describes, None when anything about it is wrong."""
        before = len(self.problems)
        about = self._about(entry, loc)
        when = self._conditions(entry.when, about, (*loc, "when"))
        occasions = self._occasions(entry.occasions, about, (*loc, "occasions"))
        tell = self._words(entry.tell, Role, ROLES, "vai trò", (*loc, "tell"))
        tone = self._words([entry.tone], Tone, TONES, "mức độ", (*loc, "tone"))
        unless = self._words(entry.unless, Silence, SILENCES, "lý do tạm im", (*loc, "unless"))
        attach = self._words(entry.attach, Attach, ATTACHMENTS, "tệp gửi kèm", (*loc, "attach"))
        self._refuse_misplaced(entry, about, tell, loc)
        if entry.id in entry.silences:
            message = f"Luật “{entry.id}” tự thay cho chính nó"
            self.error((*loc, "silences"), "rule-silences", message, "bỏ đi")
        if len(self.problems) == before:
            self._refuse_unusable(entry, when, occasions, loc)
        if len(self.problems) > before:
            return None
        return Rule(
            id=entry.id,
            why=entry.why,
            about=about,
            when=when,
            occasions=occasions,
            tell=tell,
            tone=tone[0],
            unless=frozenset(unless),
            silences=tuple(dict.fromkeys(entry.silences)),
            attach=attach,
            file=self.file,
            line=self.line((*loc, "id")),
        )

    def _about(self, entry: RuleSchema, loc: Loc) -> About:
        if entry.about not in ABOUTS:
            hint = suggestion(entry.about, list(ABOUTS))
            self.error((*loc, "about"), "rule-about", f"Luật không xét được “{entry.about}”", hint)
            return "assignment"
        return cast(About, entry.about)

    def _conditions(self, when: Mapping[str, Sequence[str]], about: str, loc: Loc) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for name, texts in when.items():
            try:
                fact = known_fact(name, about)
            except BadPhrase as problem:
                self._at_key((*loc, name), problem)
                continue
            try:
                found.append(parse_condition(fact, texts))
            except BadPhrase as problem:
                self.error((*loc, name), problem.code, problem.message, problem.hint)
        return tuple(found)

    def _occasions(self, text: str | None, about: str, loc: Loc) -> Occasions | None:
        if text is None:
            return None
        try:
            return parse_occasions(text, about)
        except BadPhrase as problem:
            self.error(loc, problem.code, problem.message, problem.hint)
            return None

    def _words(
        self, texts: Sequence[str], kind: type[_Word], known: Mapping[_Word, str], what: str, loc: Loc
    ) -> tuple[_Word, ...]:
        """The enum members that the texts name, unknown ones reported with the nearest known word."""
        allowed = [word.value for word in known]
        for text in texts:
            if text not in allowed:
                by_title = {title: word.value for word, title in known.items()}
                hint = f"viết “{by_title[text]}”" if text in by_title else suggestion(text, allowed)
                self.error(loc, f"rule-{loc[-1]}", f"Không có {what} “{text}”", hint)
        if len(set(texts)) < len(texts):
            self.error(loc, f"rule-{loc[-1]}", f"Có {what} viết hai lần", "bỏ một lần")
        return tuple(kind(text) for text in texts if text in allowed)

    def _refuse_misplaced(self, entry: RuleSchema, about: About, tell: Sequence[Role], loc: Loc) -> None:
        """What fits other things, but not a rule about this one."""
        for role in tell:
            if role not in _ROLES_OF[about]:
                message = f"Luật về {_NAMES[about]} không báo cho “{role}” được"
                hint = f"dùng được: {', '.join(_ROLES_OF[about])}"
                self.error((*loc, "tell"), "rule-tell", message, hint)
        if about == "office":
            if entry.occasions is None:
                message = f"Luật về văn phòng “{entry.id}” chưa có occasions"
                hint = "thêm occasions: weekly, monthly, hoặc days_stopped in 0, then every 5"
                self.error(loc, "rule-occasions", message, hint)
            if entry.unless:
                message = "Luật về văn phòng không có lý do tạm im"
                self.error((*loc, "unless"), "rule-unless", message, "bỏ unless")
            return
        if about == "indicator" and entry.unless:
            message = "Luật về chỉ tiêu không có lý do tạm im"
            self.error((*loc, "unless"), "rule-unless", message, "bỏ unless")
        if "when" not in entry.model_fields_set:
            message = f"Luật “{entry.id}” chưa có when"
            self.error(loc, "rule-when", message, "thêm when: {…} với ít nhất một điều kiện")
        if entry.attach:
            message = f"Luật về {_NAMES[about]} không gửi kèm tệp được"
            self.error((*loc, "attach"), "rule-attach", message, "bỏ attach, hoặc viết about: office")

    def _refuse_unusable(
        self, entry: RuleSchema, when: tuple[Condition, ...], occasions: Occasions | None, loc: Loc
    ) -> None:
        _, never = first_meeting(when, occasions)
        if never is not None:
            self.error(
                (*loc, "when", never) if never in entry.when else (*loc, "occasions"),
                "rule-never",
                f"Luật “{entry.id}” không bao giờ áp dụng: không có {FACTS[never].title} nào thỏa mãn",
                "so lại điều kiện này với occasions",
            )
        if count_branches(when) > MOST_BRANCHES:
            self.error(
                (*loc, "when"),
                "rule-too-wide",
                f"Luật “{entry.id}” liệt kê quá nhiều số rời nhau (tối đa {MOST_BRANCHES} cách kết hợp)",
                "dùng khoảng (3 to 12) hoặc tách thành vài luật",
            )

    def _at_key(self, loc: Loc, problem: BadPhrase) -> None:
        line, column = key_position_of(self._document.root, loc) if self._document.root else (0, 0)
        self.problems.append(
            Problem(self.file, line, column, Severity.ERROR, problem.code, problem.message, problem.hint)
        )
