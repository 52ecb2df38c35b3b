"""The audit log's own words in Vietnamese. What has none here is shown as it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine import trial_message
from engine.exchange.channel_order import CHANNEL_TITLES
from engine.model.access import ROLE_NAMES, Role
from engine.model.assignment import State
from engine.store.people.contacts import CONTACT_ROLES
from engine.tracking.progress import EVENT_NAMES, STATE_NAMES
from engine.trial_message import Trial
from engine.units import Registry
from web.wording import day, instant

_ACTIONS = {
    "sign_in": "đăng nhập",
    "sign_out": "đăng xuất",
    "sign_in.locked": "nhập sai nhiều lần, phải chờ",
    "account.add": "mở tài khoản",
    "account.change": "sửa tài khoản",
    "account.close": "đóng tài khoản",
    "account.reopen": "mở lại tài khoản",
    "account.reset": "cấp lại mật khẩu",
    "account.password": "đổi mật khẩu của mình",
    "account.sessions_ended": "kết thúc mọi phiên",
    "account.linked": "nối với tài khoản chung",
    "account.unlinked": "bỏ nối với tài khoản chung",
    "contact.add": "thêm vào danh bạ",
    "contact.change": "sửa danh bạ",
    "contact.close": "ngừng dùng liên hệ",
    "contact.reopen": "dùng lại liên hệ",
    "contact.import": "nhập danh bạ từ tệp",
    "contact.export": "xuất danh bạ ra tệp",
    "contact.unrefuse": "cho dùng lại địa chỉ bị từ chối",
    "contact.trial": "gửi tin thử",
    "contact.copies": "đổi nhận tin chỉ để biết",
    "contact.zalo_code": "tạo mã ghép Zalo",
    "contact.pair": "ghép với Zalo",
    "contact.unpair": "bỏ ghép với Zalo",
    "contact.held": "tải thông tin đang giữ về một người",
    "contact.erase": "xóa thông tin cá nhân theo yêu cầu",
    "channel.resume": "cho kênh gửi dùng lại",
    "message.resend": "gửi lại tin",
    "message.received": "ghi nhận tin đã đến",
    "chase": "đôn đốc",
    "chase.letter": "tải dự thảo công văn đôn đốc",
    "submit": "ghi cập nhật của đơn vị",
    "contribution": "báo đã làm phần phối hợp",
    "link.make": "cấp đường dẫn riêng",
    "link.revoke": "thu hồi đường dẫn riêng",
    "feed.add": "cấp đường dẫn lịch",
    "feed.revoke": "thu hồi đường dẫn lịch",
    "key.add": "cấp khóa kết nối",
    "key.revoke": "thu hồi khóa kết nối",
    "webhook.add": "thêm nơi nhận webhook",
    "webhook.end": "bỏ nơi nhận webhook",
    "webhook.retry": "gọi lại webhook",
    "measurement.submit": "ghi số liệu chỉ tiêu",
    "catalogue.mark": "ghi danh mục thủ tục của đơn vị",
    "progress.submit": "ghi cập nhật của đơn vị (hệ thống khác)",
    "stand_in.add": "giao người nhận thay",
    "stand_in.end": "kết thúc nhận thay",
    "report_close": "chốt kỳ báo cáo",
    "report_amend": "đính chính báo cáo đã chốt",
}
_KEYS = {
    "login": "tên đăng nhập",
    "name": "họ tên",
    "role": "vai trò",
    "active": "đang dùng",
    "until": "đến",
    "way": "cách đăng nhập",
    "unit": "đơn vị",
    "units": "đơn vị",
    "purpose": "mục đích lưu",
    "address_changed": "địa chỉ thư đã đổi",
    "phone_changed": "số điện thoại đã đổi",
    "channels": "thứ tự kênh",
    "channel": "kênh",
    "copies": "nhận tin chỉ để biết",
    "tried": "đã thử",
    "contacts": "số liên hệ",
    "stand_ins": "số lần nhận thay",
    "links": "số đường dẫn",
    "messages": "số tin",
    "reason": "lý do",
    "hash": "mã",
    "state": "trạng thái",
    "due": "hạn",
    "rolled": "hạn đã dời",
    "new_due": "hạn mới",
    "percent": "tỷ lệ (%)",
    "note": "ghi chú",
    "document": "văn bản",
    "event": "số của cập nhật",
    "kind": "loại",
    "assignment": "nhiệm vụ",
    "assignments": "nhiệm vụ",
    "words": "lời thêm",
    "day": "ngày",
    "first_day": "ngày đầu",
    "last_day": "ngày cuối",
    "expires_at": "hết hạn",
    "expires": "hết hạn",
    "scopes": "phạm vi",
    "host": "máy nhận",
    "url": "địa chỉ",
}
_WAYS = {"password": "mật khẩu", "single sign-on": "tài khoản chung"}
_SUBJECTS = {
    "account": "tài khoản",
    "contact": "liên hệ số",
    "contacts": "danh bạ",
    "chase": "đợt đôn đốc số",
    "link": "đường dẫn số",
    "key": "khóa số",
    "webhook": "webhook số",
    "stand_in": "lượt nhận thay số",
    "message": "tin",
    "channel": "kênh",
    "evidence": "tệp minh chứng",
}
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an act changed; None for what was not there."""

    name: str
    before: str | None
    after: str | None


