"""A country in a database: 3,321 communes below 34 provinces and a million assignments on a June day.

Rows are written straight into the tables, not through files and sync: what is measured is reading them.
A fifth of the assignments are overdue; every date, state and word is drawn with a fixed seed.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from engine.model.assignment import Extension, Promise, Standing, State
from engine.model.deadline import DeadlineKind
from engine.store.database import writing
from engine.store.mapping import promise_columns, standing_columns
from engine.store.tables import (
    AssignmentRow,
    EventRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    PlanRow,
    TaskRow,
)
from engine.workdays import WorkCalendar

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
PROVINCES = 34
COMMUNES = 3321
ASSIGNMENTS = 1_000_000
_EARLIER = datetime(2026, 1, 5, 2, tzinfo=UTC)
_WORDS = (
    "Rà soát, cập nhật quy trình nội bộ giải quyết thủ tục hành chính",
    "Triển khai thanh toán trực tuyến nghĩa vụ tài chính về đất đai",
    "Số hóa hồ sơ, kết quả giải quyết thủ tục hành chính còn hiệu lực",
    "Tổ chức tập huấn kỹ năng số cho cán bộ, công chức và Tổ công nghệ số cộng đồng",
    "Báo cáo kết quả thực hiện chuyển đổi số của đơn vị",
    "Bố trí trang thiết bị tại Trung tâm phục vụ hành chính công",
    "Kiểm tra việc chấp hành kỷ luật, kỷ cương hành chính",
    "Tuyên truyền, hướng dẫn người dân nộp hồ sơ trực tuyến toàn trình",
)


@dataclass(frozen=True, slots=True)
class _Duty:
    """A task of a plan with the one date that all its units share."""

    plan: str
    id: str
    kind: DeadlineKind
    due: date | None
    rolled: date | None
    confirmed: bool


def province_ids() -> list[str]:
    """The units of the upper level."""
    return [f"tinh-{n:02}" for n in range(1, PROVINCES + 1)]


def commune_ids() -> list[str]:
    """The communes, dealt out to the provinces in turn."""
    provinces = province_ids()
    return [f"{provinces[n % PROVINCES]}.xa-{n:04}" for n in range(COMMUNES)]


def write_home(folder: Path) -> None:
    """A home whose registry holds the country and whose plans stand in the database alone."""
    units = folder / "plans" / "units"
    units.mkdir(parents=True)
    shutil.copytree(ROOT / "rules", folder / "rules")
    lines = ["units:"]
    for n, id in enumerate(province_ids(), start=1):
        lines += [f"  - id: {id}", f"    name: UBND tỉnh Số {n}", "    level: province"]
        lines += ["    kind: committee", "    form: tỉnh"]
    for n, id in enumerate(commune_ids(), start=1):
        lines += [f"  - id: {id}", f"    name: UBND xã Thử Nghiệm {n}", "    level: commune"]
        lines += ["    kind: committee", "    form: xã"]
    (units / "ca-nuoc.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")


def fill(engine: Engine, calendar: WorkCalendar, size: int = ASSIGNMENTS) -> None:
    """Writes plans, tasks, ``size`` assignments, their reminders and the events of extensions."""
    dice = random.Random(20260615)
    duties = list(_duties(dice, calendar))
    with writing(engine) as connection:
        connection.execute(insert(PlanRow), list(_plans()))
        connection.execute(insert(TaskRow), list(_tasks(duties)))
    rows = islice(_assignments(dice, duties), size)
    late: list[str] = []
    extended: list[str] = []
    while chunk := list(islice(rows, 20_000)):
        with writing(engine) as connection:
            _write(connection, AssignmentRow, chunk)
        late += [
            r["id"] for r in chunk if r["state"] == "not_started" and r["last_day"] and r["last_day"] < TODAY
        ]
        extended += [r["id"] for r in chunk if r["extension"] == "granted"]
    with writing(engine) as connection:
        _reminders(connection, late)
        events = (
            {
                "assignment": id,
                "kind": "extend",
                "at": NOW,
                "recorded_at": NOW,
                "by": "văn phòng",
                "cures": False,
            }
            for id in extended
        )
        _write(connection, EventRow, list(events))
    if engine.dialect.name == "postgresql":
        # As its own housekeeping would after a while; SQLite has none, so nothing is done there.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _write(connection: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    columns = list(rows[0])
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.connection.cursor().copy(f'COPY "{table.__tablename__}" ({quoted}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _plans() -> Iterator[dict[str, Any]]:
    def row(id: str, number: str, title: str, issuer: str, completion: str) -> dict[str, Any]:
        return {
            "id": id, "number": number, "title": title, "issuer": issuer, "issued": date(2026, 1, 5),
            "starts": date(2026, 1, 5), "year": 2026, "monitor": issuer, "leader": issuer, "roll": True,
            "before_day": "exclusive", "completion": completion,
        }  # fmt: skip

    for n in range(1, 7):
        completion = "confirmed" if n % 3 == 0 else "reported"
        yield row(f"trung-uong-{n}-2026", f"{n}/KH-TTg", f"Kế hoạch quốc gia số {n}", "tinh-01", completion)
    for p, province in enumerate(province_ids(), start=1):
        for n in range(1, 5):
            completion = "confirmed" if n == 4 else "reported"
            yield row(
                f"{province}-{n}-2026", f"{p}{n}/KH-UBND", f"Kế hoạch {n} của tỉnh {p}", province, completion
            )


def _duties(dice: random.Random, calendar: WorkCalendar) -> Iterator[_Duty]:
    per_plan = {"trung-uong": 28, "tinh": 36}
    for plan in _plans():
        for n in range(1, per_plan["trung-uong" if plan["id"].startswith("trung") else "tinh"] + 1):
            kind = dice.choices(
                (DeadlineKind.DATE, DeadlineKind.CONTINUOUS, DeadlineKind.EVENT, DeadlineKind.UNSPECIFIED),
                (88, 6, 3, 3),
            )[0]
            due = (
                date(2026, 1, 20) + timedelta(days=dice.randrange(340)) if kind is DeadlineKind.DATE else None
            )
            rolled = calendar.roll(due) if due else None
            yield _Duty(plan["id"], f"pl1-{n}", kind, due, rolled, plan["completion"] == "confirmed")


def _tasks(duties: list[_Duty]) -> Iterator[dict[str, Any]]:
    for position, duty in enumerate(duties, start=1):
        yield {
            "plan": duty.plan, "id": duty.id, "position": position, "stt": duty.id[4:],
            "appendix": "Phụ lục 1",
            "section": None, "group_title": None, "leads": "UBND các xã", "coordinating": "UBND tỉnh",
            "title": f"{_WORDS[position % len(_WORDS)]}, đợt {position}",
            "coordinating_units": json.dumps(["tinh-01", "tinh-02"]),
            "deadline_text": f"{duty.due:%d/%m/%Y}" if duty.due else "", "deliverable": "Báo cáo",
            "milestones": "[]",
        }  # fmt: skip


def _assignments(dice: random.Random, duties: list[_Duty]) -> Iterator[dict[str, Any]]:
    """In the order of a sync: plan by plan, task by task."""
    communes = commune_ids()
    of_province: dict[str, list[str]] = {}
    for id in communes:
        of_province.setdefault(id.partition(".")[0], []).append(id)
    for duty in duties:
        units = communes if duty.plan.startswith("trung") else of_province[duty.plan[:7]]
        for unit in units:
            promise = Promise(
                id=f"{duty.plan}:{duty.id}:{unit}", plan=duty.plan, task=duty.id, unit=unit, milestone=None,
                period=None, kind=duty.kind, starts=date(2026, 1, 5), due=duty.due, rolled=duty.rolled,
                ends=date(2026, 12, 31) if duty.kind is DeadlineKind.CONTINUOUS else None,
                trigger="có văn bản" if duty.kind is DeadlineKind.EVENT else None, offset_days=None,
                offset_working=False, collective=False,
            )  # fmt: skip
            standing = _standing(dice, duty)
            yield {
                "id": promise.id, **promise_columns(promise), **standing_columns(promise, standing),
                "synced_at": _EARLIER, "revision": 0,
            }  # fmt: skip


_LATE_STATES = (
    "not_started",
    "received",
    "in_progress",
    "returned",
    "declined",
    "reported",
    "confirmed",
    "withdrawn",
)


def _standing(dice: random.Random, duty: _Duty) -> Standing:
    if duty.kind is DeadlineKind.EVENT:
        return Standing(State.DORMANT)
    past = duty.rolled is not None and duty.rolled < TODAY
    weights = (27, 7, 9, 2, 1, 8, 45, 1) if past else (70, 14, 10, 1, 1, 2, 1, 1)
    state = State(dice.choices(_LATE_STATES, weights)[0])
    standing = Standing(state)
    if state is not State.NOT_STARTED:
        said = _EARLIER + timedelta(days=dice.randrange(100))
        standing = replace(
            standing, last_word_at=said, last_word="cập nhật tiến độ: đang làm", since=said.date()
        )
    if state in (State.REPORTED, State.CONFIRMED):
        standing = replace(
            standing, reported_on=date(2026, 1, 6) + timedelta(days=dice.randrange(150)), percent=100
        )
        if state is State.CONFIRMED:
            standing = replace(standing, confirmed_on=standing.reported_on)
    elif state is State.WITHDRAWN:
        standing = replace(standing, withdrawn_from=State.NOT_STARTED)
    elif duty.due is not None and dice.random() < 0.03:
        if dice.random() < 0.5:
            return replace(standing, extension=Extension.PENDING, extension_to=duty.due + timedelta(days=30))
        new = duty.due + timedelta(days=14)
        return replace(standing, extension=Extension.GRANTED, extension_to=new, due=new, rolled=new)
    return standing


def _reminders(connection: Any, late: list[str]) -> None:
    """One digest for each thousand reminders: what counts them must still find them one by one."""
    messages, notices, links = [], [], []
    for number, id in enumerate(late, start=1):
        notices.append({
            "id": number, "rule": "qua-han", "assignment": id, "deadline": "-", "recipient": "x",
            "occasion": "1", "role": "lead", "tone": "warn", "why": "Quá hạn", "day": TODAY,
            "created_at": NOW, "state": "composed", "reason": "",
        })  # fmt: skip
        links.append({"message": f"tin-{number // 1000}", "notice": number})
        if number == 1 or number % 1000 == 0:
            messages.append({
                "id": f"tin-{number // 1000}", "channel": "mail", "address": f"{number}@don-vi.example",
                "recipient": "x", "day": TODAY, "subject": "", "text": "", "html": "", "created_at": NOW,
                "state": "sent", "not_before": NOW, "attempts": 1, "in_doubt": False, "sent_at": NOW,
            })  # fmt: skip
    _write(connection, MessageRow, messages)
    for start in range(0, len(notices), 20_000):
        _write(connection, NoticeRow, notices[start : start + 20_000])
        _write(connection, MessageNoticeRow, links[start : start + 20_000])
