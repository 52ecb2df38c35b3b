"""The author's pages: plans as they are understood, and a check that never hangs or changes anything."""

from __future__ import annotations

import html
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from engine.installation.checking_apart import NotChecked, check_apart
from engine.installation.sources import FileKind, Source
from engine.model.access import Role
from engine.store.database import reading
from tests.cli.command_line import dondoc
from tests.web.desk_scene import make_morning, opened
from tests.web.sites import ROOT, Web

PLAN = "thach-chau-15-2023"
CHECK = "/soan-ke-hoach/kiem-tra"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A site that these tests only look at; its slow readings happen once."""
    folder = tmp_path_factory.mktemp("authoring") / "home"
    make_morning(folder)
    with opened(folder) as web:
        yield web


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """A site whose files a test may break."""
    make_morning(tmp_path / "home")
    with opened(tmp_path / "home") as web:
        yield web


def get(web: Web, path: str, role: Role = Role.AUTHOR) -> Any:
    return web.signed_in(role).client.get(path)


def check(web: Web, content: str | bytes = "", name: str = "", **fields: str) -> Any:
    """Posts the form; with a ``name`` as an uploaded file."""
    data: dict[str, object] = {key.replace("_", "-"): value for key, value in fields.items()}
    raw = content.encode() if isinstance(content, str) else content
    if name:
        return web.signed_in(Role.AUTHOR).post(CHECK, data, files={"tep": (name, raw)})
    return web.signed_in(Role.AUTHOR).post(CHECK, {**data, "noi-dung": content}, files={"tep": ("", b"")})


def shipped(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def everything(web: Web) -> list[tuple[Any, ...]]:
    """All that an author must not change."""
    found: list[tuple[Any, ...]] = []
    with reading(web.site.engine) as connection:
        for table in ("assignment", "plan", "task", "event", "accepted_file"):
            found += [tuple(r) for r in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))]
    files = sorted(p for p in web.site.home.rglob("*.yaml"))
    return [*found, *((str(p), p.read_bytes()) for p in files)]


# --- the plans -------------------------------------------------------------------------------------------


def test_the_plans_in_force_and_the_problems_of_the_files(shared: Web) -> None:
    page = html.unescape(get(shared, "/soan-ke-hoach").text)
    assert "15/KH-UBND" in page
    assert "đang áp dụng" in page
    said = dondoc("check", "--home", str(shared.site.home)).out
    warnings = [line.strip() for line in said.splitlines() if line.startswith("  cảnh báo: ")]
    assert warnings
    for line in warnings:
        place, _, message = line.removeprefix("cảnh báo: ").partition(": ")
        assert f"{place}: {message}" in page


def test_a_broken_file_says_what_is_wrong_and_what_stays_in_force(own: Web) -> None:
    get(own, "/soan-ke-hoach")
    file = own.site.home / "plans" / f"{PLAN}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("monitor:", "monitr:"), encoding="utf-8")
    page = html.unescape(get(own, "/soan-ke-hoach").text)
    for part in (
        "tệp có lỗi",
        "đang dùng bản đúng gần nhất, nhận lúc 07:00 10/06/2022",
        "Không có khóa “monitr”",
    ):
        assert part in page
    one = html.unescape(get(own, f"/soan-ke-hoach/{PLAN}").text)
    assert "Không có khóa “monitr”" in one
    assert "Phụ lục I" in one
    file.write_text(shipped(f"plans/{PLAN}.yaml").replace("Tháng 8/2023", "Tháng 9/2023"), encoding="utf-8")
    assert "chưa đồng bộ" in get(own, "/soan-ke-hoach").text
    new = own.site.home / "plans" / "moi-2023.yaml"
    new.write_text("plan: {id: moi-2023}\n", encoding="utf-8")
    assert "chưa có bản nào dùng được" in get(own, "/soan-ke-hoach").text
    assert get(own, "/soan-ke-hoach/moi-2023").status_code == 200
    file.unlink()
    assert "tệp đã bỏ" in get(own, "/soan-ke-hoach").text


def test_a_plan_is_read_as_its_document(shared: Web) -> None:
    page = html.unescape(get(shared, f"/soan-ke-hoach/{PLAN}").text)
    said = dondoc("plan", "show", PLAN, "--json", "--home", str(shared.site.home)).json
    for task in said["tasks"]:
        assert task["title"].splitlines()[0] in page
        assert all(lead in page for lead in task["leads"])
        due = task["deadline"].get("due")
        if due:
            year, month, day = due.split("-")
            assert f"{day}/{month}/{year}" in page
    assert "102 việc cho từng đơn vị" in page


@pytest.mark.parametrize("plan", ["khong-co", "hai-phong-128-2022", "..%2f..", "%00", "a" * 300])
def test_an_unknown_plan_is_not_found(shared: Web, plan: str) -> None:
    assert get(shared, f"/soan-ke-hoach/{plan}").status_code == 404
    assert get(shared, f"/soan-ke-hoach/{plan}/mo-phong").status_code == 404


def test_the_year_on_paper_is_the_simulation_of_the_command_line(shared: Web) -> None:
    page = get(shared, f"/soan-ke-hoach/{PLAN}/mo-phong").text
    said = dondoc(
        "simulate",
        "--from",
        "10/03/2023",
        "--to",
        "31/12/2023",
        "--plan",
        PLAN,
        "--home",
        str(shared.site.home),
    ).out.splitlines()[0]
    messages, recipients = said.split(" tin cho ")
    assert f"{messages} tin cho {recipients.split()[0]} nơi nhận" in page.replace(".", "")


# --- a time cell -----------------------------------------------------------------------------------------


def cell(web: Web, **fields: str) -> Any:
    return get(
        web, f"/soan-ke-hoach/thoi-han?{urlencode({k.replace('_', '-'): v for k, v in fields.items()})}"
    )


def test_a_time_cell_is_read_as_the_command_line_does(shared: Web) -> None:
    worded = "Chậm nhất 07 ngày làm việc sau khi Kế hoạch được ban hành"
    page = html.unescape(cell(shared, chu=worded, nam="2023", ban_hanh="10/03/2023").text)
    said = dondoc(
        "deadline", worded, "--year", "2023", "--issued", "10/03/2023", "--home", str(shared.site.home)
    )
    for line in said.out.splitlines()[1:]:
        label, _, words = line.strip().partition(":")
        if label != "Quy tắc đọc":
            assert words.strip() in page


WRONG_CELLS = [
    ({"chu": "Quý II/2023 lung tung", "nam": "2023"}, 200, "<mark>"),
    ({"chu": "", "nam": "2023"}, 200, "Ô thời hạn để trống"),
    ({"chu": "x" * 5000, "nam": "2023"}, 200, "ký tự"),
    ({"chu": "<script>x</script>", "nam": "2023"}, 200, "&lt;script&gt;"),
    ({"chu": "Quý II", "nam": "1"}, 400, "Năm kế hoạch là một số"),
    ({"chu": "Quý II", "nam": "9" * 400}, 400, "Năm kế hoạch là một số"),
    ({"chu": "Quý II", "nam": "²⁰²³"}, 400, "Năm kế hoạch là một số"),
    ({"chu": "Quý II", "nam": "2023", "ban_hanh": "mai"}, 400, "không phải là một ngày"),
    ({"chu": "Quý II", "nam": "2099"}, 200, "lịch chưa có năm 2099"),
]


@pytest.mark.parametrize(("fields", "status", "part"), WRONG_CELLS)
def test_a_cell_that_is_not_understood_says_where(
    shared: Web, fields: dict[str, str], status: int, part: str
) -> None:
    answer = cell(shared, **fields)
    assert (answer.status_code, part in answer.text) == (status, True)
    assert "<script>" not in answer.text


# --- a file ----------------------------------------------------------------------------------------------


def test_a_good_plan_says_that_nothing_would_change(shared: Web) -> None:
    before = everything(shared)
    page = check(shared, shipped(f"plans/{PLAN}.yaml")).text
    assert f"plans/{PLAN}.yaml" in page
    assert "thêm 0, sửa 0, rút 0, giao lại 0, giữ nguyên 102" in page
    assert everything(shared) == before


def test_a_changed_plan_says_what_a_sync_would_do_and_does_not_do_it(own: Web) -> None:
    before = everything(own)
    changed = shipped(f"plans/{PLAN}.yaml").replace("Tháng 8/2023", "Tháng 9/2023")
    page = html.unescape(check(own, changed, f"{PLAN}.yaml").text)
    assert everything(own) == before
    file = own.site.home / "plans" / f"{PLAN}.yaml"
    file.write_text(changed, encoding="utf-8")
    said = dondoc("sync", "--dry-run", "--home", str(own.site.home)).out
    counts = said.splitlines()[0].partition("; ")[2].partition(", giữ nguyên")[0]
    assert counts.startswith("thêm")
    assert not counts.startswith("thêm 0, sửa 0")
    assert counts in page
    assert "thời hạn: 31/08/2023 → 30/09/2023" in page


def test_a_new_plan_is_all_added(shared: Web) -> None:
    text = shipped(f"plans/{PLAN}.yaml").replace(f"id: {PLAN}", "id: moi-2023")
    page = check(shared, text).text
    assert "Kế hoạch mới." in page
    assert "thêm 102, sửa 0" in page


BROKEN = [
    (f"plans/{PLAN}.yaml", ("lead:", "led:"), "Không có khóa “led”"),
    (f"plans/{PLAN}.yaml", ("Tháng 8/2023", "Tháng 13/2023"), "Tháng 13"),
    ("plans/units/tan-dan.yaml", ("level: commune", "level: huyen"), "level"),
    ("rules/qua-han.yaml", ("timeliness: overdue", "timelines: overdue"), "timelines"),
    ("rules/calendar.yaml", ("year: 2023", "year: hai"), "year"),
]


@pytest.mark.parametrize(("file", "change", "part"), BROKEN)
def test_each_problem_stands_at_its_line(
    shared: Web, tmp_path: Path, file: str, change: tuple[str, str], part: str
) -> None:
    content = shipped(file).replace(*change, 1)
    named = tmp_path / Path(file).name
    named.write_text(content, encoding="utf-8")
    said = dondoc("check", str(named), "--json", "--home", str(shared.site.home)).json
    page = html.unescape(check(shared, content, named.name).text)
    assert part in page
    assert said
    for problem in said:
        assert problem["message"] in page
        if problem["line"]:
            assert f'id="d{problem["line"]}" class="bad"' in page


HOSTILE = [
    ("bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nplan: {}\n"),
    ("deep", "plan: " + "[" * 5000),
    ("braces", "{" * 100_000),
    ("nul", "plan:\n  id: x\0y\n"),
    ("tags", "plan: !!python/object/apply:os.system [ls]\n"),
    ("documents", "plan: {}\n---\nplan: {}\n"),
    ("no yaml", "<script>alert(1)</script>"),
    ("colons", "a: " * 30_000),
    ("quotes", "'" * 50_000),
    ("lists", "- " * 50_000),
    ("control", "plan: \x01\x02\x85\u2028\u202e\ufeff"),
    ("number", "plan: " + "9" * 100_000),
    ("tabs", "\tplan:\n\t\tid: x"),
]


@pytest.mark.parametrize("content", [c for _, c in HOSTILE], ids=[n for n, _ in HOSTILE])
def test_hostile_content_is_answered_with_problems(shared: Web, content: str) -> None:
    answer = check(shared, content)
    assert answer.status_code == 200
    assert "lỗi" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"PK\x03\x04" + b"\0" * 1000, b"%PDF-1.7", bytes(range(256)) * 20],
    ids=["utf-16", "zip", "pdf", "bytes"],
)
def test_what_is_no_text_is_refused_in_words(shared: Web, data: bytes) -> None:
    answer = check(shared, data, "tep.yaml")
    assert answer.status_code == 200
    assert "1 lỗi" in answer.text or "lỗi" in answer.text


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\\b\\c.yaml", "<b>.yaml", "x" * 300, "tệp của tôi.yaml"]
)
def test_a_strange_file_name_is_only_a_name(shared: Web, name: str) -> None:
    answer = check(shared, shipped(f"plans/{PLAN}.yaml"), name)
    assert answer.status_code == 200
    assert "<b>" not in answer.text
    assert "phải trùng với tên tệp" in answer.text


def test_nothing_and_too_much_are_refused(shared: Web) -> None:
    assert check(shared, "  \n").status_code == 400
    assert check(shared, b"#" * (1024 * 1024 + 1), "to.yaml").status_code == 413
    big = check(shared, "#" * (1024 * 1024 + 10))
    assert big.status_code in (400, 413)


def test_what_takes_too_long_is_stopped(tmp_path: Path, shared: Web) -> None:
    source = Source("plans/x.yaml", Path("x.yaml"), FileKind.PLAN, b"plan: {}")
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(NotChecked, match=r"Kiểm tra quá 0\.5 giây"):
        check_apart(shared.site.home, source, time_limit=0.5, command=sleeper)
    with pytest.raises(NotChecked, match="bị dừng giữa chừng"):
        check_apart(shared.site.home, source, command=[sys.executable, "-c", "import os; os.abort()"])


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR])
def test_only_who_checks_plans_gets_in(shared: Web, role: Role) -> None:
    for path in ("/soan-ke-hoach", CHECK, "/soan-ke-hoach/thoi-han", f"/soan-ke-hoach/{PLAN}"):
        assert get(shared, path, role).status_code == 403
    assert shared.signed_in(role).post(CHECK, {"noi-dung": "x"}).status_code == 403  # type: ignore[attr-defined]
