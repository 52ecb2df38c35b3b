"""A small site with something on every page. In its hostile form every text that somebody may type tries
to break out of the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine import chasing
from engine.evidence import shelf
from engine.installation.opening import open_installation, ruleset_in_force, sync_installation
from engine.model.event import Event, EventKind
from engine.reports import closing
from engine.reports.count_tasks import count_tasks
from engine.reports.json_form import tasks_json
from engine.reports.tasks import Scope
from engine.reports.windows import Kind, window
from engine.store import webhooks
from engine.store.access import keys, links
from engine.store.access.audit import SYSTEM, Actor, append
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.messages.reach import Means
from engine.store.people import address_book, stand_ins
from engine.store.people.contacts import HEAD, Contact
from engine.store.tables import AccountRow, MessageRow
from engine.store.work import evidence
from engine.store.work.evidence import Evidence
from engine.tracking.progress import local_day
from tests.core.evidence_files import png
from tests.tick.desk import FarEnd
from tests.web.desk_scene import pass_now
from tests.web.sites import ROOT, Clock, Web
from web.site import Site

BROKEN = """'"><svg/onload=alert(1)><script>alert(2)</script>{{7*7}}<!--"""
"""Breaks out of a quoted attribute, an element and a comment; `{{7*7}}` shows 49 where it is evaluated."""

_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_SETTINGS = 'secret_key = "khoa-thu"\nbase_url = "http://testserver"\n'
MONDAY = datetime(2023, 4, 10, 3, tzinfo=UTC)
REPORTED, LATE, HELPED = "xau-2023:1:huyen.noi-vu", "xau-2023:2:huyen.van-hoa", "xau-2023:3:huyen.van-phong"


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _units(odd: str) -> str:
    named = {"huyen": "UBND huyện", "huyen.noi-vu": "Phòng Nội vụ", "huyen.van-hoa": "Phòng Văn hóa"}
    named |= {"huyen.van-phong": "Văn phòng"}
    lines = ["units:"]
    for id, name in named.items():
        kind = "committee, form: huyện" if id == "huyen" else "department"
        lines.append(f"- {{id: {id}, name: {_yaml(name + odd)}, level: district, kind: {kind}}}")
    return "\n".join(lines) + "\n"


