"""``account``: who signs in to the web page; the first administrator is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, HomeOption, JsonOption, add_group
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import print_json, say
from engine.errors import DondocError
from engine.model.access import ROLE_NAMES, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.store.access.accounts import Account
    from engine.store.access.audit import Actor

account = add_group("account", help="Tài khoản của văn phòng trên trang web.")

LoginArgument = Annotated[str, typer.Argument(metavar="TÊN_ĐĂNG_NHẬP", help="Ví dụ: van-phong.an.")]


@account.command("add", help="Mở một tài khoản; in ra một lần mật khẩu dùng cho lần đăng nhập đầu tiên.")
def add(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", metavar="HỌ_TÊN", help="Họ tên, ghi vào nhật ký.")],
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="VAI_TRÒ",
            help="author (người soạn), manager (quản lý), leader (lãnh đạo), administrator (quản trị).",
        ),
    ],
    single_sign_on: Annotated[
        bool, typer.Option("--sso", help="Chỉ đăng nhập một lần qua nơi khác, không có mật khẩu ở đây.")
    ] = False,
    home: HomeOption = HERE,
) -> None:
    # heavy: the database
    from engine.store.access import accounts, audit, passwords
    from engine.store.database import writing

    chosen = _role(role)
    password = None if single_sign_on else passwords.one_time()
    now = now_in_utc()
    with writing(opened(home).engine) as connection:
        made = accounts.add(connection, login, name, chosen, now, password=password)
        after = accounts.shown(made)
        audit.append(connection, _by_hand(), "account.add", f"account:{made.id}", now, after=after)
    say(f"Đã mở tài khoản “{made.login}”, vai trò {ROLE_NAMES[made.role]}.")
    _say_password(password)


@account.command("list", help="Liệt kê các tài khoản.")
def list_(as_json: JsonOption = False, home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.store.access import accounts
    from engine.store.database import reading

    with reading(opened(home).engine) as connection:
        found = accounts.listed(connection, now_in_utc())
    if as_json:
        print_json([_json(each.account) for each in found])
        return
    if not found:
        say(
            "Chưa có tài khoản nào. Mở tài khoản đầu tiên: "
            'dondoc account add TÊN --name "…" --role administrator'
        )
    for each in found:
        one = each.account
        state = "" if one.active else " – đã đóng"
        way = "" if each.has_password else " (đăng nhập một lần)"
        say(f"{one.login}: {one.name}, {ROLE_NAMES[one.role]}{way}{state}")


@account.command("reset", help="Cấp mật khẩu mới dùng một lần, mở khóa, kết thúc mọi phiên đang mở.")
def reset(login: LoginArgument, home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.store.access import accounts, attempts, audit, passwords, sessions
    from engine.store.database import writing

    password = passwords.one_time()
    now = now_in_utc()
    with writing(opened(home).engine) as connection:
        found = _known(connection, login)
        accounts.set_password(connection, found.id, password, must_change=True)
        attempts.forgive(connection, attempts.login_key(found.login))
        sessions.end_all(connection, found.id)
        audit.append(connection, _by_hand(), "account.reset", f"account:{found.id}", now)
    say(f"Đã cấp lại mật khẩu cho “{found.login}”.")
    _say_password(password)


@account.command("close", help="Đóng một tài khoản và kết thúc mọi phiên đang mở của nó.")
def close(login: LoginArgument, home: HomeOption = HERE) -> None:
    # heavy: the database
    from engine.store.access import accounts, audit, sessions
    from engine.store.database import writing

    now = now_in_utc()
    with writing(opened(home).engine) as connection:
        found = _known(connection, login)
        before, after = accounts.change(connection, found.id, active=False)
        sessions.end_all(connection, found.id)
        audit.append(
            connection,
            _by_hand(),
            "account.close",
            f"account:{found.id}",
            now,
            before=accounts.shown(before),
            after=accounts.shown(after),
        )
    say(f"Đã đóng tài khoản “{found.login}”.")


def _known(connection: Connection, login: str) -> Account:
    # heavy: the database
    from engine.store.access import accounts

    # heavy: as above
    from engine.vietnamese import nearest

    found = accounts.by_login(connection, login)
    if found is None:
        near = nearest(login, [each.account.login for each in accounts.listed(connection, now_in_utc())])
        hint = f" Có phải là: {', '.join(near)}?" if near else " Xem: dondoc account list"
        raise DondocError(f"Không có tài khoản “{login}”.{hint}")
    return found


def _role(text: str) -> Role:
    word = text.strip().lower()
    for role, name in ROLE_NAMES.items():
        if word in (role.value, name):
            return role
    known = ", ".join(f"{role.value} ({name})" for role, name in ROLE_NAMES.items())
    raise typer.BadParameter(f"“{text}” không phải là một vai trò; các vai trò: {known}")


def _by_hand() -> Actor:
    # heavy: the database
    from engine.store.access.audit import Actor

    return Actor("system", "dòng lệnh")


def _say_password(password: str | None) -> None:
    if password is None:
        say("Tài khoản này đăng nhập một lần qua nơi đã khai trong cấu hình, không có mật khẩu ở đây.")
        return
    say(f"Mật khẩu dùng cho lần đăng nhập tới (chỉ hiện lần này): {password}")
    say("Trao tận tay; trang web sẽ bắt đổi ngay sau khi đăng nhập.")


def _json(found: Account) -> dict[str, Any]:
    return {"login": found.login, "name": found.name, "role": found.role.value, "active": found.active}
