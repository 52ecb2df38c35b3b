"""What is wrong with an installation, looked for before somebody stumbles over it."""

from __future__ import annotations

import importlib
import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from engine.errors import DondocError, InputError, os_reason
from engine.evidence.shelf import take_stock
from engine.installation.doctor_channels import channels, watching
from engine.installation.examined import Examined, Level
from engine.installation.opening import Installation, open_installation, ruleset_in_force, sync_installation
from engine.installation.settings import unknown_variables
from engine.model.access import Role
from engine.reports.closing import broken_words
from engine.store import views
from engine.store.access import accounts, audit_reading
from engine.store.database import reading
from engine.store.messages.desk import desk
from engine.store.people import contacts
from engine.store.reports import closed
from engine.store.work.evidence import FOLDER, all_of_them
from engine.tracking.progress import VIETNAM, local_day

_LONG_ENOUGH = 32
"""Characters of a secret key; half of a random byte each when written in hex."""


def examine(home: Path, now: datetime) -> list[Examined]:
    """Everything worth knowing, good and bad; never raises for what it finds."""
    found = [*_machine(), *_variables()]
    try:
        installation = open_installation(home)
    except (DondocError, OSError, SQLAlchemyError) as error:
        return [*found, *_failed(error)]
    try:
        for part in (
            _files,
            _rules,
            _calendar,
            _database,
            _people,
            _access,
            _evidence,
            _closed,
            channels,
            watching,
        ):
            try:
                found.extend(part(installation, now))
            except (DondocError, OSError, SQLAlchemyError) as error:
                found.extend(_failed(error))
    finally:
        installation.engine.dispose()
    return found


def _failed(error: Exception) -> Iterator[Examined]:
    match error:
        case InputError():
            yield from (Examined("error", str(problem)) for problem in error.problems[:20])
        case DondocError():
            yield Examined("error", str(error))
        case OSError():
            yield Examined("error", f"Không đọc được {error.filename or 'một tệp'}: {os_reason(error)}")
        case _:
            # Its own words may quote what stands in the database.
            yield Examined(
                "error",
                f"Cơ sở dữ liệu không dùng được ({type(error).__name__})",
                "Kiểm tra DONDOC_DATABASE_URL; nếu tệp dữ liệu hỏng, khôi phục từ bản sao lưu",
            )


def _machine() -> Iterator[Examined]:
    yield Examined("ok", f"Python {sys.version.split()[0]}")
    try:
        # heavy: here it is the question whether the C extension loads at all
        importlib.import_module("engine.ruleset.durable")
    except ImportError as error:
        hint = (
            "Cài lại: CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject pip install --no-cache-dir "
            "--force-reinstall durable-rules"
        )
        yield Examined("error", f"Không nạp được durable-rules: {error}", hint)
    else:
        yield Examined("ok", "durable-rules nạp được")


def _variables() -> Iterator[Examined]:
    for name, near in unknown_variables(os.environ).items():
        hint = f"Có phải là {near[0]}?" if near else ""
        yield Examined("warning", f"Biến môi trường {name} không có tác dụng gì", hint)


def _files(installation: Installation, now: datetime) -> Iterator[Examined]:
    home = installation.home
    errors = [p for p in home.problems if p.severity == "error"]
    yield Examined("ok", f"{len(home.plans)} kế hoạch, {len(home.registry.units)} đơn vị đang có hiệu lực")
    if errors:
        yield Examined("error", f"{len(errors)} lỗi trong các tệp kế hoạch, đơn vị", "Xem: dondoc check")
    waiting = sync_installation(installation, now, dry_run=True)
    moves = len(waiting.added) + len(waiting.changed) + len(waiting.withdrawn) + len(waiting.restored)
    if moves:
        yield Examined(
            "warning", f"{moves} việc trong tệp kế hoạch chưa vào cơ sở dữ liệu", "Chạy: dondoc sync"
        )
    settings = installation.settings.home / "dondoc.toml"
    if settings.is_file() and os.name == "posix" and settings.stat().st_mode & stat.S_IROTH:
        yield Examined(
            "warning", f"{settings} ai cũng đọc được, trong khi có thể chứa mật khẩu", f"chmod 600 {settings}"
        )


def _rules(installation: Installation, now: datetime) -> Iterator[Examined]:
    ruleset, problems = ruleset_in_force(installation, now, remember=False)
    yield Examined("ok", f"{len(ruleset.rules)} luật đang có hiệu lực")
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        what = f"{len(errors)} lỗi trong các tệp luật; bộ luật đúng gần nhất vẫn có hiệu lực"
        yield Examined("error", what, "Xem: dondoc check")


def _calendar(installation: Installation, now: datetime) -> Iterator[Examined]:
    calendar, year = installation.home.calendar, local_day(now).year
    for wanted in (year, year + 1):
        level: Level = "error" if wanted == year else "warning"
        if not calendar.covers(wanted):
            yield Examined(level, f"Lịch ngày nghỉ chưa có năm {wanted}", "Bổ sung rules/calendar.yaml")
        elif wanted in calendar.provisional:
            yield Examined(
                "warning", f"Lịch ngày nghỉ năm {wanted} mới là dự kiến", "Đối chiếu thông báo chính thức"
            )


