"""The tree of a time cell → the Deadline value."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.meaning.dates import dated, timed
from engine.deadlines.meaning.events import event
from engine.deadlines.meaning.lasting import cycles, steady
from engine.deadlines.meaning.named import authority
from engine.deadlines.meaning.setting import Setting
from engine.deadlines.tree import (
    Cycles,
    Dated,
    Elsewhere,
    Event,
    Node,
    Parts,
    Steady,
    Timed,
)
from engine.model.deadline import Deadline, DeadlineKind


def resolve(node: Node, setting: Setting) -> Deadline:
    """The meaning of a whole cell; Unreadable when a day does not exist or is missing."""
    match node:
        case Parts():
            return milestones(node, setting)
        case Timed():
            return timed(node, setting)
        case Dated():
            return dated(node, setting)
        case Cycles():
            return cycles(node, setting)
        case Steady():
            return steady(node, setting)
        case Event():
            return event(node, setting)
        case Elsewhere():
            return Deadline(
                DeadlineKind.EXTERNAL,
                setting.words(node.at),
                authority=authority(node, setting),
                rule=node.rule,
            )
        case _:
            raise TypeError(node)


def milestones(node: Parts, setting: Setting) -> Deadline:
    done: list[Deadline] = []
    for label, part in node.parts:
        read = resolve(part, setting)
        inner = read.milestones or (read,)
        done.extend(replace(each, label=label or each.label) for each in inner)
    due = max((each.due for each in done if each.due), default=None)
    rough = any(each.ambiguous for each in done)
    return Deadline(
        DeadlineKind.MILESTONES, setting.words(node.at), due=due, rolled=setting.rolled(due),
        milestones=tuple(done), rule=node.rule, ambiguous=rough,
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
    )  # fmt: skip
