"""Several deadlines in one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.deadlines.meaning.setting import Setting
from engine.deadlines.tree import Span
from engine.model.deadline import Deadline, DeadlineKind


def milestones(parts: Sequence[tuple[str, Deadline]], at: Span, rule: str, setting: Setting) -> Deadline:
    """The labelled parts as one deadline, parts of parts in a row; due when the last one is."""
    done = tuple(
        replace(each, label=label or each.label)
        for label, read in parts
        for each in read.milestones or (read,)
    )
    due = max((each.due for each in done if each.due), default=None)
    return Deadline(
        DeadlineKind.MILESTONES,
        setting.words(at),
        due=due,
        rolled=setting.rolled(due),
        milestones=done,
        ambiguous=any(each.ambiguous for each in done),
        rule=rule,
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
    )
