"""The people of benchmarks/crowd.py, as Locust plays them: heads with a link, managers at the lists."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from locust import HttpUser, between, events, task

_accepted: Counter[str] = Counter()
_people: dict[str, Any] = {}
_heads: Any = itertools.count()
_managers: Any = itertools.count()
_REVISION = re.compile(r'name="luot" value="(\d+)"')
_LAST = re.compile(r'name="den" value="(\d+)"')
_LISTS = (
    "/qua-han",
    "/qua-han?cap=xa",
    "/qua-han?tim=hồ sơ",
    "/qua-han?cham=8-30",
    "/sap-den-han",
    "/cho-xac-nhan",
    "/tat-ca?trang=3",
    "/theo-don-vi",
    "/theo-ke-hoach",
    "/tong-quan",
)


@events.init_command_line_parser.add_listener
def _arguments(parser: Any) -> None:
    parser.add_argument("--people")
    parser.add_argument("--accepted")


@events.test_start.add_listener
def _begin(environment: Any, **_: Any) -> None:
    _people.update(json.loads(Path(environment.parsed_options.people).read_text(encoding="utf-8")))


@events.quitting.add_listener
def _end(environment: Any, **_: Any) -> None:
    Path(environment.parsed_options.accepted).write_text(json.dumps(_accepted), encoding="utf-8")


class Head(HttpUser):
    """Opens the reminder's link, then one task, and says how far it is."""

    weight = 140
    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        me = _people["heads"][next(_heads) % len(_people["heads"])]
        self.path, self.work = f"/u/{me['token']}", me["work"]

    @task
    def answer(self) -> None:
        """The whole visit."""
        self.client.get(self.path, name="/u/…")
        where = f"{self.path}/viec/{quote(random.choice(self.work), safe='')}"
        page = self.client.get(where, name="/u/…/viec/…").text
        revision = _REVISION.search(page)
        if revision is None:
            return
        form = {"tra_loi": "tien-do", "tien-do-phan_tram": str(random.randint(1, 99)), "luot": revision[1]}
        form["tien-do-loi"] = f"lời {random.getrandbits(60)}"
        with self.client.post(
            where, data=form, allow_redirects=False, catch_response=True, name="/u/…/viec/… gửi"
        ) as said:
            if said.status_code == 303:
                _accepted["progress"] += 1
                said.success()
            elif said.status_code == 409:
                _accepted["overtaken"] += 1
                said.success()


class Manager(HttpUser):
    """Looks at lists with filters; confirms and returns reports that all managers see."""

    weight = 50
    wait_time = between(0.5, 2)

    def on_start(self) -> None:
        me = _people["managers"][next(_managers) % len(_people["managers"])]
        self.key = me["key"]
        self.client.cookies.set("dondoc", me["session"])

    @task(4)
    def look(self) -> None:
        """A list."""
        where = random.choice(_LISTS)
        self.client.get(where, name=where.split("?")[0])

    @task(2)
    def decide(self) -> None:
        """Confirms or returns what another may be deciding at this moment."""
        where = f"/viec/{quote(random.choice(_people['shared']), safe='')}"
        page = self.client.get(where, name="/viec/…").text
        revision, last = _REVISION.search(page), _LAST.search(page)
        if revision is None or last is None:
            return
        chosen = random.choice(("xac-nhan", "tra-lai"))
        form = {
            "khoa": self.key,
            "quyet_dinh": chosen,
            "luot": revision[1],
            "den": last[1],
            "ly_do": "xem lại",
        }
        with self.client.post(
            f"{where}/quyet-dinh",
            data=form,
            allow_redirects=False,
            catch_response=True,
            name="/viec/…/quyet-dinh",
        ) as said:
            if said.status_code == 303:
                _accepted["decided"] += 1
                said.success()
            elif said.status_code in (409, 422):
                _accepted["overtaken"] += 1
                said.success()


class Stranger(HttpUser):
    """Somebody without anything: is shown the door politely, again and again."""

    weight = 10
    wait_time = between(1, 2)

    @task
    def knock(self) -> None:
        """The sign-in page."""
        self.client.get("/", name="/")
