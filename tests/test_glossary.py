"""The glossary names every key of the files and every word of the program, as the program prints it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from engine.deadlines.in_words import KIND_WORDS
from engine.loading import calendar, plan_schema, unit_schema
from engine.model.deadline import DeadlineKind
from engine.model.event import EventKind
from engine.ruleset import schema as rule_schema
from engine.ruleset import tests_format
from engine.store.people.contacts import CONTACT_ROLES
from engine.tracking.fact_types import EXTENSIONS, KINDS, LEVELS, STATES, TIMELINESS
from engine.tracking.progress import EVENT_NAMES
from engine.tracking.situations import FACTS

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

SCHEMAS: dict[str, type[BaseModel]] = {
    "Plan file": plan_schema.PlanSchema,
    "`plan`": plan_schema.HeadSchema,
    "`plan.settings`": plan_schema.SettingsSchema,
    "`plan.reporting`": plan_schema.ReportingSchema,
    "Marker of an appendix": plan_schema.AppendixMarker,
    "Marker of a section": plan_schema.SectionMarker,
    "Marker of a group of rows": plan_schema.GroupMarker,
    "A row of `tasks` or `duties`": plan_schema.TaskRow,
    "`milestones`": plan_schema.MilestoneSchema,
    "`indicators`": plan_schema.IndicatorTableSchema,
    "Marker inside `rows`": plan_schema.UnderMarker,
    "`catalogue`": plan_schema.CatalogueSchema,
    "Unit file": unit_schema.UnitFileSchema,
    "`units`": unit_schema.UnitSchema,
    "`groups`": unit_schema.GroupSchema,
    "`select`": unit_schema.SelectSchema,
    "Calendar file": calendar.CalendarSchema,
    "`years`": calendar.YearEntry,
    "`days_off`, `working_days`": calendar.DayEntry,
    "Rule file": rule_schema.RuleFileSchema,
    "`rules`": rule_schema.RuleSchema,
    "Rule test file": tests_format.RuleTestFileSchema,
    "`situations`": tests_format.SituationSchema,
    "`cases`": tests_format.CaseSchema,
    "`timelines`": tests_format.TimelineSchema,
    "`assignment`": tests_format.AssignmentSchema,
    "`events`": tests_format.EventSchema,
    "`expect` of a timeline": tests_format.ExpectedSchema,
}
OF_A_CELL_ONLY = {kind.value: KIND_WORDS[kind] for kind in DeadlineKind if kind.value not in KINDS}
WORDS: dict[str, Mapping[Any, str]] = {
    "Facts": {name: fact.title for name, fact in FACTS.items()},
    "Roles": rule_schema.ROLES,
    "Tones": rule_schema.TONES,
    "Silences": rule_schema.SILENCES,
    "Kinds of deadline": {**KINDS, **OF_A_CELL_ONLY},
    "States": STATES,
    "Timeliness": TIMELINESS,
    "Events": {kind: EVENT_NAMES[kind] for kind in EventKind},
    "Extension": EXTENSIONS,
    "Levels": {level: name for level, name in LEVELS.items() if level != "none"},
    "Roles of a contact": CONTACT_ROLES,
}


class Entry(NamedTuple):
    key: str
    code: str
    vietnamese: str
    meaning: str


def sections(markdown: str) -> dict[str, list[Entry]]:
    """The rows of each table by the heading above it."""
    found: dict[str, list[Entry]] = {}
    heading = ""
    for line in markdown.splitlines():
        if title := re.match(r"#{2,3} (.+)", line):
            heading = title.group(1)
        elif line.startswith("| ") and not re.match(r"\| (---|key|value|fact|word) \|", line):
            cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
            found.setdefault(heading, []).append(Entry(cells[0].strip("`"), *cells[1:]))
    return found


TABLES = sections(GLOSSARY)


@pytest.mark.parametrize("heading", SCHEMAS)
def test_every_key_of_a_schema_has_a_row_under_its_own_title(heading: str) -> None:
    titles = {name: field.title for name, field in SCHEMAS[heading].model_fields.items()}
    assert {entry.key: entry.vietnamese for entry in TABLES[heading]} == titles


@pytest.mark.parametrize("heading", WORDS)
def test_every_word_has_a_row_with_what_people_see(heading: str) -> None:
    names = {str(word): name for word, name in WORDS[heading].items()}
    assert {entry.key: entry.vietnamese for entry in TABLES[heading]} == names


def test_every_schema_of_a_file_stands_in_a_table() -> None:
    modules = (plan_schema, unit_schema, calendar, rule_schema, tests_format)
    written = {
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, BaseModel) and item.__module__ == module.__name__
    }
    assert written == set(SCHEMAS.values())


def test_kinds_of_unit_are_those_of_the_schema() -> None:
    allowed = unit_schema.UnitSchema.model_json_schema()["properties"]["kind"]["enum"]
    assert [entry.key for entry in TABLES["Kinds of unit"]] == allowed


def test_no_row_is_unfinished_or_twice_in_its_table() -> None:
    for heading, entries in TABLES.items():
        assert len({entry.key for entry in entries}) == len(entries), heading
        assert [entry for entry in entries if not (entry.vietnamese and entry.meaning)] == [], heading


# --- the code names ---------------------------------------------------------------------------------------


def names_of_classes(sources: Iterable[Path]) -> dict[str, set[str]]:
    """Each class with the names assigned, annotated or defined directly in it; functions with none."""
    found: dict[str, set[str]] = {}
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, set())
            elif isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(_inside(node))
    return found


def _inside(node: ast.ClassDef) -> Iterable[str]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            yield part.name
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id
        elif isinstance(part, ast.Assign):
            yield from (target.id for target in part.targets if isinstance(target, ast.Name))


def test_every_code_name_exists() -> None:
    known = names_of_classes(sorted((ROOT / "engine").rglob("*.py")))
    members = set().union(*known.values())
    named = {
        name
        for entries in TABLES.values()
        for entry in entries
        for name in re.findall(r"`([^`]+)`", entry.code)
    }
    missing = []
    for name in sorted(named):
        owner, dot, member = name.removesuffix("()").partition(".")
        exists = member in known.get(owner, ()) if dot else owner in known or owner in members
        if not exists:
            missing.append(name)
    assert missing == []
