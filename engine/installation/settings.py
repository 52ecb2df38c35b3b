"""The settings of an installation: ``dondoc.toml`` in the home, ``DONDOC_*`` variables over it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from engine.errors import DondocError, os_reason
from engine.vietnamese import nearest

_SECRET = frozenset({"database_url", "secret_key", "oidc_client_secret", "metrics_token"})
CHANNEL_KEYS = frozenset({"smtp_url", "zalo_bot_token", "zalo_bot_api", "zalo_bot_webhook_secret"}) | {
    f"zns_{word}"
    for word in ("app_id", "secret", "api", "oauth_api", "refresh_token", "template_id", "template_params")
}
"""What channels read: secrets and addresses, kept together and shown nowhere."""
_SINGLE_SIGN_ON = frozenset({"oidc_issuer", "oidc_client_id", "oidc_login_claim"})
_SWITCHES = frozenset({"webhook_allow_private"})
_PLAIN = frozenset({"base_url", "hours", "slot_minutes", "zns_cost", "ping_url"})
_KNOWN = frozenset({*_SECRET, *CHANNEL_KEYS, *_SWITCHES, *_SINGLE_SIGN_ON, *_PLAIN})
_PREFIX = "DONDOC_"
_NO_SETTING = frozenset({"DONDOC_DEBUG"})

_PLACE = re.compile(r"at line (\d+), column (\d+)")
_CLOCK = r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*"
_HOURS = re.compile(f"{_CLOCK}[-–]{_CLOCK}")


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """An OpenID Connect provider. ``login_claim`` names the claim that holds the login of an account."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False, default=None)
    login_claim: str = "preferred_username"


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses, secrets and hours. ``hours`` is the span of a working day in which messages go out.

    ``channels`` holds what is set of CHANNEL_KEYS, ``zns_cost`` what one ZNS message costs in đồng,
    ``ping_url`` what is called after each good pass.
    """

    home: Path
    database_url: str = field(repr=False)
    smtp_url: str | None = field(repr=False, default=None)
    base_url: str | None = None
    secret_key: str | None = field(repr=False, default=None)
    hours: tuple[time, time] = (time(7, 30), time(17, 0))
    slot_minutes: int = 15
    webhook_allow_private: bool = False
    single_sign_on: SingleSignOn | None = None
    channels: Mapping[str, str] = field(repr=False, default_factory=dict)
    zns_cost: int = 0
    ping_url: str | None = None
    metrics_token: str | None = field(repr=False, default=None)


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings for ``home``. DondocError names a setting that is unknown or cannot be read.

    An empty value counts as none.
    """
    variables = os.environ if environment is None else environment
    values = _from_file(home / "dondoc.toml") | _from_environment(variables)
    return Settings(
        home=home,
        database_url=values.get("database_url") or f"sqlite:///{(home / 'dondoc.db').resolve()}",
        smtp_url=values.get("smtp_url") or None,
        base_url=_base_url(values.get("base_url", "")),
        secret_key=values.get("secret_key") or None,
        hours=_hours(values.get("hours") or "07:30-17:00"),
        slot_minutes=_minutes(values.get("slot_minutes") or "15"),
        webhook_allow_private=_yes_or_no("webhook_allow_private", values.get("webhook_allow_private", "")),
        single_sign_on=_single_sign_on(values),
        channels={key: values[key] for key in CHANNEL_KEYS if values.get(key)},
        zns_cost=_amount("zns_cost", values.get("zns_cost") or "0"),
        ping_url=_ping_url(values.get("ping_url", "")),
        metrics_token=values.get("metrics_token") or None,
    )


def unknown_variables(environment: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The ``DONDOC_…`` variables that mean nothing here, each with the nearest that do."""
    known = [f"{_PREFIX}{key.upper()}" for key in sorted(_KNOWN)]
    known += [f"{name}_FILE" for name in known]
    return {
        name: nearest(name, known)
        for name in sorted(environment)
        if name.startswith(_PREFIX) and name not in {*known, *_NO_SETTING}
    }


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DondocError(f"Tệp cấu hình {path} không phải bảng mã UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        place = f" ở dòng {found[1]}, cột {found[2]}" if found else ""
        raise DondocError(f"Tệp cấu hình {path} không đọc được{place}; kiểm tra dấu ngoặc kép") from None
    for key, value in content.items():
        if key not in _KNOWN:
            near = nearest(key, _KNOWN)
            hint = f" Có phải là “{near[0]}”?" if near else ""
            known = ", ".join(sorted(_KNOWN))
            raise DondocError(f"Tệp cấu hình {path} có khóa lạ “{key}”.{hint} Các khóa: {known}")
        if isinstance(value, bool) and key in _SWITCHES:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise DondocError(f"Tệp cấu hình {path}: giá trị của “{key}” phải là chữ trong ngoặc kép")
    return {key: str(value) for key, value in content.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for key in _KNOWN:
        name = f"{_PREFIX}{key.upper()}"
        if name in environment:
            values[key] = environment[name].strip()
        elif f"{name}_FILE" in environment:
            values[key] = _secret_file(Path(environment[f"{name}_FILE"]), f"{name}_FILE")
    return values


def _secret_file(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise DondocError(f"{name}: không đọc được tệp {path}: {os_reason(error)}") from error
    except UnicodeDecodeError:
        # The error would quote what stands in the file.
        raise DondocError(f"{name}: tệp {path} không phải bảng mã UTF-8") from None


def _base_url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/]\S*", text):
        raise DondocError("Địa chỉ trang web (base_url) phải bắt đầu bằng http:// hoặc https://")
    return text.rstrip("/") or None


def _ping_url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/]\S*", text):
        raise DondocError("Địa chỉ báo hiệu (ping_url) phải bắt đầu bằng http:// hoặc https://")
    return text or None


def _amount(key: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise DondocError(f"{key} “{text}” phải là số đồng viết liền, ví dụ 300")
    return int(text)


def _single_sign_on(values: Mapping[str, str]) -> SingleSignOn | None:
    issuer = values.get("oidc_issuer", "").strip()
    if not issuer:
        return None
    loopback = r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?(/\S*)?"
    if not re.fullmatch(rf"https://[^\s/?#]+(/[^\s?#]*)?|{loopback}", issuer):
        raise DondocError("Địa chỉ nơi đăng nhập một lần (oidc_issuer) phải bắt đầu bằng https://")
    missing = [key for key in ("oidc_client_id", "base_url") if not values.get(key)]
    if missing:
        raise DondocError(f"Có oidc_issuer thì phải có {' và '.join(missing)} để đăng nhập một lần")
    return SingleSignOn(
        issuer,
        values["oidc_client_id"],
        values.get("oidc_client_secret") or None,
        values.get("oidc_login_claim") or "preferred_username",
    )


def _hours(text: str) -> tuple[time, time]:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise DondocError(f"Giờ gửi tin “{text}” không đúng dạng; ví dụ: 07:30-17:00")
    begin, begin_minute, end, end_minute = map(int, found.groups())
    span = time(begin, begin_minute), time(end, end_minute)
    if span[0] >= span[1]:
        raise DondocError(f"Giờ gửi tin “{text}”: giờ đầu phải trước giờ cuối")
    return span


def _minutes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= 60 or 60 % int(text):
        raise DondocError(f"slot_minutes “{text}” phải là một ước của 60 từ 1 đến 60")
    return int(text)


def _yes_or_no(key: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in {"", "true", "false"}:
        raise DondocError(f"{key} “{text}” phải là true hoặc false")
    return word == "true"
