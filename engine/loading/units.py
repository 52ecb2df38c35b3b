"""Unit files → the registry, with every problem found."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Problem
from engine.loading.report import Report
from engine.loading.strict_yaml import read_strict
from engine.loading.unit_schema import GroupSchema, UnitFileSchema, UnitSchema
from engine.loading.validate import validate
from engine.model.unit import Group, Selection, Unit
from engine.units import Registry, name_key, registry_of
from engine.vietnamese import nearest, tidy


def load_units(files: Mapping[str, bytes]) -> tuple[Registry | None, tuple[Problem, ...]]:
    """The registry of all unit files together; None when any of them has an error."""
    units: dict[str, Unit] = {}
    groups: dict[str, Group] = {}
    places: dict[str, tuple[Report, tuple[str | int, ...]]] = {}
    problems: list[Problem] = []
    reports: list[Report] = []
    broken = False
    for file, data in sorted(files.items()):
        document = read_strict(data, file)
        content, found = validate(UnitFileSchema, document, file)
        problems.extend(found)
        if content is None:
            broken = True
            continue
        report = Report(file, document)
        reports.append(report)
        entries: list[tuple[str, int, UnitSchema | GroupSchema]] = []
        entries += [("units", i, e) for i, e in enumerate(content.units)]
        entries += [("groups", i, e) for i, e in enumerate(content.groups)]
        for key, index, entry in entries:
            if entry.id in places:
                first, loc = places[entry.id]
                report.error(
                    (key, index, "id"),
                    "unit-duplicate",
                    f"Mã “{entry.id}” đã dùng ở {first.file}:{first.line(loc)}",
                    "Mỗi đơn vị hay nhóm đơn vị có một mã riêng",
                )
                continue
            places[entry.id] = (report, (key, index, "id"))
            if isinstance(entry, UnitSchema):
                units[entry.id] = _unit(entry)
            else:
                groups[entry.id] = _group(entry, report, (key, index))
    registry = registry_of(units.values(), groups.values())
    _check_links(registry, places)
    _check_names(registry, places)
    for report in reports:
        problems.extend(report.problems)
        broken = broken or report.has_errors
    return (None if broken else registry), tuple(problems)


def _unit(entry: UnitSchema) -> Unit:
    parent = entry.parent or (entry.id.rpartition(".")[0] or None)
    return Unit(
        id=entry.id,
        name=tidy(entry.name),
        aliases=tuple(map(tidy, entry.aliases)),
        level=entry.level,
        kind=entry.kind,
        form=entry.form,
        parent=parent,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        merged_into=entry.merged_into,
    )


def _group(entry: GroupSchema, report: Report, loc: tuple[str | int, ...]) -> Group:
    if (entry.select is None) == (entry.members is None):
        report.error(
            loc,
            "group-members",
            f"Nhóm “{entry.name}” phải có đúng một trong hai khóa: select hoặc members",
            "Văn bản không liệt kê thành viên thì ghi members: unlisted",
        )
    if isinstance(entry.members, list) and not entry.members:
        report.error(
            (*loc, "members"),
            "group-empty",
            f"Nhóm “{entry.name}” không có thành viên nào",
            "Liệt kê mã các đơn vị, hoặc ghi members: unlisted để phần mềm hỏi lại",
        )
    return Group(
        id=entry.id,
        name=tidy(entry.name),
        aliases=tuple(map(tidy, entry.aliases)),
        under=entry.under,
        select=Selection(entry.select.kind, entry.select.level, tuple(entry.select.form))
        if entry.select
        else None,
        members=tuple(entry.members) if isinstance(entry.members, list) else (),
        unlisted=entry.members == "unlisted",
        partial=entry.partial,
    )


def _check_links(registry: Registry, places: Mapping[str, tuple[Report, tuple[str | int, ...]]]) -> None:
    known = (*registry.units, *registry.groups)

    def dangling(owner: str, key: str, target: str | None, among: Mapping[str, object]) -> None:
        if target is None or target in among:
            return
        report, loc = places[owner]
        near = nearest(target, known)
        report.error(
            (*loc[:-1], key),
            "unit-link",
            f"“{owner}” chỉ tới mã “{target}” không có trong sổ đơn vị",
            f"Có phải là: {'; '.join(near)}?" if near else "Thêm đơn vị đó vào plans/units/",
        )

    for unit in registry.units.values():
        dangling(
            unit.id,
            "parent" if unit.parent != unit.id.rpartition(".")[0] else "id",
            unit.parent,
            registry.units,
        )
        dangling(unit.id, "merged_into", unit.merged_into, registry.units)
        report, loc = places[unit.id]
        if unit.valid_from and unit.valid_to and unit.valid_to < unit.valid_from:
            report.error(
                (*loc[:-1], "valid_to"), "unit-dates", f"“{unit.name}”: valid_to đứng trước valid_from"
            )
        if unit.id in registry.ancestors(unit.id) or unit.parent == unit.id:
            report.error((*loc[:-1], "parent"), "unit-circle", f"“{unit.name}” là cấp trên của chính nó")
        if unit.kind == "committee" and unit.form is None:
            report.error(loc, "unit-form", f"“{unit.name}” là UBND thì phải ghi form (xã, phường, huyện …)")
    either: dict[str, object] = {**registry.units, **registry.groups}
    for group in registry.groups.values():
        dangling(group.id, "under", group.under, registry.units)
        for member in group.members:
            dangling(group.id, "members", member, either)
        if _reaches(registry, group.id, group.id, set()):
            report, loc = places[group.id]
            report.error(loc, "group-circle", f"Nhóm “{group.name}” chứa chính nó")


def _reaches(registry: Registry, start: str, goal: str, seen: set[str]) -> bool:
    group = registry.groups.get(start)
    if group is None or start in seen:
        return False
    seen.add(start)
    return any(m == goal or _reaches(registry, m, goal, seen) for m in group.members)


def _check_names(registry: Registry, places: Mapping[str, tuple[Report, tuple[str | int, ...]]]) -> None:
    """Two units of one parent with one name can never be told apart."""
    taken: dict[tuple[str | None, str], str] = {}
    for unit in registry.units.values():
        for name in dict.fromkeys(name_key(n) for n in (unit.name, *unit.aliases)):
            other = taken.setdefault((unit.parent, name), unit.id)
            if other != unit.id:
                report, loc = places[unit.id]
                report.error(
                    loc,
                    "unit-same-name",
                    f"“{unit.name}” trùng tên hoặc cách viết khác (“{name}”) "
                    f"với “{registry.name(other)}” [{other}]",
                    "Hai đơn vị cùng cấp trên phải khác tên; sửa name hoặc aliases",
                )
