"""A plan file → a Plan, with every problem found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.deadlines import read_deadline
from engine.errors import Problem
from engine.loading.plan_schema import (
    AppendixMarker,
    GroupMarker,
    MilestoneSchema,
    PlanSchema,
    Row,
    SectionMarker,
    TaskRow,
)
from engine.loading.report import Loc, Report
from engine.loading.strict_yaml import read_strict
from engine.loading.tables import read_catalogue, read_indicators
from engine.loading.validate import validate
from engine.model.deadline import Deadline, DeadlineKind
from engine.model.plan import Milestone, NameRef, Plan, PlanSettings, Reporting, Task
from engine.model.unit import Group
from engine.units import NameProblem, Registry
from engine.vietnamese import match_key, without_marks
from engine.workdays import WorkCalendar

_ROMAN = re.compile(r"^\s*([IVXLC]+|[A-Z]|\d+(?:\.\d+)*)\s*[.)\-:]")


@dataclass(frozen=True, slots=True)
class Names:
    """Reads unit names in one plan file and reports those it cannot read."""

    registry: Registry
    report: Report
    plan: PlanSchema
    issuer: str | None

    def one(self, name: str, loc: Loc, scope: str | None = None) -> NameRef | None:
        """The unit or group that a name means; None after the problem was reported."""
        if self.issuer is None and loc != ("plan", "issuer"):
            return None  # Whose "Phòng Nội vụ" it is depends on the issuer, which is reported itself.
        id = self.registry.resolve(name, scope or self.issuer)
        if isinstance(id, NameProblem):
            self.report.error(loc, id.code, id.message, id.hint)
            return None
        return NameRef(name, id, self.registry.name(id), id in self.registry.groups)


def load_plan(
    data: bytes, file: str, registry: Registry, calendar: WorkCalendar | None
) -> tuple[Plan | None, tuple[Problem, ...]]:
    """The plan in ``data``; None when the file has an error. Warnings come with a plan."""
    document = read_strict(data, file)
    content, found = validate(PlanSchema, document, file)
    report = Report(file, document)
    if content is None:
        return None, found
    head = content.plan
    if head.secrecy:
        report.error(("plan", "secrecy"), "secret", "Kế hoạch có độ mật không được đưa vào phần mềm này")
    if file.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml") != head.id:
        report.error(("plan", "id"), "plan-id", f"Mã kế hoạch “{head.id}” phải trùng với tên tệp")
    if head.issued and abs(head.issued.year - head.year) > 1:
        report.warning(("plan", "year"), "plan-year", f"Năm kế hoạch {head.year} lệch xa ngày ban hành")
    scopeless = Names(registry, report, content, None)
    issuer = scopeless.one(head.issuer, ("plan", "issuer"))
    names = Names(registry, report, content, issuer.id if issuer else None)
    monitor = names.one(head.monitor, ("plan", "monitor"))
    leader = names.one(head.leader, ("plan", "leader")) if head.leader else issuer
    for role, ref in (("issuer", issuer), ("monitor", monitor), ("leader", leader)):
        if ref and ref.is_group:
            report.error(("plan", role), "plan-role", f"“{ref.text}” là một nhóm; ở đây phải là một đơn vị")
    reader = _Rows(names, calendar)
    tasks = (*reader.read("tasks", content.tasks), *reader.read("duties", content.duties))
    tables, indicators = read_indicators(content, names)
    catalogue = read_catalogue(content, report)
    problems = (*found, *report.problems)
    if report.has_errors or issuer is None or monitor is None or leader is None:
        return None, problems
    plan = Plan(
        id=head.id,
        number=head.number,
        title=head.title,
        issuer=issuer,
        issued=head.issued,
        in_force_from=head.in_force_from,
        year=head.year,
        monitor=monitor,
        leader=leader,
        settings=PlanSettings(head.settings.roll, head.settings.before_day, head.settings.completion),
        tasks=tasks,
        indicator_tables=tables,
        indicators=indicators,
        catalogue=catalogue,
        reporting=Reporting(head.reporting.closes_on, head.reporting.send_before) if head.reporting else None,
    )
    return plan, problems


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", without_marks(text)).strip("-")


def _number_of(section: str | None) -> str:
    """The printed number of a section row ("II. Thực hiện …" → "ii"), empty without one."""
    found = _ROMAN.match(section or "")
    return _slug(found.group(1)) if found else ""


class _Rows:
    """Walks the rows of ``tasks`` and ``duties``, carrying the markers along."""

    def __init__(self, names: Names, calendar: WorkCalendar | None) -> None:
        self._names = names
        self._report = names.report
        self._calendar = calendar
        self._taken: dict[str, int] = {}
        self._asked: set[str] = set()

    def read(self, key: str, rows: list[Row]) -> tuple[Task, ...]:
        """The tasks of one list, in the document's order."""
        appendix: str | None = None
        section: str | None = None
        group: str | None = None
        tasks: list[Task] = []
        for index, row in enumerate(rows):
            loc: Loc = (key, index)
            match row:
                case AppendixMarker():
                    appendix, section, group = row.appendix, None, None
                    if key == "duties":
                        self._report.error(
                            loc, "duty-appendix", "Nhiệm vụ trong thân văn bản không có phụ lục"
                        )
                case SectionMarker():
                    section, group = row.section, None
                case GroupMarker():
                    group = row.group or None
                case TaskRow():
                    task = self._task(row, loc, appendix, section, group)
                    if task is not None:
                        tasks.append(task)
        return tuple(tasks)

    def _task(
        self, row: TaskRow, loc: Loc, appendix: str | None, section: str | None, group: str | None
    ) -> Task | None:
        leads = [self._names.one(n, (*loc, "lead", i)) for i, n in enumerate(row.lead)]
        helps = [self._names.one(n, (*loc, "coordinating", i)) for i, n in enumerate(row.coordinating)]
        if not row.lead:
            self._report.error((*loc, "lead"), "no-lead", "Nhiệm vụ chưa có đơn vị chủ trì")
        self._check_leads([ref for ref in leads if ref], loc)
        deadline = self._deadline(row.deadline, (*loc, "deadline"))
        milestones = self._milestones(row, deadline, loc)
        id = self._identity(row, loc, appendix, section)
        if id is None:
            return None
        return Task(
            id=id,
            stt=row.stt,
            appendix=appendix,
            section=section,
            group=group,
            title=row.title,
            leads=tuple(ref for ref in leads if ref),
            coordinating=tuple(ref for ref in helps if ref),
            deadline=deadline,
            deliverable=row.deliverable,
            milestones=milestones,
            note=row.note,
            line=self._report.line(loc),
        )

    def _identity(self, row: TaskRow, loc: Loc, appendix: str | None, section: str | None) -> str | None:
        if row.id:
            id = row.id
        elif row.stt:
            place = f"pl{_number_of_appendix(appendix)}" if appendix else "than"
            own = _slug(row.stt)
            # The body's duties carry their section in their own number ("III.1.c").
            within = _number_of(section) if appendix else ""
            id = ".".join(part for part in (place, within, own) if part)
        else:
            self._report.error(
                loc,
                "task-id",
                "Dòng không có STT phải có khóa id để giữ cố định mã nhiệm vụ",
                "Ví dụ: id: pl1-13a",
            )
            return None
        line = self._report.line(loc)
        first = self._taken.setdefault(id, line)
        if first != line:
            self._report.error(
                loc,
                "task-duplicate",
                f"Mã nhiệm vụ “{id}” đã có ở dòng {first}",
                "Sửa STT cho đúng văn bản, hoặc đặt khóa id riêng cho một trong hai dòng",
            )
        return id

    def _check_leads(self, leads: list[NameRef], loc: Loc) -> None:
        registry, plan = self._names.registry, self._names.plan.plan
        starts = plan.issued or plan.in_force_from or date(plan.year, 1, 1)
        issuer = self._names.issuer
        if issuer is None:
            return
        for index, ref in enumerate(leads):
            place = (*loc, "lead", index)
            group = registry.groups.get(ref.id)
            if group is None:
                if gone := registry.abolished(ref.id, starts):
                    self._report.error(place, gone.code, gone.message, gone.hint)
                continue
            members = self._members(ref, group, place, starts)
            for member in members:
                if gone := registry.abolished(member, starts):
                    self._report.error(place, gone.code, f"{ref.text}: {gone.message}", gone.hint)

    def _members(self, ref: NameRef, group: Group, place: Loc, starts: date) -> tuple[str, ...]:
        """The units of a group, asking the author for those that the document does not list: once for
        each plan, not at each row."""
        asked = group.id in self._asked
        self._asked.add(group.id)
        if group.unlisted:
            if not asked:
                self._report.warning(
                    place,
                    "group-unlisted",
                    f"Văn bản không liệt kê thành viên của “{ref.text}”: cả nhóm theo dõi chung một dòng",
                    f"Liệt kê đơn vị trong members của nhóm “{group.id}” để giao đến từng đơn vị",
                )
            return ()
        registry, issuer = self._names.registry, self._names.issuer or ""
        members = registry.expand(ref.id, issuer, starts)
        if group.partial and not asked:
            self._report.warning(
                place,
                "group-partial",
                f"“{ref.text}” mới gồm {len(members)} đơn vị có tên trong văn bản",
                f"Bổ sung cho đủ members của nhóm “{group.id}” rồi bỏ partial",
            )
        if not members:
            self._report.error(
                place,
                "group-empty",
                f"“{ref.text}” không có đơn vị nào thuộc {registry.name(issuer)} vào ngày ban hành",
                "Bổ sung đơn vị vào plans/units/, hoặc khai báo members: unlisted",
            )
        return members

    def _deadline(self, text: str, loc: Loc) -> Deadline:
        head = self._names.plan.plan
        reading = read_deadline(
            text,
            plan_year=head.year,
            issued=head.issued,
            in_force_from=head.in_force_from,
            calendar=self._calendar,
            before_day=head.settings.before_day,
            roll=head.settings.roll,
        )
        for problem in reading.problems:
            if reading.deadline.kind is DeadlineKind.UNSPECIFIED:
                hint = (
                    "Văn bản để trống thì cứ giữ trống; khi có ngày, văn phòng nhập bằng: dondoc office date"
                )
                self._report.warning(loc, problem.code, problem.message, hint)
            else:
                self._report.error(loc, problem.code, problem.message, problem.hint)
        recurring = reading.deadline.kind is DeadlineKind.RECURRING
        if recurring and not reading.deadline.occurrences and "DAILY" not in "".join(reading.deadline.rrules):
            self._report.warning(
                loc,
                "deadline-no-period",
                f"“{text}” không rơi vào kỳ nào từ khi kế hoạch có hiệu lực đến hết năm {head.year}",
                "Kiểm tra lại năm kế hoạch và ngày ban hành; nếu đúng thì năm nay không giao việc này",
            )
        if reading.deadline.ambiguous:
            due = reading.deadline.due
            read_as = f"hạn {due:%d/%m/%Y}" if due else (reading.deadline.trigger or "")
            self._report.warning(
                loc,
                "deadline-ambiguous",
                f"“{text}” được hiểu là: {read_as}",
                "Nếu không đúng ý, ghi rõ ngày",
            )
        return reading.deadline

    def _milestones(self, row: TaskRow, deadline: Deadline, loc: Loc) -> tuple[Milestone, ...]:
        if not row.milestones:
            return tuple(Milestone("", part, "") for part in deadline.milestones)
        written = [self._milestone(m, (*loc, "milestones", i)) for i, m in enumerate(row.milestones)]
        if deadline.kind is DeadlineKind.MILESTONES:
            cell = [(d.kind, d.start, d.due) for d in deadline.milestones]
            own = [(m.deadline.kind, m.deadline.start, m.deadline.due) for m in written]
            if cell != own:
                self._report.error(
                    (*loc, "milestones"),
                    "milestones-differ",
                    "Thời hạn của các mốc không khớp với ô thời gian thực hiện: "
                    f"“{match_key(row.deadline)}” có {len(cell)} mốc",
                    "Chép lại thời hạn từng mốc đúng như ô thời gian",
                )
        return tuple(written)

    def _milestone(self, row: MilestoneSchema, loc: Loc) -> Milestone:
        return Milestone(row.title, self._deadline(row.deadline, (*loc, "deadline")), row.deliverable)


def _number_of_appendix(appendix: str) -> str:
    """ "Phụ lục 1" → "1", "Phụ lục II" → "ii"; the whole name as a slug otherwise."""
    found = re.search(r"(?i)phụ lục\s+(?:số\s+)?([IVXLC]+|\d+|[A-Z])\b", appendix)
    return _slug(found.group(1)) if found else "-" + _slug(appendix)