def _database(installation: Installation, now: datetime) -> Iterator[Examined]:
    with reading(installation.engine) as connection:
        count = views.count(connection)
        lines = desk(connection)
    yield Examined("ok", f"Cơ sở dữ liệu {installation.engine.dialect.name}: {count} việc được giao")
    if count == 0:
        yield Examined("warning", "Chưa có việc nào được giao", "Chạy: dondoc sync")
    if lines.last_slot is None:
        yield Examined("warning", "Chưa có lượt xét nào", "Chạy: dondoc tick, hoặc để dondoc run chạy suốt")
    else:
        ago = now - lines.last_slot
        when = f"{lines.last_slot.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        late = ago.total_seconds() > 2 * 3600
        hint = "Kiểm tra dondoc run có đang chạy không" if late else ""
        yield Examined("warning" if late else "ok", f"Lượt xét gần nhất: {when}", hint)
    if lines.failed:
        yield Examined(
            "error", f"{lines.failed} tin không gửi được", "Kiểm tra địa chỉ: dondoc contacts export TỆP.xlsx"
        )
    if lines.no_channel:
        what = f"{lines.no_channel} tin đang chờ vì nơi nhận chưa có địa chỉ"
        yield Examined("warning", what, "Chạy: dondoc contacts import TỆP.xlsx")
    if lines.in_doubt:
        yield Examined("warning", f"{lines.in_doubt} tin không rõ đã đến hay chưa")


def _people(installation: Installation, now: datetime) -> Iterator[Examined]:
    registry = installation.home.registry
    with reading(installation.engine) as connection:
        known = contacts.active(connection)
        owing = {t.promise.unit for t in views.tracked(connection, registry, only_open=True)}
    missing = sorted(
        registry.full_name(unit) for unit in owing if unit in registry.units and unit not in known
    )
    if missing:
        some = "; ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        yield Examined(
            "warning",
            f"{len(missing)} đơn vị đang có việc mà chưa có ai để nhắc: {some}",
            "Chạy: dondoc contacts import TỆP.xlsx",
        )
    lost = sorted(unit for unit in known if unit not in registry.units and unit not in registry.groups)
    if lost:
        yield Examined(
            "warning", f"Danh bạ có {len(lost)} mã đơn vị không còn trong sổ đơn vị: {'; '.join(lost[:5])}"
        )


def _access(installation: Installation, now: datetime) -> Iterator[Examined]:
    with reading(installation.engine) as connection:
        everyone, administrators = accounts.count(connection), accounts.count(connection, Role.ADMINISTRATOR)
        log = audit_reading.wholeness(connection)
    if not administrators:
        what = "Trang web chưa có người quản trị" if everyone else "Trang web chưa có tài khoản nào"
        command = 'dondoc account add TÊN --name "Họ tên" --role administrator'
        yield Examined("warning", what, f"Chạy: {command}")
    if log.broken is not None:
        what = f"Nhật ký không còn nguyên vẹn từ dòng số {log.broken}: có người đã sửa ngoài phần mềm"
        yield Examined("error", what, "Đối chiếu bảng audit với bản sao lưu gần nhất còn nguyên")
    elif log.rows:
        seal = f"dòng mới nhất số {log.last}, dấu niêm {log.seal[:12]}"
        yield Examined("ok", f"Nhật ký nguyên vẹn: {log.rows} dòng, {seal}")
    settings = installation.settings
    if settings.base_url is None:
        yield Examined(
            "warning",
            "Chưa khai địa chỉ trang web, nên tin nhắc không có đường dẫn để trả lời",
            "Đặt DONDOC_BASE_URL, ví dụ https://don-doc.don-vi.example",
        )
    elif settings.base_url.startswith("http://") and not _is_loopback(settings.base_url):
        yield Examined(
            "warning",
            f"Trang web {settings.base_url} không mã hóa: mật khẩu đi qua mạng ai cũng đọc được",
            "Đặt sau một máy chủ https và đổi DONDOC_BASE_URL",
        )
    if settings.secret_key is not None and len(settings.secret_key) < _LONG_ENOUGH:
        what = f"Khóa bí mật (secret_key) ngắn hơn {_LONG_ENOUGH} ký tự nên dễ đoán"
        yield Examined("warning", what, "Thay bằng chuỗi ngẫu nhiên dài hơn, ví dụ từ: openssl rand -hex 32")
    elif settings.secret_key is None:
        yield Examined(
            "warning",
            "Chưa có khóa bí mật (secret_key), nên chưa gọi được sang hệ thống khác (webhook)",
            "Đặt DONDOC_SECRET_KEY_FILE chỉ tới một tệp có chuỗi ngẫu nhiên, ví dụ từ: openssl rand -hex 32",
        )


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}


def _evidence(installation: Installation, now: datetime) -> Iterator[Examined]:
    home = installation.settings.home
    with reading(installation.engine) as connection:
        rows = list(all_of_them(connection))
    stock = take_stock(home, rows, now)
    if rows and not stock.missing and not stock.changed:
        yield Examined("ok", f"{len(rows)} tệp minh chứng còn nguyên")
    for found, what in ((stock.missing, "không còn trên đĩa"), (stock.changed, "đã bị thay đổi trên đĩa")):
        if found:
            some = "; ".join(f"{row.id} ({row.assignment})" for row in found[:5])
            hint = f"Lấy lại từ bản sao lưu vào {home / FOLDER}"
            yield Examined("error", f"{len(found)} tệp minh chứng {what}: {some}", hint)
    if stock.orphans:
        what = f"{len(stock.orphans)} tệp trong {home / FOLDER} không thuộc câu trả lời nào (gửi dở dang)"
        yield Examined("warning", what, f"Xóa được, ví dụ: {stock.orphans[0]}")


def _closed(installation: Installation, now: datetime) -> Iterator[Examined]:
    with reading(installation.engine) as connection:
        wrong = closed.verify(connection)
    for each in wrong[:5]:
        hint = "Đối chiếu bảng closed_report với bản sao lưu gần nhất còn nguyên: dondoc report verify"
        yield Examined("error", f"Số liệu đã chốt không còn nguyên vẹn: {broken_words(each)}", hint)