def action_words(action: str) -> str:
    """What somebody did."""
    if action.startswith("decide."):
        names = {str(kind): name for kind, name in EVENT_NAMES.items()}
        return f"quyết định: {names.get(action.removeprefix('decide.'), action)}"
    return _ACTIONS.get(action, action)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], registry: Registry) -> list[Change]:
    """What differs between before and after; where there is only one of them, all of it."""
    found = []
    for key in dict.fromkeys((*before, *after)):
        if key in before and key in after and before[key] == after[key]:
            continue
        old = _value(key, before[key], registry) if key in before else None
        new = _value(key, after[key], registry) if key in after else None
        found.append(Change(_KEYS.get(key, key), old, new))
    return found


def subject_words(subject: str, logins: Mapping[int, str]) -> str:
    """What an act was about."""
    kind, _, rest = subject.partition(":")
    if kind not in _SUBJECTS:
        return subject
    if kind == "account":
        known = logins.get(int(rest)) if rest.isdecimal() else None
        return (
            f"tài khoản {known}"
            if known
            else "tài khoản không có thật"
            if rest == "?"
            else f"tài khoản số {rest}"
        )
    return f"{_SUBJECTS[kind]} {rest}".strip()


def is_assignment(subject: str) -> bool:
    """Whether the subject is the id of an assignment, which has a page of its own."""
    kind, colon, _ = subject.partition(":")
    return bool(colon) and kind not in _SUBJECTS


def _value(key: str, value: Any, registry: Registry) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if value is None or value == "":
        return "–"
    if key == "tried":
        return " ".join(trial_message.words(Trial(**each)) for each in value) or "–"
    if isinstance(value, list):
        return "; ".join(_value(key, each, registry) for each in value) or "–"
    if isinstance(value, dict):
        return "; ".join(f"{_KEYS.get(k, k)}: {_value(k, v, registry)}" for k, v in value.items())
    return _word(key, str(value), registry)


def _word(key: str, text: str, registry: Registry) -> str:
    if key == "channel":
        return CHANNEL_TITLES.get(text, text)
    if key in ("unit", "units"):
        return registry.full_name(text)
    if key == "way":
        return _WAYS.get(text, text)
    if key == "state" and text in set(State):
        return STATE_NAMES[State(text)]
    if key == "role":
        names: dict[str, str] = {**CONTACT_ROLES, **{role.value: ROLE_NAMES[role] for role in Role}}
        # "leader" is a word of both: the address book's and the accounts' are the same in Vietnamese.
        return names.get(text, text)
    return _time(text)


def _time(text: str) -> str:
    try:
        if _ISO_DAY.fullmatch(text):
            return day(date.fromisoformat(text))
        if _ISO_INSTANT.match(text):
            found = datetime.fromisoformat(text)
            return instant(found if found.tzinfo else found.replace(tzinfo=UTC))
    except ValueError:
        pass
    return text
