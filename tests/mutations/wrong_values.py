"""Values that are certainly wrong in one kind of file: what, how, and the code that must be reported."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutations.broken import Break, appended, elsewhere, having, replaced, without

_PLAN: Mapping[str, tuple[Break, set[str]]] = {
    **{f"no {key}": (without(key), {"missing-key"}) for key in ("number", "issuer", "year", "monitor")},
    "no lead": (without("lead"), {"missing-key"}),
    "empty lead": (having("lead", ""), {"no-lead"}),
    "lead of separators": (having("lead", '" ; ; "'), {"no-lead"}),
    "unknown lead": (having("lead", "Sở Không Có Thật"), {"unit-unknown"}),
    "unknown lead in a list": (having("lead", "[Sở Không Có Thật]"), {"unit-unknown"}),
    "unknown helper": (having("coordinating", "Phòng Không Có Thật"), {"unit-unknown"}),
    "unknown issuer": (having("issuer", "UBND tỉnh Không Có Thật"), {"unit-unknown"}),
    "unknown monitor": (having("monitor", "Văn phòng Không Có Thật"), {"unit-unknown"}),
    "list of maps as lead": (having("lead", "[{a: b}]"), {"wrong-type"}),
    "title is a list": (having("title", "[a, b]"), {"wrong-type"}),
    "title is empty": (having("title", '""'), {"bad-value", "empty-value"}),
    "other id": (having("number", "1/KH\n  id: ke-hoach-khac"), {"duplicate-key"}),
    "id in capitals": (replaced("  id: ", "  id: KH-"), {"bad-value"}),
    "year is a word": (having("year", "hai nghìn"), {"bad-value"}),
    "year too small": (having("year", "1889"), {"bad-value"}),
    "year too large": (having("year", "20233"), {"bad-value"}),
    "year below zero": (having("year", "-1"), {"bad-value"}),
    "no such day": (having("year", "2023\n  in_force_from: 31/02/2023"), {"bad-date", "duplicate-key"}),
    "a date of programs": (
        having("year", "2023\n  in_force_from: 2023-02-01"),
        {"bad-date", "duplicate-key"},
    ),
    "secret": (having("year", "2023\n  secrecy: Mật"), {"secret"}),
    "wrong setting": (having("year", "2023\n  settings: {before_day: sometimes}"), {"bad-value"}),
    "wrong flag": (having("year", "2023\n  settings: {roll: có lẽ}"), {"bad-flag"}),
    "no day in the month": (having("deadline", "Trước ngày 31/02/2023"), set()),
    "no such month": (having("deadline", "Trước tháng 13/2023"), set()),
    "no such quarter": (having("deadline", "Quý V/2023"), set()),
    "words without a time": (having("deadline", "Lúc nào rảnh thì làm"), set()),
    "half a deadline": (having("deadline", "Trước ngày 15/6/2022 hoặc lúc khác"), set()),
    "the same task twice": (appended("duties:\n  - {stt: 1, title: a, lead: Văn phòng}\n"), set()),
    "row of nothing": (replaced("\ntasks:\n", "\ntasks:\n  - {}\n"), {"missing-key"}),
    "row of text": (replaced("\ntasks:\n", "\ntasks:\n  - chữ\n"), {"wrong-type"}),
    "row without number": (replaced("\ntasks:\n", "\ntasks:\n  - {title: a, lead: []}\n"), {"task-id"}),
    "one cell too few": (replaced(" | ", " "), {"indicator-width"}),
    "target not a column": (having("target", "Cột không có"), {"indicator-target"}),
    "no columns": (having("columns", "[]"), {"bad-value"}),
}

_UNITS: Mapping[str, tuple[Break, set[str]]] = {
    **{f"no {key}": (without(key), {"missing-key"}) for key in ("name", "level", "kind")},
    "unknown level": (having("level", "thon"), {"bad-value"}),
    "unknown kind": (having("kind", "phong"), {"bad-value"}),
    "empty name": (having("name", '""'), {"bad-value", "empty-value"}),
    "name is a list": (having("name", "[a]"), {"wrong-type"}),
    "name of two lines": (having("level", "district\n    parent: khong.co"), {"unit-link", "duplicate-key"}),
    "unknown heir": (having("kind", "department\n    merged_into: khong.co"), {"unit-link", "duplicate-key"}),
    "no such day": (having("kind", "department\n    valid_from: 30/02/2020"), {"bad-date", "duplicate-key"}),
    "ends before it begins": (
        having("kind", "department\n    valid_from: 01/01/2020\n    valid_to: 31/12/2019"),
        {"unit-dates", "duplicate-key"},
    ),
    "id with a blank": (replaced("- id: ", "- id: a b."), {"bad-value"}),
    "same id twice": (
        appended("  - {id: cac-truong-hoc-x, name: A, members: unlisted}\n" * 2),
        {"unit-duplicate"},
    ),
    "unknown member": (appended("  - {id: nhom-x, name: Nhóm X, members: [khong.co]}\n"), {"unit-link"}),
    "no members": (appended("  - {id: nhom-x, name: Nhóm X, members: []}\n"), {"group-empty"}),
    "neither members nor select": (appended("  - {id: nhom-x, name: Nhóm X}\n"), {"group-members"}),
    "contains itself": (appended("  - {id: nhom-x, name: Nhóm X, members: [nhom-x]}\n"), {"group-circle"}),
    "members of another word": (appended("  - {id: nhom-x, name: Nhóm X, members: tat-ca}\n"), set()),
}

_CALENDAR: Mapping[str, tuple[Break, set[str]]] = {
    "no source": (without("source"), {"missing-key"}),
    "no days off": (without("days_off"), {"missing-key"}),
    "day of another year": (replaced("date: 01/01/20", "date: 01/01/19"), {"other-year", "bad-date"}),
    "no such day": (replaced("date: 30/04/", "date: 31/04/"), {"bad-date"}),
    "no date": (replaced("{date: ", "{day: "), {"missing-key"}),
    "two digits": (replaced("date: 01/05/20", "date: 01/05/"), {"bad-date"}),
    "year too small": (replaced("- year: 20", "- year: 9"), {"bad-value"}),
    "the same year twice": (replaced("- year: 2020", "- year: 2021"), {"duplicate-year"}),
    "working weekday": (
        replaced("working_days:\n", "working_days:\n      - {date: 02/01/2019, name: a, source: b}\n"),
        {"weekday-working"},
    ),
    "the same day twice": (
        replaced("days_off:\n", "days_off:\n" + "      - {date: 03/06/2019, name: a, source: b}\n" * 2),
        {"duplicate-day"},
    ),
    "comma in a name": (replaced("name: Quốc khánh", "name: Quốc khánh, nghỉ bù"), {"unknown-key"}),
    "wrong flag": (
        replaced("    days_off:", "    provisional: chưa rõ\n    days_off:"),
        {"bad-flag", "duplicate-key"},
    ),
    "no years": (lambda _chance, _data: b"years: []\n", {"bad-value"}),
}

_RULES: Mapping[str, tuple[Break, set[str]]] = {
    **{f"no {key}": (without(key), {"missing-key"}) for key in ("why", "tell", "tone")},
    # Rules about the office need no condition beside their occasions.
    "no when": (elsewhere(b"about: office", without("when")), {"rule-when"}),
    "unknown fact": (replaced("  when:\n", "  when:\n    ngay_tre: 5\n"), set()),
    "unknown value": (replaced("  when:\n", "  when:\n    extension: maybe\n"), set()),
    "number too large": (replaced("  when:\n", "  when:\n    days_silent: over 10000\n"), set()),
    "range from above": (replaced("  when:\n", "  when:\n    days_silent: 12 to 3\n"), set()),
    "number of a word": (replaced("  when:\n", "  when:\n    days_silent: nhiều\n"), set()),
    "nothing asked": (having("when", "{}"), set()),
    "unknown role": (having("tell", "giam_doc"), {"rule-tell"}),
    "role twice": (having("tell", "[lead, lead]"), {"rule-tell"}),
    "nobody told": (having("tell", "[]"), {"bad-value"}),
    "unknown tone": (having("tone", "angry"), {"rule-tone"}),
    "unknown silence": (having("tone", "warn\n  unless: sleeping"), {"rule-unless", "duplicate-key"}),
    "replaces a stranger": (
        having("tone", "warn\n  silences: luat-khong-co"),
        {"rule-silences", "duplicate-key"},
    ),
    "occasions of no series": (having("occasions", "state in 1, 2"), {"rule-occasions", "rule-fact"}),
    "occasions of nothing": (having("occasions", "days_late in"), {"rule-occasions"}),
    "occasions of words": (having("occasions", "mỗi tuần một lần"), {"rule-occasions"}),
    "occasion too large": (having("occasions", "days_late in 10000"), {"rule-occasions", "rule-fact"}),
    "id with a blank": (replaced("- id: ", "- id: a "), {"bad-value"}),
    "same id twice": (
        appended("- {id: x, why: a, when: {kind: date}, tell: lead, tone: warn}\n" * 2),
        {"rule-id"},
    ),
    "about another thing": (
        replaced("  when:\n", "  about: person\n  when:\n"),
        {"rule-about", "duplicate-key"},
    ),
    "never": (
        appended(
            "- {id: x, why: a, when: {days_late: 0}, occasions: days_late in 1, tell: lead, tone: warn}\n"
        ),
        {"rule-never"},
    ),
}

WRONG: Mapping[str, Mapping[str, tuple[Break, set[str]]]] = {
    "plan": _PLAN,
    "units": _UNITS,
    "calendar": _CALENDAR,
    "rules": _RULES,
}
"""By kind of file."""
