"""The registry of units: which office a name in a document means, and whom a group stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from engine.model.unit import Group, Unit
from engine.vietnamese import match_key, nearest

_JOINERS = re.compile(r"\s*([-&/,])\s*")
_COMMITTEE = re.compile(r"(?:uỷ|ủy) ban nhân dân")
_COUNCIL = re.compile(r"hội đồng nhân dân")
_FRONT = re.compile(r"mặt trận tổ quốc việt nam|mặt trận tổ quốc")


def name_key(name: str) -> str:
    """Equal for all spellings of one name: case, blanks, tone place, trailing dots, and the usual
    short forms (UBND, HĐND, MTTQ)."""
    key = match_key(name).strip(" .;:,")
    key = _COMMITTEE.sub("ubnd", key)
    key = _COUNCIL.sub("hđnd", key)
    key = _FRONT.sub("mttq", key)
    return _JOINERS.sub(r"\1", key)


@dataclass(frozen=True, slots=True)
class NameProblem:
    """A name that could not be resolved, in Vietnamese, with what the author can do."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class Registry:
    """Units and groups by id, and the rules by which a document's names are read."""

    units: Mapping[str, Unit]
    groups: Mapping[str, Group]

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for unit in self.units.values():
            keys = {name_key(n) for n in (unit.name, *unit.aliases)}
            keys |= {key.removeprefix("ubnd ") for key in keys if unit.kind == "committee"}
            if unit.parent in self.units:
                keys.add(name_key(self._with_parent(unit)))
            for key in keys:
                found.setdefault(key, []).append(unit.id)
        for group in self.groups.values():
            for key in {name_key(n) for n in (group.name, *group.aliases)}:
                found.setdefault(key, []).append(group.id)
        return {key: tuple(ids) for key, ids in found.items()}

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.parent:
                children.setdefault(unit.parent, []).append(unit.id)
        return {parent: tuple(ids) for parent, ids in children.items()}

    @cached_property
    def _sharing(self) -> frozenset[str]:
        """The units whose name is also a name of another unit."""
        called = {unit.id: self._by_key.get(name_key(unit.name), ()) for unit in self.units.values()}
        return frozenset(id for id, ids in called.items() if sum(i in self.units for i in ids) > 1)

    def name(self, id: str) -> str:
        """The canonical name of a unit or group; the id itself where the registry lost it."""
        entity = self.units.get(id) or self.groups.get(id)
        return entity.name if entity else id

    def full_name(self, id: str) -> str:
        """The name with the committee above it where the name alone is shared by several units."""
        unit = self.units.get(id)
        if unit is None:
            return self.name(id)
        if id not in self._sharing or unit.parent is None:
            return unit.name
        return self._with_parent(unit)

    def _with_parent(self, unit: Unit) -> str:
        return f"{unit.name} ({self.name(unit.parent or '').removeprefix('UBND ')})"

    def ancestors(self, id: str) -> Iterator[str]:
        """The parent, its parent, and so on; ends at a unit without one."""
        seen = {id}
        unit = self.units.get(id)
        while unit is not None and unit.parent is not None and unit.parent not in seen:
            seen.add(unit.parent)
            yield unit.parent
            unit = self.units.get(unit.parent)

    def descendants(self, id: str) -> Iterator[str]:
        """Every unit below ``id``, nearest first, in the order of the files."""
        queue = list(self._children.get(id, ()))
        seen: set[str] = {id}
        while queue:
            child = queue.pop(0)
            if child in seen:
                continue
            seen.add(child)
            yield child
            queue.extend(self._children.get(child, ()))

    def subtree(self, id: str) -> frozenset[str]:
        """``id`` and everything below it."""
        return frozenset((id, *self.descendants(id)))

    def resolve(self, name: str, scope: str | None) -> str | NameProblem:
        """The id that ``name`` means in a document issued by ``scope``.

        Looked up below ``scope`` (nearest depth first), then at ``scope``, its ancestors and their
        own offices, then everywhere. Two candidates at one step are a problem that names both.
        """
        candidates = self._by_key.get(name_key(name), ())
        for step in self._steps(candidates, scope):
            if len(step) == 1:
                return step[0]
            if step:
                listed = "; ".join(f"{self.full_name(i)} [{i}]" for i in step)
                return NameProblem(
                    "unit-ambiguous",
                    f"Tên đơn vị “{name}” có thể là nhiều đơn vị: {listed}",
                    "Ghi mã (phần trong ngoặc vuông) thay cho tên, hoặc ghi tên kèm đơn vị cấp trên như trên",
                )
        if name in self.units or name in self.groups:
            return name
        entities: list[Unit | Group] = [*self.units.values(), *self.groups.values()]
        known = [n for e in entities for n in (e.name, *e.aliases)]
        near = nearest(name, known)
        hint = f"Có phải là: {'; '.join(f'“{n}”' for n in near)}?" if near else ""
        if "," in name:
            hint += " Nếu là nhiều đơn vị thì cách nhau bằng dấu “;”, vì tên đơn vị có thể có dấu phẩy."
        return NameProblem(
            "unit-unknown",
            f"Không có đơn vị hay nhóm đơn vị nào tên là “{name}”",
            f"{hint} Nếu là đơn vị mới, thêm vào một tệp trong plans/units/".strip(),
        )

    def _steps(self, candidates: tuple[str, ...], scope: str | None) -> Iterator[list[str]]:
        if scope is None:
            yield list(candidates)
            return
        above = [scope, *self.ancestors(scope)]
        groups = [i for i in candidates if i in self.groups]
        near_groups = [i for i in groups if self.groups[i].under in above]
        # The group declared for the closest committee wins over one declared higher up.
        near_groups.sort(key=lambda i: above.index(self.groups[i].under or ""))
        yield near_groups[:1]
        by_depth: dict[int, list[str]] = {}
        for id in candidates:
            if id in self.units and scope in (line := list(self.ancestors(id))):
                by_depth.setdefault(line.index(scope), []).append(id)
        for depth in sorted(by_depth):
            yield by_depth[depth]
        units = [i for i in candidates if i in self.units]
        yield [i for i in units if i == scope]
        for place in above[1:]:
            yield [i for i in units if i == place or self.units[i].parent == place]
        yield [i for i in groups if self.groups[i].under is None]
        yield units

    def expand(self, id: str, issuer: str, day: date) -> tuple[str, ...]:
        """The units that exist on ``day`` behind a unit or group id, for a plan of ``issuer``.

        An unlisted group stands for itself (one collective assignment), never for nothing.
        """
        group = self.groups.get(id)
        if group is None:
            return (id,)
        if group.select is not None:
            wanted = group.select
            return tuple(
                u.id
                for u in map(self.units.__getitem__, self.descendants(issuer))
                if u.kind == wanted.kind
                and (wanted.level is None or u.level == wanted.level)
                and (not wanted.forms or u.form in wanted.forms)
                and u.is_valid_on(day)
            )
        if group.unlisted:
            return (id,)
        return tuple(
            dict.fromkeys(unit for member in group.members for unit in self.expand(member, issuer, day))
        )

    def abolished(self, id: str, day: date) -> NameProblem | None:
        """The problem of naming a unit that does not exist on ``day``, with its successor."""
        unit = self.units.get(id)
        if unit is None or unit.is_valid_on(day):
            return None
        if unit.valid_from is not None and day < unit.valid_from:
            return NameProblem(
                "unit-not-yet",
                f"“{unit.name}” chỉ có từ ngày {unit.valid_from:%d/%m/%Y}, sau ngày {day:%d/%m/%Y}",
                "Kiểm tra lại năm của kế hoạch hoặc valid_from của đơn vị",
            )
        heir = self.final_heir(id)
        hint = (
            f"Giao cho đơn vị kế thừa: “{self.name(heir)}”"
            if heir
            else "Sổ đơn vị chưa ghi đơn vị kế thừa (merged_into); bổ sung rồi giao lại"
        )
        return NameProblem(
            "unit-abolished", f"“{unit.name}” không còn từ sau ngày {unit.valid_to:%d/%m/%Y}", hint
        )

    def final_heir(self, id: str) -> str | None:
        """The unit at the end of the chain of ``merged_into``, None where nothing is recorded."""
        seen = {id}
        unit = self.units.get(id)
        while unit and unit.merged_into and unit.merged_into not in seen:
            seen.add(unit.merged_into)
            following = self.units.get(unit.merged_into)
            if following is None:
                break
            unit = following
        return unit.id if unit and unit.id != id else None


def registry_of(units: Iterable[Unit], groups: Iterable[Group]) -> Registry:
    """A registry from values whose ids are already known to be distinct."""
    return Registry({u.id: u for u in units}, {g.id: g for g in groups})
