"""The API for other systems: lists, one assignment, progress recorded once, keys and what they may do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.exchange.assignment_json import assignment_json
from engine.model.event import Event, EventKind
from engine.store import views
from engine.store.access.keys import Scope
from engine.store.database import reading, writing
from engine.store.events import record
from engine.store.tables import ApiRequestRow, AuditRow, EventRow, WebhookRow
from engine.tracking.assess import assess
from engine.webhooks.signature import secret_of
from tests.web.sites import Web
from tests.web.systems import System, system

ONE = "thach-chau-15-2023"
DISTRICT = "hai-phong.an-duong"
COMMUNE = "hai-phong.an-duong.an-dong"
GROUPS = {"hai-phong.an-duong.cac-truong-hoc"}
"""Names for many units, which lie below no unit."""

_EVENT = EventRow.__table__  # type: ignore[attr-defined]
_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]


def all_rows(web: Web) -> list[dict[str, Any]]:
    """What `dondoc assignments --json` says of every assignment, by its identity."""
    site = web.site
    with reading(site.engine) as connection:
        tracked = views.tracked(connection, site.registry)
    shown = [
        assignment_json(each, assess(each, site.today(), site.calendar), site.registry) for each in tracked
    ]
    return [json.loads(json.dumps(row, default=str)) for row in sorted(shown, key=lambda row: str(row["id"]))]


def common(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("revision", "changed_at")}


def open_one(web: Web, plan: str = ONE, nth: int = 0) -> str:
    """An assignment that nobody has said anything about."""
    fresh = [row["id"] for row in all_rows(web) if row["plan"] == plan and row["state"] == "not_started"]
    return str(fresh[nth])


def count_events(web: Web) -> int:
    with reading(web.site.engine) as connection:
        return connection.execute(select(func.count()).select_from(_EVENT)).scalar_one()


def move_some(web: Web) -> None:
    """A past with every timeliness in it."""
    ids: dict[str, list[str]] = {row["timeliness"]: [] for row in all_rows(web)}
    for row in all_rows(web):
        ids[row["timeliness"]].append(row["id"])
    late, soon = ids["overdue"][:4], ids.get("on_track", [])[:3]
    now = web.clock.now
    moves = [Event(id, EventKind.DONE, now) for id in (*late, *soon)]
    moves += [Event(id, EventKind.CONFIRM, now) for id in (*late[:2], *soon[:1])]
    moves += [Event(id, EventKind.WITHDRAW, now) for id in ids["overdue"][4:6]]
    with writing(web.site.engine) as connection:
        record(connection, moves, web.site.calendar, now)


# --- the list ---------------------------------------------------------------------------------------------


def test_the_pages_hold_every_row_once_and_say_what_the_command_says(web: Web) -> None:
    move_some(web)
    rows = system(web).all_pages(limit=333)
    assert [common(row) for row in rows] == all_rows(web)


Filter = tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]

FILTERS: list[Filter] = [
    ({"plan": ONE}, lambda row: row["plan"] == ONE),
    ({"unit": COMMUNE}, lambda row: row["unit"] == COMMUNE),
    (
        {"unit": DISTRICT},
        lambda row: f"{row['unit']}.".startswith(f"{DISTRICT}.") and row["unit"] not in GROUPS,
    ),
    ({"state": "reported"}, lambda row: row["state"] == "reported"),
    *(
        ({"timeliness": word}, lambda row, word=word: row["timeliness"] == word)
        for word in (
            *("on_track", "due_soon", "overdue", "done_on_time", "done_late"),
            *("no_deadline", "not_applicable"),
        )
    ),
    (
        {"due_from": "2023-03-01", "due_to": "2023-06-30"},
        lambda row: row["rolled"] is not None and "2023-03-01" <= row["rolled"] <= "2023-06-30",
    ),
    (
        {"plan": "an-duong-2023", "timeliness": "on_track", "unit": COMMUNE},
        lambda row: (
            row["plan"] == "an-duong-2023" and row["timeliness"] == "on_track" and row["unit"] == COMMUNE
        ),
    ),
]


def test_each_filter_gives_what_the_judge_says(web: Web) -> None:
    move_some(web)
    everything, caller = all_rows(web), system(web)
    for asked, fits in FILTERS:
        expected = [row for row in everything if fits(row)]
        found = [common(row) for row in caller.all_pages(**asked, limit=200)]
        assert found == expected, asked
        assert expected or asked.get("timeliness") == "due_soon", asked


def test_what_changed_since_comes_in_the_order_of_the_changes(web: Web) -> None:
    caller = system(web)
    web.clock.advance(hours=1)
    since = web.clock.now.isoformat()
    assert caller.all_pages(changed_since=since) == []
    first, second = open_one(web, nth=1), open_one(web, nth=0)
    for id in (first, second):
        assert caller.submit(id, kind="received").status_code == 201
        web.clock.advance(minutes=1)
    assert [row["id"] for row in caller.all_pages(changed_since=since, limit=1)] == [first, second]
    answer = caller.get("/assignments", changed_since=since, limit=1).json()
    # What changes while somebody reads comes once more, at the end.
    assert caller.submit(first, kind="progress", percent=10).status_code == 201
    rest = caller.get("/assignments", changed_since=since, cursor=answer["next"], limit=5).json()["items"]
    assert [row["id"] for row in rest] == [second, first]
    assert len(caller.all_pages(changed_since="2020-01-01T00:00:00Z", limit=500)) == len(all_rows(web))


def test_rows_that_come_or_go_between_pages_move_no_other(web: Web) -> None:
    caller = system(web)
    first = caller.get("/assignments", plan=ONE, state="not_started", limit=3).json()
    seen = [row["id"] for row in first["items"]]
    assert caller.submit(seen[0], kind="received").status_code == 201
    rest = caller.all_pages(plan=ONE, state="not_started", limit=3)
    second = caller.get("/assignments", plan=ONE, state="not_started", limit=3, cursor=first["next"]).json()
    assert [row["id"] for row in second["items"]] == [row["id"] for row in rest[2:5]]


WRONG_FILTERS: list[dict[str, str]] = [
    *({"limit": bad} for bad in ("0", "501", "-1", "abc", "1e3", "9" * 5000)),
    *({"due_from": bad} for bad in ("", "2023-13-01", "15/06/2023", "1686700800", "2023-06-15T00:00:00Z")),
    *(
        {"changed_since": bad}
        for bad in ("2023-06-15", "2023-06-15T10:00:00", "0001-01-01T00:00:00+14:00", "x")
    ),
    *(
        {"state": "DONE"},
        {"timeliness": "late"},
        {"plan": "a'; --"},
        {"plan": "khong-co"},
        {"unit": "../x"},
    ),
    *({"unit": "khong-co"}, {"cursor": "x"}, {"cursor": ""}, {"cursor": "\x00"}, {"cursor": "W10"}),
    *(
        {"cursor": "bnVsbA"},
        {"cursor": "9" * 1001},
        {"unti": COMMUNE},
        {"plan": "a\x00b"},
        {"unit": "\ud7ff"},
    ),
]


def test_a_wrong_filter_is_refused_in_vietnamese(web: Web) -> None:
    caller = system(web)
    for params in WRONG_FILTERS:
        answer = caller.get("/assignments", **params)
        assert answer.status_code == 422, params
        assert set(answer.json()) == {"error", "hint"}
        assert answer.json()["error"]


def test_a_cursor_belongs_to_its_filters(web: Web) -> None:
    caller = system(web)
    cursor = caller.get("/assignments", plan=ONE, limit=1).json()["next"]
    assert caller.get("/assignments", plan=ONE, limit=5, cursor=cursor).status_code == 200
    assert caller.get("/assignments", limit=1, cursor=cursor).status_code == 422
    narrow = system(web, unit=COMMUNE)
    assert narrow.get("/assignments", plan=ONE, cursor=cursor).status_code == 422


# --- one assignment ---------------------------------------------------------------------------------------


def test_one_assignment_comes_with_its_words_and_history(web: Web) -> None:
    caller, id = system(web), open_one(web)
    caller.submit(id, kind="progress", percent=40, note="Đã xong dự thảo", document="12/BC-UBND", by="Bà Lan")
    found = caller.get(f"/assignments/{id}").json()
    assert (found["id"], found["state"], found["percent"], found["revision"]) == (id, "in_progress", 40, 1)
    assert found["plan_number"] == "15/KH-UBND"
    assert found["title"]
    assert found["changed_at"] == "2023-06-15T10:00:00+07:00"
    (event,) = found["events"]
    assert event["kind"] == "progress"
    assert (event["note"], event["document"]) == ("Đã xong dự thảo", "12/BC-UBND")
    assert "Lan" not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    "id", ["khong-co", "a%00b", "%ff", "%ED%A0%80", "a" * 300, "%F0%9F%98%80", "..%2Fplans"]
)
def test_an_assignment_that_is_not_there(web: Web, id: str) -> None:
    answer = system(web).get(f"/assignments/{id}")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "hint"}


# --- progress ---------------------------------------------------------------------------------------------


def test_progress_is_recorded_with_its_author_and_in_the_audit_log(web: Web) -> None:
    caller, id = system(web), open_one(web)
    answer = caller.submit(
        id, kind="done", document="12/BC-UBND", by="Phòng Nội vụ", at="2023-06-14T16:00:00+07:00"
    )
    assert answer.status_code == 201
    assert answer.json()["assignment"]["state"] == "reported"
    with reading(web.site.engine) as connection:
        event = connection.execute(select(_EVENT).order_by(_EVENT.c.id.desc())).mappings().first()
        logged = connection.execute(select(_AUDIT).order_by(_AUDIT.c.id.desc())).mappings().first()
    assert event is not None
    assert logged is not None
    assert (event["id"], event["by"]) == (answer.json()["event"], "Phòng Nội vụ – Hệ thống văn bản")
    assert event["at"].isoformat() == "2023-06-14T09:00:00+00:00"
    assert event["recorded_at"] == web.clock.now
    assert (logged["actor"], logged["action"], logged["subject"]) == (
        f"key:{caller.key.id}",
        "progress.submit",
        id,
    )


def test_the_same_request_again_is_recorded_once(web: Web) -> None:
    caller, id = system(web), open_one(web)
    first = caller.submit(id, "yeu-cau-1", kind="progress", percent=30)
    before = count_events(web)
    again = caller.submit(id, "yeu-cau-1", kind="progress", percent=30)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert count_events(web) == before
    other = caller.submit(id, "yeu-cau-1", kind="progress", percent=31)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["error"]
    # Another system may use the same name.
    assert system(web).submit(id, "yeu-cau-1", kind="progress", percent=50).status_code == 201


def test_what_was_refused_may_be_tried_again_under_the_same_name(web: Web) -> None:
    caller, id = system(web), open_one(web)
    assert caller.submit(id, "mot", kind="extension", until="2030-01-01").status_code == 409
    assert caller.submit(id, "mot", kind="received").status_code == 201


def test_a_retry_at_the_same_moment_is_recorded_once(web: Web) -> None:
    caller, id = system(web), open_one(web)
    before, answers = count_events(web), []

    def send() -> None:
        answers.append(caller.submit(id, "cung-luc", kind="progress", percent=5))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["event"] for answer in answers}) == 1
    assert count_events(web) == before + 1


def test_names_are_forgotten_after_a_month(web: Web) -> None:
    caller, id = system(web), open_one(web)
    assert caller.submit(id, "mot", kind="received").status_code == 201
    web.clock.advance(days=30, seconds=1)
    assert caller.submit(id, "hai", kind="progress", percent=1).status_code == 201
    with reading(web.site.engine) as connection:
        assert connection.execute(select(func.count()).select_from(ApiRequestRow)).scalar_one() == 1


def test_who_decided_by_an_old_picture_is_told(web: Web) -> None:
    caller, id = system(web), open_one(web)
    assert caller.submit(id, kind="received", revision=0).status_code == 201
    answer = caller.submit(id, kind="done", revision=0)
    assert answer.status_code == 409
    assert "vừa có người khác cập nhật" in answer.json()["error"]
    assert id not in answer.json()["error"]


WRONG_UPDATES: list[tuple[Any, int]] = [
    ({"kind": "extension", "until": "2030-01-01"}, 409),  # no reason
    ({"kind": "extension", "until": "2000-01-01", "note": "x"}, 409),  # before the deadline
    ({"kind": "confirm"}, 422),  # the office's word
    ({"kind": "progress", "percent": 101}, 422),
    ({"kind": "progress", "percent": 10**40}, 422),
    ({"kind": "progress", "percent": 1.5}, 422),
    ({"kind": "progress", "percent": True}, 422),
    ({"kind": "progress", "percent": "50"}, 422),
    ({"kind": "progress", "note": "a\x00b"}, 422),
    ({"kind": "progress", "note": "a\x1bb"}, 422),
    ({"kind": "progress", "note": "x" * 4001}, 422),
    ({"kind": "progress", "at": "2023-06-16T00:00:00+07:00"}, 422),  # tomorrow
    ({"kind": "progress", "at": "1999-12-31T00:00:00+07:00"}, 422),
    ({"kind": "progress", "at": "0001-01-01T00:00:00+14:00"}, 422),
    ({"kind": "progress", "at": 1686700800}, 422),
    ({"kind": "progress", "revision": 2**63}, 422),
    ({"kind": "progress", "xyz": 1}, 422),
    ({}, 422),
    ([], 422),
    (None, 422),
]


def test_a_wrong_update_changes_nothing(web: Web) -> None:
    caller, id = system(web), open_one(web)
    before = count_events(web)
    for body, status in WRONG_UPDATES:
        answer = caller.post(f"/assignments/{id}/events", body, **{"idempotency-key": "a"})
        assert answer.status_code == status, (body, answer.text)
        assert set(answer.json()) == {"error", "hint"}
    assert count_events(web) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"kind": "progress", "percent": ' + b"9" * 5000 + b"}",
        b'{"kind": "progress", "note": "\\ud800"}',
        b'{"\\ud800": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind": "progress", "percent": NaN}',
    ],
)
def test_a_body_that_is_no_decent_json_is_refused(web: Web, content: bytes) -> None:
    caller, id = system(web), open_one(web)
    answer = caller.client.post(
        f"/api/v1/assignments/{id}/events",
        content=content,
        headers={**caller.headers, "content-type": "application/json", "idempotency-key": "a"},
    )
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error", "hint"}


@pytest.mark.parametrize("name", ["", "a b", "x" * 201, "é"])
def test_a_request_needs_a_decent_name(web: Web, name: str) -> None:
    caller, id = system(web), open_one(web)
    headers = {**caller.headers, "idempotency-key": name}
    encoded = [(key.encode(), value.encode()) for key, value in headers.items()]
    answer = caller.client.post(
        f"/api/v1/assignments/{id}/events", json={"kind": "received"}, headers=encoded
    )
    assert answer.status_code == 422
    answer = caller.client.post(
        f"/api/v1/assignments/{id}/events", json={"kind": "received"}, headers=caller.headers
    )
    assert answer.status_code == 422
    assert "thiếu tiêu đề Idempotency-Key" in answer.json()["error"]


# --- keys -------------------------------------------------------------------------------------------------

ADDRESSES = [
    ("GET", "/assignments", Scope.READ),
    ("GET", "/assignments/x", Scope.READ),
    ("GET", "/plans", Scope.READ),
    ("GET", "/units", Scope.READ),
    ("POST", "/assignments/x/events", Scope.SUBMIT),
    ("GET", "/webhooks", Scope.WEBHOOKS),
    ("POST", "/webhooks", Scope.WEBHOOKS),
    ("DELETE", "/webhooks/1", Scope.WEBHOOKS),
]


@pytest.mark.parametrize(("method", "path", "scope"), ADDRESSES)
def test_each_address_asks_for_its_scope(web: Web, method: str, path: str, scope: Scope) -> None:
    def ask(caller: System) -> Any:
        body = {"kind": "received"} if "events" in path else {"url": "https://a.example/"}
        headers = {**caller.headers, "idempotency-key": "a"}
        return caller.client.request(
            method, f"/api/v1{path}", headers=headers, json=body if method == "POST" else None
        )

    assert ask(system(web, frozenset({scope}))).status_code not in (401, 403)
    refused = ask(system(web, frozenset(Scope) - {scope}))
    assert refused.status_code == 403
    assert set(refused.json()) == {"error", "hint"}


def test_the_description_needs_no_key_and_everything_else_does(web: Web) -> None:
    client = web.visitor()
    assert client.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    for method, path, _ in ADDRESSES:
        answer = client.request(method, f"/api/v1{path}")
        assert answer.status_code == 401
        assert set(answer.json()) == {"error", "hint"}


def test_a_session_of_the_office_opens_nothing_here(web: Web) -> None:
    assert web.signed_in("administrator").client.get("/api/v1/plans").status_code == 401


@pytest.mark.parametrize("how", ["Basic", "cookie", "query", "cut", "longer", "spaces", "unicode"])
def test_a_key_works_in_one_place_and_whole(web: Web, how: str) -> None:
    caller = system(web)
    secret, client = caller.secret, web.visitor()
    if how == "cookie":
        client.cookies.set("authorization", f"Bearer {secret}")
    headers = {
        "Basic": f"Basic {secret}",
        "cut": f"Bearer {secret[:-1]}",
        "longer": f"Bearer {secret}x",
        "spaces": f"Bearer {secret[:20]} {secret[20:]}",
        "unicode": f"Bearer dondoc_{'é' * 43}",
    }
    sent = {"authorization": headers[how].encode()} if how in headers else {}
    query = {"access_token": secret} if how == "query" else {}
    assert client.get("/api/v1/plans", params=query, headers=sent).status_code == 401  # type: ignore[arg-type]
    assert caller.get("/plans").status_code == 200


def test_a_key_ends(web: Web) -> None:
    caller = system(web, expires_at=web.clock.now + timedelta(days=1))
    web.clock.advance(days=1, seconds=-1)
    assert caller.get("/plans").status_code == 200
    web.clock.advance(seconds=1)
    assert caller.get("/plans").status_code == 401


def test_guessing_keys_is_slowed_down_but_a_good_one_still_works(web: Web) -> None:
    caller = system(web)
    answers = [
        caller.client.get("/api/v1/plans", headers={"authorization": f"Bearer dondoc_{n}"}) for n in range(40)
    ]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Thử lại sau" in answers[-1].json()["hint"]
    assert caller.get("/plans").status_code == 200


def test_a_key_of_a_unit_sees_and_moves_its_subtree_only(web: Web) -> None:
    caller, everything = system(web, unit=DISTRICT), all_rows(web)
    subtree = web.site.registry.subtree(DISTRICT)
    below = [row for row in everything if row["unit"] in subtree]
    above = next(row["id"] for row in everything if row["state"] == "not_started" and row not in below)
    assert [common(row) for row in caller.all_pages(limit=500)] == below
    assert caller.get(f"/assignments/{above}").status_code == 404
    assert caller.submit(above, kind="received").status_code == 404
    assert caller.get("/assignments", unit="hai-phong").status_code == 422
    assert [row["unit"] for row in caller.all_pages(unit=COMMUNE)] == [
        row["unit"] for row in below if row["unit"] == COMMUNE
    ]
    units = {unit["id"] for unit in caller.get("/units").json()["items"]}
    assert units == subtree
    assert {plan["id"] for plan in caller.get("/plans").json()["items"]} == {row["plan"] for row in below}
    assert len(system(web).get("/plans").json()["items"]) == 4


# --- webhooks ---------------------------------------------------------------------------------------------


def with_secret_key(web: Web) -> None:
    web.site.settings = replace(web.site.settings, secret_key="bi-mat")


def test_a_system_says_where_it_wants_to_hear(web: Web) -> None:
    with_secret_key(web)
    caller, stranger = system(web), system(web)
    made = caller.post(
        "/webhooks", {"url": "https://van-ban.example/nhan", "kinds": ["done"], "unit": COMMUNE}
    )
    assert made.status_code == 201
    assert made.json()["secret"] == secret_of("bi-mat", made.json()["id"])
    (listed,) = caller.get("/webhooks").json()["items"]
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    assert stranger.get("/webhooks").json()["items"] == []
    assert stranger.delete(f"/webhooks/{listed['id']}").status_code == 404
    assert caller.delete(f"/webhooks/{listed['id']}").status_code == 204
    assert caller.delete(f"/webhooks/{listed['id']}").status_code == 404
    assert caller.get("/webhooks").json()["items"] == []


def test_a_key_of_a_unit_hears_of_its_subtree_only(web: Web) -> None:
    with_secret_key(web)
    caller = system(web, unit=DISTRICT)
    assert caller.post("/webhooks", {"url": "https://a.example/"}).json()["unit"] == DISTRICT
    assert caller.post("/webhooks", {"url": "https://a.example/", "unit": COMMUNE}).json()["unit"] == COMMUNE
    assert caller.post("/webhooks", {"url": "https://a.example/", "unit": "hai-phong"}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://a.example/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://[::ffff:169.254.169.254]/"},
        {"url": "https://a.example/\r\nHost: b"},
        {"url": "https://a.example/", "kinds": ["all"]},
        {"url": "https://a.example/", "secret": "mine"},
        {"kinds": []},
    ],
)
def test_a_place_that_may_not_be_called_is_refused(web: Web, body: dict[str, Any]) -> None:
    with_secret_key(web)
    answer = system(web).post("/webhooks", body)
    assert answer.status_code == 422
    with reading(web.site.engine) as connection:
        assert connection.execute(select(func.count()).select_from(WebhookRow)).scalar_one() == 0


def test_a_key_has_so_many_webhooks_and_no_more(web: Web) -> None:
    with_secret_key(web)
    caller = system(web)
    answers = [caller.post("/webhooks", {"url": f"https://a.example/{n}"}).status_code for n in range(21)]
    assert answers == [201] * 20 + [409]


def test_without_a_secret_key_webhooks_are_refused(web: Web) -> None:
    answer = system(web).post("/webhooks", {"url": "https://a.example/"})
    assert answer.status_code == 409
    assert "DONDOC_SECRET_KEY" in answer.json()["error"]
