"""The address of the desk's list ↔ what is asked of the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy.engine import Connection

from engine.store.messages.desk import DeskFilter, DeskState, recipients
from engine.units import NameProblem, Registry
from engine.vietnamese import without_marks
from notifiers.phone import PhoneError, plain_phone
from notifiers.registry import KINDS
from web.work.typed import NotADay, typed_day

SLUGS = {
    "cho": DeskState.WAITING,
    "dang-gui": DeskState.SENDING,
    "da-gui": DeskState.SENT,
    "that-bai": DeskState.FAILED,
    "khong-ro": DeskState.UNKNOWN,
    "chua-co-dia-chi": DeskState.NO_ADDRESS,
    "da-chuyen": DeskState.REPLACED,
}
SLUG_OF = {state: slug for slug, state in SLUGS.items()}

FIELDS = ("tu", "den", "trang-thai", "kenh", "don-vi", "tim")
CHANNELS = {kind.name: kind.title for kind in KINDS}
_MOST = 200
_ID = re.compile(r"[0-9]{8}-[0-9a-f]{0,24}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address: the fields as typed, what is wrong with some of them, and the rest."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    first: date | None
    last: date | None
    state: DeskState | None
    channel: str | None
    units: frozenset[str] | None
    search: str

    def address(self, **changed: str) -> str:
        """The list's address with some fields changed; empty ones are left out."""
        fields = {**self.typed, **{name.replace("_", "-"): value for name, value in changed.items()}}
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"/thong-bao?{query}" if query else "/thong-bao"


def asked_of(query: Mapping[str, str], registry: Registry) -> Asked:
    """Reads the fields; a wrong one restricts nothing and says what is wrong."""
    typed = {name: query.get(name, "").replace("\x00", "").strip()[:_MOST] for name in FIELDS}
    wrong: dict[str, str] = {}

    def day(name: str) -> date | None:
        try:
            return typed_day(typed[name])
        except NotADay as error:
            wrong[name] = str(error)
            return None

    first, last = day("tu"), day("den")
    if first and last and last < first:
        wrong["den"] = "Ngày cuối đứng trước ngày đầu"
    state = SLUGS.get(typed["trang-thai"])
    if typed["trang-thai"] and state is None:
        wrong["trang-thai"] = "Không có tình trạng này; chọn trong danh sách"
    channel = typed["kenh"] or None
    if channel is not None and channel not in CHANNELS:
        wrong["kenh"], channel = "Không có kênh này; chọn trong danh sách", None
    units: frozenset[str] | None = None
    if typed["don-vi"]:
        name = typed["don-vi"]
        found = name if name in registry.units else registry.resolve(name, None)
        if isinstance(found, NameProblem):
            wrong["don-vi"] = f"{found.message}. {found.hint}"
        else:
            units = registry.subtree(found)
    return Asked(typed, wrong, first, last, state, channel, units, typed["tim"])


def filter_of(connection: Connection, asked: Asked, registry: Registry) -> DeskFilter:
    """What is asked of the database. Names of units are looked for without accents; an address must be
    whole, so that nobody learns one letter by letter."""
    search, address, id = asked.search, None, None
    tests: list[Callable[[str], bool]] = []
    if "@" in search:
        address = search.lower()
    elif _ID.fullmatch(search.lower()):
        id = search.lower()
    elif (phone := _phone(search)) is not None:
        address = phone
    elif search:
        words = without_marks(search).split()
        tests.append(lambda unit: all(word in without_marks(registry.full_name(unit)) for word in words))
    if asked.units is not None:
        below = asked.units
        tests.append(lambda unit: unit in below)
    chosen: list[str] | None = None
    if tests:
        known = recipients(connection, asked.first, asked.last)
        kept = {u for text in known for u in text.split("; ")}
        kept = {unit for unit in kept if all(test(unit) for test in tests)}
        chosen = [text for text in known if not kept.isdisjoint(text.split("; "))]
    return DeskFilter(asked.first, asked.last, asked.state, chosen, address, id, asked.channel)


def _phone(text: str) -> str | None:
    """A whole telephone number, as it is kept."""
    try:
        return plain_phone(text)
    except PhoneError:
        return None