def _plan(odd: str) -> str:
    b = odd
    rows = "".join(
        f"""- stt: {_yaml(f"{n}{b}")}
  id: "{n}"
  title: {_yaml(f"Việc {n} {b}")}
  lead: {lead}
  coordinating: huyen.van-phong
  deadline: Trước 0{n}/4/2023
  deliverable: {_yaml(f"Báo cáo {b}")}
  note: {_yaml(f"Ghi chú {b}")}
"""
        for n, lead in ((1, "huyen.noi-vu"), (2, "huyen.van-hoa"), (3, "huyen.van-phong"))
    )
    return f"""plan:
  id: xau-2023
  number: {_yaml("15/KH" + b)}
  title: {_yaml("Kế hoạch " + b)}
  issuer: huyen
  issued: 01/03/2023
  year: 2023
  monitor: huyen.van-phong
tasks:
- appendix: {_yaml("Phụ lục " + b)}
  heading: {_yaml("Tên phụ lục " + b)}
- section: {_yaml("I. Phần " + b)}
- group: {_yaml("1. Nhóm " + b)}
{rows}indicators:
- appendix: {_yaml("Phụ lục " + b)}
  table: {_yaml("Bảng " + b)}
  name: {_yaml("Chỉ tiêu " + b)}
  columns: [{_yaml("Cột " + b)}]
  target: {_yaml("Cột " + b)}
  rows:
  - 1 | huyen.noi-vu | 71%
catalogue:
- appendix: {_yaml("Phụ lục " + b)}
  level: {_yaml("CẤP " + b)}
  unit: {_yaml("PHÒNG " + b)}
  field: {_yaml("Lĩnh vực " + b)}
  procedures:
  - {_yaml("1. Thủ tục " + b)}
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """The site, and a value for each part of an address that stands for something in it."""

    web: Web
    parts: dict[str, str]

    def path(self, pattern: str) -> str:
        """An address of a pattern that leads to something."""
        room = pattern.split("/")[1]
        parts = {
            **self.parts,
            **{
                name: self.parts[f"{room} {name}"]
                for name in ("id", "token", "day")
                if f"{room} {name}" in self.parts
            },
        }
        path = pattern.replace("{id:int}", "{id}")
        for name, value in parts.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path


def make_scene(folder: Path, odd: str = "") -> Scene:
    """Builds everything anew; every text ends in ``odd``."""
    (folder / "plans" / "units").mkdir(parents=True)
    (folder / "rules").mkdir()
    (folder / "plans" / "units" / "xau.yaml").write_text(_units(odd), encoding="utf-8")
    (folder / "plans" / "xau-2023.yaml").write_text(_plan(odd), encoding="utf-8")
    for file in (ROOT / "rules").glob("*.yaml"):
        (folder / "rules" / file.name).write_bytes(file.read_bytes())
    (folder / "dondoc.toml").write_text(_SETTINGS, encoding="utf-8")
    installation = open_installation(folder)
    assert [p for p in installation.home.problems if p.severity == "error"] == []
    sync_installation(installation, datetime(2023, 3, 1, tzinfo=UTC))
    ruleset_in_force(installation, datetime(2023, 3, 1, tzinfo=UTC))
    installation.engine.dispose()
    clock = Clock(MONDAY)
    web = Web(Site(folder, clock), clock)
    return Scene(web, _fill(web, odd))


def _closed(connection: Connection, site: Site, b: str, now: datetime) -> str:
    """The hash of a closed window that was amended, and whose figures are others again today."""
    scope, month = Scope(("xau-2023",)), window(Kind.MONTH, 2023, 3)
    found = count_tasks(connection, site.registry, site.calendar, scope, month, local_day(now))
    figures, actor = tasks_json(found), Actor("account:1", b)
    shares = figures["shares"]
    first, second = (
        {**figures, "shares": [{**each, "percent": number} for each in shares]} for number in (10, 20)
    )
    closed = closing.close(connection, "tasks", scope, month, first, actor, now)
    closing.amend(connection, "tasks", scope, month, second, b, actor, now)
    return closed.hash


def _fill(web: Web, odd: str) -> dict[str, str]:
    """Contacts, words, files, chases, stand-ins, keys, webhooks and messages."""
    site, now, b = web.site, web.clock.now, f"lời {odd}"
    web.signed_in("manager", f"quan-ly{odd}")
    said = [
        Event(REPORTED, EventKind.DONE, now - timedelta(days=2), by=b, document=b, note=b),
        Event(HELPED, EventKind.EXTENSION, now - timedelta(days=1), by=b, note=b, day=date(2023, 5, 4)),
        Event(LATE, EventKind.PROGRESS, now - timedelta(days=1), by=b, note=b, percent=30),
    ]
    content, proof = png(), shelf.new_id()
    with writing(site.engine) as connection:
        numbers = record(connection, said, site.calendar, now)
        shelf.put(site.home, proof, content)
        file = Evidence(
            proof,
            REPORTED,
            numbers[0],
            f"anh{odd}.png".replace("/", ""),
            "image/png",
            len(content),
            shelf.sha256(content),
            b,
            now,
        )
        evidence.add(connection, [file])
        people = [
            address_book.add(
                connection, Contact(unit, HEAD, f"Trưởng {b}", f"{number}@don-vi.example", f"mục đích {b}")
            )
            for number, unit in enumerate(("huyen.noi-vu", "huyen.van-hoa", "huyen.van-phong", "huyen"))
        ]
        away = stand_ins.add(
            connection, people[3].id, people[2].id, date(2023, 4, 10), date(2023, 5, 4), b, b, now
        )
        token = links.make(connection, ["huyen.noi-vu", "huyen.van-phong"], "0@don-vi.example", b, now=now)
        feed = links.make(connection, ["huyen.noi-vu"], "", b, links.FEED, now=now)
        key, secret = keys.make(connection, b, frozenset(keys.Scope), b, now)
        append(connection, SYSTEM, b, b, now, before={b: b}, after={b: b})
        webhook = webhooks.add(connection, f"https://xau.example/?{quote(b)}", (), b, now)
        account = connection.execute(select(_ACCOUNT.c.id)).scalar_one()
        book = site.book(connection)
        means = Means(site.settings.base_url)
        chase = chasing.prepare(connection, [LATE], book, site.calendar, now, b, b, means)
        closed = _closed(connection, site, b, now)
        [chased] = chasing.send(connection, chase.fresh, b, SYSTEM, b, now).begun
    pass_now(web, FarEnd())
    with reading(site.engine) as connection:
        message = connection.execute(select(_MESSAGE.c.id).order_by(_MESSAGE.c.id)).scalars().first()
    return {
        "plan": "xau-2023",
        "task": "2",
        "closed": closed,
        "file": proof,
        "secret": secret,
        "viec id": REPORTED,
        "u id": REPORTED,
        "api id": REPORTED,
        "tong-quan day": "2023-04-03",
        "danh-ba id": str(people[0].id),
        "nguoi-dung id": str(account),
        "thay-mat id": str(away.id),
        "ket-noi id": str(key.id),
        "lien-ket id": "1",
        "don-doc id": str(chased),
        "thong-bao id": str(message),
        "webhook": str(webhook.id),
        "u token": token,
        "lich token": feed,
    }
