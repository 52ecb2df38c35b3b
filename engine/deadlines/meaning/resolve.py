"""The tree of a time cell → the Deadline value."""

from __future__ import annotations

from engine.deadlines.meaning.dates import dated, timed
from engine.deadlines.meaning.events import event
from engine.deadlines.meaning.lasting import cycles, steady
from engine.deadlines.meaning.milestones import milestones
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
            parts = [(label, resolve(part, setting)) for label, part in node.parts]
            return milestones(parts, node.at, node.rule, setting)
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
