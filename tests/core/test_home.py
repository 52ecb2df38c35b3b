"""A home and its installation: one bad file never stops the good ones, the last good version stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from engine.errors import DondocError, InputError
from engine.installation.opening import Installation, open_installation, ruleset_in_force, sync_installation
from engine.installation.settings import Settings, load_settings
from engine.loading.home import load_home
from engine.loading.units import load_units
from engine.store import views
from engine.store.database import reading
from tests.cast import RULES, at
from tests.core.files import HEAD, TASKS, UNITS, furnish

NOW = at(date(2023, 3, 1))
BROKEN = "plan: [không phải kế hoạch\n"


@pytest.fixture
def office(home: Path) -> Path:
    return furnish(home)


@contextmanager
def installed(home: Path) -> Iterator[Installation]:
    opened = open_installation(home)
    try:
        yield opened
    finally:
        opened.engine.dispose()


def states(installation: Installation) -> dict[str, str]:
    with reading(installation.engine) as connection:
        found = views.tracked(connection, installation.home.registry)
    return {t.promise.id: t.standing.state.value for t in found}


def codes(home: Path) -> list[str]:
    return [p.code for p in load_home(home).problems]


def test_a_furnished_home_is_in_force(office: Path) -> None:
    found = load_home(office)
    assert [p.id for p in found.plans] == ["an-2023"]
    assert (found.stale, found.broken, found.problems) == ((), (), ())
    assert set(found.good) == {"rules/calendar.yaml", "plans/units/tinh.yaml", "plans/an-2023.yaml"}


@pytest.mark.parametrize(("missing", "words"), [(".", "Không có thư mục"), ("plans", "không có thư mục con")])
def test_a_folder_that_is_no_home_says_how_to_make_one(tmp_path: Path, missing: str, words: str) -> None:
    place = tmp_path / "home"
    if missing != ".":
        place.mkdir()
    with pytest.raises(DondocError, match=f"{words}.*dondoc init") as refused:
        load_home(place)
    assert str(place) in str(refused.value)
    with pytest.raises(DondocError):
        open_installation(place)
    assert not (place / "dondoc.db").exists()


@pytest.mark.parametrize("broken", ["rules/calendar.yaml", "plans/units/tinh.yaml"])
def test_without_calendar_or_units_nothing_can_be_read(office: Path, broken: str) -> None:
    (office / broken).write_text(BROKEN, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_home(office)
    assert {p.file for p in refused.value.problems} == {broken}


def test_a_missing_calendar_says_where_to_get_one(office: Path) -> None:
    (office / "rules" / "calendar.yaml").unlink()
    with pytest.raises(InputError) as refused:
        load_home(office)
    assert [p.code for p in refused.value.problems] == ["no-calendar"]


def test_one_bad_plan_does_not_stop_the_others(office: Path) -> None:
    (office / "plans" / "khac.yaml").write_text(BROKEN, encoding="utf-8")
    (office / "plans" / "thu-ba.yaml").write_text(
        (HEAD + TASKS).replace("an-2023", "thu-ba"), encoding="utf-8"
    )
    found = load_home(office)
    assert [p.id for p in found.plans] == ["an-2023", "thu-ba"]
    assert found.broken == ("khac",)
    assert {p.file for p in found.problems} == {"plans/khac.yaml"}
    assert "plans/khac.yaml" not in found.good


def test_what_is_no_plan_is_passed_over(office: Path) -> None:
    (office / "plans" / "ghi-chu.txt").write_text("x", encoding="utf-8")
    (office / "plans" / "thu-muc.yaml").mkdir()
    assert codes(office) == []


def test_the_last_good_version_stays_in_force(office: Path) -> None:
    with installed(office) as first:
        assert len(sync_installation(first, NOW).added) == 1
    (office / "plans" / "an-2023.yaml").write_text(BROKEN, encoding="utf-8")
    with installed(office) as second:
        assert (second.home.stale, second.home.broken) == (("an-2023",), ())
        assert [p.id for p in second.home.plans] == ["an-2023"]
        result = sync_installation(second, NOW)
        assert (result.withdrawn, result.unchanged) == ((), 1)
    # And still, after a sync with the broken file.
    with installed(office) as third:
        assert third.home.stale == ("an-2023",)


@pytest.mark.parametrize("broken", ["rules/calendar.yaml", "plans/units/tinh.yaml"])
def test_calendar_and_units_fall_back_as_well(office: Path, broken: str) -> None:
    with installed(office) as first:
        sync_installation(first, NOW)
    (office / broken).write_text(BROKEN, encoding="utf-8")
    with installed(office) as second:
        assert [p.id for p in second.home.plans] == ["an-2023"]
        assert {p.file for p in second.home.problems} == {broken}
        assert sync_installation(second, NOW).unchanged == 1


def test_a_new_unit_file_that_is_broken_leaves_the_known_ones_in_force(office: Path) -> None:
    with installed(office) as first:
        sync_installation(first, NOW)
    (office / "plans" / "units" / "khac.yaml").write_text("units: [", encoding="utf-8")
    with installed(office) as second:
        assert second.home.registry.units.keys() == load_home_units()


def load_home_units() -> set[str]:
    registry, _ = load_units({"plans/units/tinh.yaml": UNITS.encode()})
    assert registry is not None
    return set(registry.units)


def test_a_plan_that_never_was_good_withdraws_nothing(office: Path) -> None:
    with installed(office) as first:
        sync_installation(first, NOW)
        broken = replace(first, home=replace(first.home, plans=(), broken=("an-2023",)))
        assert sync_installation(broken, NOW).withdrawn == ()


def test_a_plan_that_was_removed_is_withdrawn_and_forgotten(office: Path) -> None:
    with installed(office) as first:
        sync_installation(first, NOW)
    (office / "plans" / "an-2023.yaml").unlink()
    with installed(office) as second:
        assert len(sync_installation(second, NOW).withdrawn) == 1
        assert set(states(second).values()) == {"withdrawn"}
    (office / "plans" / "an-2023.yaml").write_text(BROKEN, encoding="utf-8")
    with installed(office) as third:
        assert third.home.broken == ("an-2023",)
        assert sync_installation(third, NOW).withdrawn == ()


def test_a_dry_run_writes_nothing(office: Path) -> None:
    with installed(office) as first:
        assert len(sync_installation(first, NOW, dry_run=True).added) == 1
        assert states(first) == {}
    with installed(office) as second:
        assert second.accepted == {}


def test_one_plan_in_two_files_is_a_problem_not_a_crash(office: Path) -> None:
    (office / "plans" / "an-2023.yml").write_text(HEAD + TASKS, encoding="utf-8")
    with installed(office) as first:
        assert [(p.file, p.code) for p in first.home.problems] == [("plans/an-2023.yml", "plan-twice")]
        assert len(sync_installation(first, NOW).added) == 1


def test_broken_rules_leave_the_last_good_ones_in_force(office: Path) -> None:
    with installed(office) as first:
        rules, problems = ruleset_in_force(first, NOW)
        assert problems == ()
    (office / "rules" / "thu.yaml").write_text("rules:\n- {id: x}\n", encoding="utf-8")
    with installed(office) as second:
        again, found = ruleset_in_force(second, NOW)
        assert [r.id for r in again.rules] == [r.id for r in rules.rules]
        assert {p.file for p in found} == {"rules/thu.yaml"}


def test_rules_that_never_were_good_are_an_error(office: Path) -> None:
    (office / "rules" / "thu.yaml").write_text("rules:\n- {id: x}\n", encoding="utf-8")
    with installed(office) as first, pytest.raises(InputError):
        ruleset_in_force(first, NOW)


def test_rules_that_changed_for_the_better_come_into_force(office: Path) -> None:
    with installed(office) as first:
        ruleset_in_force(first, NOW)
    (office / "rules" / "thu.yaml").write_text(RULES.replace("moi-giao", "viec-moi"), encoding="utf-8")
    with installed(office) as second:
        rules, _ = ruleset_in_force(second, NOW)
        assert "viec-moi" in rules.by_id


# --- settings ----------------------------------------------------------------------------------------------


def settings(home: Path, toml: str = "", **environment: str) -> Settings:
    (home / "dondoc.toml").write_text(toml, encoding="utf-8")
    return load_settings(home, environment or {"KHÁC": "1"})


def test_the_defaults_are_a_sqlite_file_in_the_home(home: Path) -> None:
    found = load_settings(home, {"KHÁC": "1"})
    assert found.database_url == f"sqlite:///{home / 'dondoc.db'}"
    assert (found.hours, found.slot_minutes, found.smtp_url) == ((time(7, 30), time(17)), 15, None)


def test_a_variable_stands_over_the_file_and_a_secret_may_lie_in_one(home: Path, tmp_path: Path) -> None:
    (home / "dondoc.toml").write_text('base_url = "https://a/"\nsmtp_url = "smtp://b"\n', encoding="utf-8")
    secret = tmp_path / "secret"
    secret.write_text("khóa\n", encoding="utf-8")
    found = load_settings(home, {"DONDOC_SMTP_URL": "smtp://c", "DONDOC_SECRET_KEY_FILE": str(secret)})
    assert (found.base_url, found.smtp_url, found.secret_key) == ("https://a", "smtp://c", "khóa")
    for hidden in ("khóa", "smtp://c"):
        assert hidden not in repr(found)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('hours = "8-5"', "Giờ gửi tin"),
        ('hours = "17:00-07:30"', "giờ đầu phải trước giờ cuối"),
        ('slot_minutes = "7"', "ước của 60"),
        ('slot_minutes = "0"', "ước của 60"),
        ('smtp = "x"', "khóa lạ “smtp”"),
        ("hours = 7:30", "không đọc được"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(home: Path, toml: str, words: str) -> None:
    with pytest.raises(DondocError, match=words):
        settings(home, toml)


def test_hours_may_be_written_with_a_dash(home: Path) -> None:
    (home / "dondoc.toml").write_text('hours = "08:00 – 16:30"', encoding="utf-8")
    assert load_settings(home, {"KHÁC": "1"}).hours == (time(8), time(16, 30))


def test_a_secret_file_that_is_missing_is_named(home: Path) -> None:
    with pytest.raises(DondocError, match="DONDOC_SMTP_URL_FILE"):
        load_settings(home, {"DONDOC_SMTP_URL_FILE": "/không/có"})
