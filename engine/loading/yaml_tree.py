"""What a YAML file holds: text, lists and maps, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Problem

Position = tuple[int, int]
"""Line and column, from 1."""
Loc = tuple[str | int, ...]
"""A path of keys and list indexes (from 0), as pydantic gives it."""


@dataclass(frozen=True, slots=True)
class TextNode:
    """A value as written (NFC); None where nothing, ``null`` or ``~`` stands after the colon."""

    value: str | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """The items of a list, in the file's order."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MapNode:
    """The values of a map and the position of each key."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Position]
    line: int
    column: int


Node = TextNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its tree (None when it could not be read to the end) and what is wrong."""

    file: str
    root: Node | None
    problems: tuple[Problem, ...]


def plain(node: Node) -> Any:
    """The tree as dict, list, str and None."""
    match node:
        case TextNode():
            return node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key: plain(value) for key, value in node.entries.items()}


def existing(root: Node, loc: Loc) -> Iterator[tuple[str | int, Node]]:
    """The steps of ``loc`` that exist in the tree, each with its node.

    pydantic mixes discriminator tags and type names into a path; what is no key or index of
    the tree is skipped.
    """
    node = root
    for step in loc:
        if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            continue
        yield step, node


def position_of(root: Node, loc: Loc) -> Position:
    """Where the value at ``loc`` stands, or its nearest existing ancestor."""
    *_, node = (root, *(node for _, node in existing(root, loc)))
    return node.line, node.column


def key_position_of(root: Node, loc: Loc) -> Position:
    """Where the last key of ``loc`` stands; the value's position where the last step is an index."""
    parent: Node = root
    position = (root.line, root.column)
    for step, node in existing(root, loc):
        keyed = isinstance(parent, MapNode) and isinstance(step, str)
        position = parent.keys[step] if keyed else (node.line, node.column)  # type: ignore[union-attr,index]
        parent = node
    return position
