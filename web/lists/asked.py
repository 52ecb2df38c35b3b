"""The address of a list ↔ the filter that it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from engine.model.assignment import State
from engine.notices.notice import Book
from engine.store.lists.filters import ORDERS as ORDERS_OF
from engine.store.lists.filters import Kind, Lateness, ListFilter, Mark
from engine.tracking.progress import STATE_NAMES
from engine.units import NameProblem
from engine.vietnamese import nearest
from web.lists import words
from web.work.typed import typed_words

_T = TypeVar("_T")

SCOPE = ("tim", "don-vi", "rieng", "ke-hoach", "cap")
"""The fields that every list understands; they go along from one list to another."""

FIELDS = (*SCOPE, "cham", "chu-y", "trang-thai", "xep")
_ID = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_MOST = 200
_LAST_PAGE = 1_000_000
_NOT_THERE = "Không có lựa chọn này; hãy chọn trong danh sách"

MARKS_OF: Mapping[Kind, tuple[Mark, ...]] = {
    Kind.OVERDUE: (Mark.SILENT, Mark.EXTENSION, Mark.DECLINED, Mark.AWAITING),
    Kind.DUE_SOON: (Mark.SILENT, Mark.EXTENSION, Mark.DECLINED, Mark.AWAITING),
    Kind.AWAITING: (),
    Kind.ALL: (Mark.SILENT, Mark.EXTENSION, Mark.DECLINED, Mark.UNDATED),
}
"""What a list can be narrowed to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An address read: the filter, the page, the fields as typed and what is wrong with them.

    A list with a wrong field shows no rows: somebody would take them for what was asked for.
    """

    path: str
    filter: ListFilter
    page: int
    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    unit_name: str

    def address(self, path: str | None = None, **changed: object) -> str:
        """An address with some fields changed (``_`` for ``-``); empty ones and the page are left out."""
        return _address(path or self.path, {**self.typed, **_dashed(changed)})

    def scope(self, path: str, **changed: object) -> str:
        """The same plans, units and words at another list."""
        kept = {name: value for name, value in self.typed.items() if name in SCOPE}
        return _address(path, {**kept, **_dashed(changed)})

    @property
    def narrowed(self) -> bool:
        """Whether any field restricts the list."""
        return any(value for name, value in self.typed.items() if name != "xep")


def _dashed(fields: Mapping[str, object]) -> dict[str, str]:
    return {name.replace("_", "-"): str(value) for name, value in fields.items()}


def _address(path: str, fields: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{path}?{query}" if query else path


def asked(path: str, kind: Kind, query: Mapping[str, str], book: Book) -> Asked:
    """Reads the fields of an address. Fields that this list does not know are passed over."""
    typed = {name: typed_words(query.get(name, ""))[:_MOST] for name in FIELDS}
    wrong: dict[str, str] = {}

    def choice(name: str, slugs: Mapping[str, _T]) -> _T | None:
        if not typed[name]:
            return None
        if typed[name] not in slugs:
            wrong[name] = _NOT_THERE
        return slugs.get(typed[name])

    lateness: Lateness | None = None
    state: State | None = None
    if kind is Kind.OVERDUE:
        lateness = choice("cham", words.LATENESS)
    else:
        typed["cham"] = ""
    if kind is Kind.ALL:
        state = choice("trang-thai", words.STATES)
    else:
        typed["trang-thai"] = ""
    if typed["ke-hoach"] and typed["ke-hoach"] not in book.plans:
        wrong["ke-hoach"] = "Không có kế hoạch này; hãy chọn trong danh sách"
    unit = _unit(typed, wrong, book)
    wanted = ListFilter(
        kind=kind,
        plan=typed["ke-hoach"] or None,
        unit=unit,
        only_unit=bool(typed["rieng"]) and unit is not None,
        level=choice("cap", words.LEVELS),
        lateness=lateness,
        mark=choice("chu-y", {slug: m for slug, m in words.MARKS.items() if m in MARKS_OF[kind]}),
        state=state,
        text=typed["tim"],
        order=choice("xep", {slug: o for slug, o in words.ORDERS.items() if o in ORDERS_OF[kind]}),
    )
    name = book.registry.full_name(unit) if unit is not None else typed["don-vi"]
    return Asked(path, wanted, _page(query.get("trang", "")), typed, wrong, name)


def _unit(typed: dict[str, str], wrong: dict[str, str], book: Book) -> str | None:
    """The unit that was named; the address then carries its id, which no other unit has."""
    name, registry = typed["don-vi"], book.registry
    if not name:
        return None
    if typed["rieng"] and _ID.fullmatch(name):
        # Also a unit that the registry has lost: its assignments are still there.
        return name
    found = name if name in registry.units or name in registry.groups else registry.resolve(name, None)
    if isinstance(found, NameProblem):
        wrong["don-vi"] = f"{found.message}. {_hint(found, name, book)}"
        return None
    if found in registry.groups and not registry.groups[found].unlisted:
        wrong["don-vi"] = f"“{name}” là một nhóm đơn vị; hãy ghi tên một đơn vị, hoặc chọn cấp"
        return None
    typed["don-vi"] = found
    return found


def _hint(problem: NameProblem, name: str, book: Book) -> str:
    """What to write instead; a new unit is no matter of who looks at a list."""
    if problem.code != "unit-unknown":
        return problem.hint
    near = nearest(name, (unit.name for unit in book.registry.units.values()))
    return f"Có phải là: {'; '.join(f'“{one}”' for one in near)}?" if near else "Ghi tên đầy đủ, hoặc mã"


def _page(text: str) -> int:
    """The number of a page; the first one for anything that is none."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_LAST_PAGE)):
        return 1
    return max(1, int(text))


def in_words(asked: Asked, book: Book) -> tuple[str, ...]:
    """The filter in words, for print and for a file: what restricts the list, one phrase each."""
    wanted = asked.filter
    found = []
    if wanted.plan is not None and wanted.plan in book.plans:
        found.append(f"kế hoạch {book.plans[wanted.plan].number}")
    if wanted.unit is not None:
        below = "" if wanted.only_unit else " và các đơn vị trực thuộc"
        found.append(f"{asked.unit_name}{below}")
    if wanted.level is not None:
        found.append(words.LEVEL_NAMES[wanted.level])
    if wanted.lateness is not None:
        found.append(words.LATENESS_NAMES[wanted.lateness])
    if wanted.mark is not None:
        found.append(words.MARK_NAMES[wanted.mark])
    if wanted.state is not None:
        found.append(STATE_NAMES[wanted.state])
    if wanted.text:
        found.append(f"có chữ “{wanted.text}”")
    return tuple(found)
