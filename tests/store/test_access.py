"""Accounts, passwords, limits, signing in, the audit log: on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.model.access import Role
from engine.store.access import accounts, attempts, audit, audit_reading, passwords, sessions
from engine.store.access.accounts import AccountRefused
from engine.store.access.audit import SYSTEM
from engine.store.access.audit_reading import AuditFilter
from engine.store.access.signing_in import Denied, SignedIn, sign_in, sign_in_as
from engine.store.database import reading, writing
from engine.store.tables import AccountRow, AttemptRow, AuditRow
from tests.store.databases import Fresh

NOW = datetime(2023, 6, 15, 3, tzinfo=UTC)
GOOD = "bốn từ không dính nhau"
_ACCOUNT = AccountRow.__table__  # type: ignore[attr-defined]
_ATTEMPT = AttemptRow.__table__  # type: ignore[attr-defined]
_AUDIT = AuditRow.__table__  # type: ignore[attr-defined]


def made(store: Engine, login: str = "an", role: Role = Role.MANAGER, password: str | None = GOOD) -> int:
    with writing(store) as connection:
        added = accounts.add(connection, login, "Người thử", role, NOW, password=password, must_change=False)
    return added.id


def tried(store: Engine, login: str = "an", password: str = "sai hoàn toàn nhé", **at: float) -> object:
    return sign_in(store, login, password, NOW + timedelta(**at), "10.0.0.1")


# --- passwords --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "ít nhất 12"),
        ("a" * 11, "ít nhất 12"),
        ("mật khẩu 1", "ít nhất 12"),
        ("a" * 12, "lặp lại"),
        ("121212121212", "lặp lại"),
        ("1234567890123", "dãy liền nhau"),
        ("abcdefghijklmn", "dãy liền nhau"),
        ("qwertyuiopas", "dãy liền nhau"),
        ("password1234", "nhiều người dùng"),
        ("Mật khẩu 123456", "nhiều người dùng"),
        ("matkhaumatkhau", "nhiều người dùng"),
        ("Van-Phong.An", "giống tên đăng nhập"),
        ("vanphongan2023", "giống tên đăng nhập"),
        ("x" + "ab cdefg" * 25, "dài quá"),
    ],
)
def test_a_weak_password_is_refused_with_a_way_out(password: str, said: str) -> None:
    answer = passwords.problem(password, "van-phong.an")
    assert answer is not None
    assert said in answer


@pytest.mark.parametrize("password", [GOOD, "corgi ngủ 7 ghế", "k7mp-x3qd-abcd-2345"])
def test_a_good_password_passes(password: str) -> None:
    assert passwords.problem(password, "van-phong.an") is None


def test_one_time_passwords_are_good_and_differ() -> None:
    many = {passwords.one_time() for _ in range(50)}
    assert len(many) == 50
    assert all(passwords.problem(each, "an") is None for each in many)


def test_hashes_are_argon2id_above_the_minimum_of_owasp() -> None:
    found = extract_parameters(passwords.hash_of(GOOD))
    assert found.type.name == "ID"
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2


def test_a_password_fits_however_the_keyboard_writes_its_accents() -> None:
    kept = passwords.hash_of("mo\u0323\u0302t câu dài dài")
    assert passwords.fits(kept, "m\u1ed9t câu dài dài")
    assert not passwords.fits(kept, "mot câu dài dài")
    assert not passwords.fits(None, "m\u1ed9t câu dài dài")
    assert not passwords.fits("not a hash", "m\u1ed9t câu dài dài")


# --- accounts ---------------------------------------------------------------------------------------------


def test_an_account_is_made_once(store: Engine) -> None:
    made(store, "An")
    with pytest.raises(AccountRefused, match="Đã có tài khoản “an”"):
        made(store, "AN")


@pytest.mark.parametrize("login", ["", "a", "có dấu", "a b", "-a", "a" * 81, "a\nb", "<script>"])
def test_a_login_is_plain(store: Engine, login: str) -> None:
    with pytest.raises(AccountRefused, match="Tên đăng nhập gồm"):
        made(store, login)


def test_a_name_is_needed_and_printable(store: Engine) -> None:
    with writing(store) as connection:
        for name in ("", "  ", "x" * 121, "a\u202eb"):
            with pytest.raises(AccountRefused, match=r"[Hh]ọ tên"):
                accounts.add(connection, "an", name, Role.LEADER, NOW)


def test_the_last_administrator_stays(store: Engine) -> None:
    first = made(store, "an", Role.ADMINISTRATOR)
    made(store, "binh", Role.MANAGER)
    with writing(store) as connection:
        for change in ({"active": False}, {"role": Role.MANAGER}):
            with pytest.raises(AccountRefused, match="quản trị cuối cùng"):
                accounts.change(connection, first, **change)
        accounts.change(connection, first, name="Tên khác")
    second = made(store, "chi", Role.ADMINISTRATOR)
    with writing(store) as connection:
        accounts.change(connection, first, active=False)
        with pytest.raises(AccountRefused):
            accounts.change(connection, second, role=Role.LEADER)


def test_two_administrators_who_demote_each_other_at_once_leave_one(store: Engine, another: Fresh) -> None:
    both = [made(store, "an", Role.ADMINISTRATOR), made(store, "binh", Role.ADMINISTRATOR)]
    start = threading.Barrier(2)

    def demote(engine: Engine, id: int) -> bool:
        start.wait()
        try:
            with writing(engine) as connection:
                accounts.change(connection, id, role=Role.MANAGER)
        except AccountRefused:
            return False
        return True

    engines = [another(), another()]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(demote, engines, both))
    assert sorted(done) == [False, True]


# --- signing in -------------------------------------------------------------------------------------------


def test_signing_in_opens_a_session_and_is_noted(store: Engine) -> None:
    id = made(store)
    found = tried(store, "AN ", GOOD)
    assert isinstance(found, SignedIn)
    who = sessions.who(store, found.token, NOW)
    assert who is not None
    assert who.id == id
    with reading(store) as connection:
        (row,) = audit_reading.entries(connection, AuditFilter())
    assert (row.action, row.actor, row.origin) == ("sign_in", f"account:{id}", "10.0.0.1")


def test_a_closed_account_and_one_without_a_password_stay_out(store: Engine) -> None:
    id = made(store)
    made(store, "binh", password=None)
    with writing(store) as connection:
        accounts.change(connection, id, active=False)
    assert tried(store, "an", GOOD) == Denied()
    assert tried(store, "binh", "") == Denied()


def test_a_hash_of_older_parameters_is_made_anew(store: Engine) -> None:
    id = made(store)
    old = PasswordHasher(time_cost=1, memory_cost=19 * 1024).hash(GOOD)
    with writing(store) as connection:
        connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == id).values(password_hash=old))
    assert isinstance(tried(store, "an", GOOD), SignedIn)
    with reading(store) as connection:
        kept = connection.execute(select(_ACCOUNT.c.password_hash)).scalar_one()
    assert kept != old
    assert not passwords.is_outdated(kept)
    assert isinstance(tried(store, "an", GOOD), SignedIn)


@pytest.mark.parametrize("login", ["an", "khong-co-ai"])
def test_the_fifth_failure_means_waiting_whoever_it_is(store: Engine, login: str) -> None:
    made(store)
    for second in range(4):
        assert tried(store, login, seconds=second) == Denied()
    until = NOW + timedelta(seconds=4, minutes=5)
    assert tried(store, login, seconds=4) == Denied(until)
    # The right password does not help before the time, and asking does not lengthen the wait.
    assert tried(store, login, GOOD, seconds=5) == Denied(until)
    assert tried(store, login, GOOD, minutes=5, seconds=3) == Denied(until)
    expected = SignedIn if login == "an" else Denied
    assert isinstance(tried(store, login, GOOD, minutes=5, seconds=4), expected)


def test_a_lock_out_is_noted_without_saying_whether_the_login_exists(store: Engine) -> None:
    id = made(store)
    for login in ("an", "khong-co-ai"):
        for second in range(5):
            tried(store, login, seconds=second)
    with reading(store) as connection:
        rows = audit_reading.entries(connection, AuditFilter(action="sign_in.locked"))
    assert {row.subject for row in rows} == {f"account:{id}", "account:?"}
    assert "khong-co-ai" not in repr(rows)


def test_each_wait_is_longer(store: Engine) -> None:
    at, waits = NOW, []
    for _ in range(6):
        with writing(store) as connection:
            for _ in range(5):
                assert attempts.admit(connection, ["login:x"], at) is None
            until = attempts.wait_until(connection, "login:x", at)
        assert until is not None
        waits.append(round((until - at).total_seconds() / 60))
        at = until
    assert waits == [5, 15, 30, 60, 120, 120]


def test_a_success_forgets_the_failures_of_the_login(store: Engine) -> None:
    made(store)
    for round_ in range(3):
        for second in range(4):
            tried(store, minutes=round_, seconds=second)
        assert isinstance(tried(store, "an", GOOD, minutes=round_, seconds=30), SignedIn)


def test_one_origin_may_fail_thirty_times(store: Engine) -> None:
    with writing(store) as connection:
        for _ in range(29):
            attempts.fail(connection, attempts.origin_key("10.0.0.1"), NOW)
    assert tried(store, "ai-29") == Denied()  # the thirtieth failure
    assert tried(store, "ai-30") == Denied(NOW + timedelta(minutes=15))
    assert sign_in(store, "ai-31", "x" * 12, NOW, "10.0.0.2") == Denied()
    assert tried(store, "ai-32", minutes=15) == Denied()


def test_only_failures_count_against_an_origin(store: Engine) -> None:
    made(store)
    key = attempts.origin_key("10.0.0.1")

    def counted() -> int:
        with reading(store) as connection:
            return len(connection.execute(select(_ATTEMPT.c.id).where(_ATTEMPT.c.key == key)).all())

    assert isinstance(tried(store, "an", GOOD), SignedIn)
    assert counted() == 0
    tried(store)
    assert counted() == 1
    assert isinstance(tried(store, "an", GOOD), SignedIn)
    assert counted() == 1


def test_a_hundred_tries_at_once_do_not_slip_through(store: Engine, another: Fresh) -> None:
    engines = [another() for _ in range(4)]

    def ask(number: int) -> bool:
        with writing(engines[number % 4]) as connection:
            return attempts.admit(connection, ["login:x"], NOW) is None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(40))) == 5


def test_old_failures_are_removed(store: Engine) -> None:
    made(store)
    for number in range(6):
        tried(store, f"ai-{number}")
    assert isinstance(tried(store, "an", GOOD, days=1, seconds=1), SignedIn)
    with reading(store) as connection:
        assert connection.execute(select(_ATTEMPT.c.key)).scalars().all() == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("testclient", "testclient", True),
    ],
)
def test_what_counts_as_one_origin(one: str, other: str, same: bool) -> None:
    assert (attempts.origin_key(one) == attempts.origin_key(other)) is same


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (12 * 60, "Thử lại sau 12 phút, lúc 10:12."),
        (12 * 60 + 1, "Thử lại sau 13 phút, lúc 10:13."),
        (1, "Thử lại sau 1 phút, lúc 10:01."),
        (3600, "Thử lại sau 1 giờ, lúc 11:00."),
        (2 * 3600 + 60, "Thử lại sau 2 giờ 1 phút, lúc 12:01."),
    ],
)
def test_when_to_try_again_is_said(seconds: int, said: str) -> None:
    assert attempts.again_words(NOW + timedelta(seconds=seconds), NOW) == said


# --- single sign-on ---------------------------------------------------------------------------------------


def test_single_sign_on_knows_only_accounts_made_before(store: Engine) -> None:
    id = made(store, "an", password=None)
    assert sign_in_as(store, "https://a", "1", "binh", NOW, "") == Denied()
    assert sign_in_as(store, "https://a", "1", None, NOW, "") == Denied()
    found = sign_in_as(store, "https://a", "1", "AN", NOW, "")
    assert isinstance(found, SignedIn)
    assert found.account.id == id
    # Known by subject from now on, whatever the login; nobody else can take the account over.
    assert isinstance(sign_in_as(store, "https://a", "1", "ten-khac", NOW, ""), SignedIn)
    assert sign_in_as(store, "https://a", "2", "an", NOW, "") == Denied()
    assert sign_in_as(store, "https://b", "1", "an", NOW, "") == Denied()
    with writing(store) as connection:
        accounts.change(connection, id, active=False)
    assert sign_in_as(store, "https://a", "1", "an", NOW, "") == Denied()


def test_a_closed_account_does_not_let_its_person_take_another(store: Engine) -> None:
    id = made(store, "an", password=None)
    made(store, "binh", password=None)
    assert isinstance(sign_in_as(store, "https://a", "1", "an", NOW, ""), SignedIn)
    with writing(store) as connection:
        accounts.change(connection, id, active=False)
    assert sign_in_as(store, "https://a", "1", "binh", NOW, "") == Denied()


def test_the_unused_one_time_password_goes_when_single_sign_on_links(store: Engine) -> None:
    with writing(store) as connection:
        accounts.add(connection, "an", "An", Role.LEADER, NOW, password=GOOD)
    found = sign_in_as(store, "https://a", "1", "an", NOW, "")
    assert isinstance(found, SignedIn)
    assert not found.account.must_change
    assert tried(store, "an", GOOD) == Denied()


# --- the audit log ----------------------------------------------------------------------------------------


def noted(store: Engine, many: int = 3) -> None:
    for number in range(many):
        with writing(store) as connection:
            audit.append(connection, SYSTEM, "thu", f"viec:{number}", NOW + timedelta(days=number))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor_name = 'khác'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"],
)
def test_nobody_edits_the_log(store: Engine, statement: str) -> None:
    noted(store)
    with pytest.raises(DBAPIError, match="chi duoc ghi them"), store.begin() as connection:
        connection.execute(text(statement))
    with reading(store) as connection:
        assert audit_reading.count(connection) == 3
        assert audit.first_broken(connection) is None


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
def test_nobody_empties_the_log(store: Engine) -> None:
    noted(store)
    with pytest.raises(DBAPIError, match="chi duoc ghi them"), store.begin() as connection:
        connection.execute(text("TRUNCATE audit"))


def _off(store: Engine) -> Callable[[str], None]:
    """What somebody with all rights over the database could do."""
    off = (
        ["ALTER TABLE audit DISABLE TRIGGER ALL"]
        if store.dialect.name == "postgresql"
        else ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    )

    def run(statement: str) -> None:
        with store.begin() as connection:
            for each in (*off, statement):
                connection.execute(text(each))

    return run


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET actor_name = 'khác' WHERE id = 2", 2),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
    ],
)
def test_what_was_changed_past_the_triggers_shows(store: Engine, statement: str, broken: int) -> None:
    noted(store)
    _off(store)(statement)
    with reading(store) as connection:
        found = audit_reading.wholeness(connection)
    assert found.broken == broken


def test_a_whole_log_says_so_with_its_seal(store: Engine) -> None:
    with reading(store) as connection:
        empty = audit_reading.wholeness(connection)
    assert (empty.rows, empty.broken, empty.last, empty.seal) == (0, None, None, "")
    noted(store)
    with reading(store) as connection:
        found = audit_reading.wholeness(connection)
        last = connection.execute(select(_AUDIT.c.hash).order_by(_AUDIT.c.id.desc())).scalar()
    assert (found.rows, found.broken, found.seal) == (3, None, last)


def test_the_log_is_filtered_by_days_of_viet_nam(store: Engine) -> None:
    midnight = datetime(2023, 6, 14, 17, tzinfo=UTC)
    with writing(store) as connection:
        for minutes in (-1, 0, 1, 24 * 60 - 1, 24 * 60):
            at = midnight + timedelta(minutes=minutes)
            audit.append(connection, SYSTEM, "thu", str(minutes), at)
    with reading(store) as connection:
        day = date(2023, 6, 15)
        found = audit_reading.entries(connection, AuditFilter(day, day))
    assert [row.subject for row in found] == ["1439", "1", "0"]


def test_the_log_is_filtered_by_actor_subject_and_action(store: Engine) -> None:
    with writing(store) as connection:
        for actor, action, subject in (
            ("account:1", "a", "plan:1:x"),
            ("account:11", "a", "plan:2:x"),
            ("link:1", "b", "100%"),
        ):
            audit.append(connection, audit.Actor(actor, ""), action, subject, NOW)

    def ids(**wanted: str) -> list[int]:
        with reading(store) as connection:
            return [row.id for row in audit_reading.entries(connection, AuditFilter(**wanted))]  # type: ignore[arg-type]

    assert ids(actor="account:1") == [1]
    assert ids(actor="account") == [2, 1]
    assert ids(actor="link") == [3]
    assert ids(subject="plan") == [2, 1]
    assert ids(subject="%") == [3]
    assert ids(subject="_") == []
    assert ids(action="b") == [3]
    assert ids(actor="' OR 1=1 --") == []
