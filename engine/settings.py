"""The settings of an installation: ``dondoc.toml`` in the home, ``DONDOC_*`` variables over it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from engine.errors import DondocError

_SECRET = frozenset({"database_url", "smtp_url", "secret_key"})
_KNOWN = frozenset({*_SECRET, "base_url", "hours", "slot_minutes"})
_FOREIGN = ("zalo_", "zns_")


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses, secrets and hours. ``hours`` is the span of a working day in which messages go out."""

    home: Path
    database_url: str = field(repr=False)
    smtp_url: str | None = field(repr=False, default=None)
    base_url: str | None = None
    secret_key: str | None = field(repr=False, default=None)
    hours: tuple[time, time] = (time(7, 30), time(17, 0))
    slot_minutes: int = 15


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings for ``home``. DondocError names a setting that is unknown or cannot be read."""
    values = _from_file(home / "dondoc.toml") | _from_environment(environment or os.environ)
    return Settings(
        home=home,
        database_url=values.get("database_url") or f"sqlite:///{(home / 'dondoc.db').resolve()}",
        smtp_url=values.get("smtp_url"),
        base_url=(values.get("base_url") or "").rstrip("/") or None,
        secret_key=values.get("secret_key"),
        hours=_hours(values.get("hours", "07:30-17:00")),
        slot_minutes=_minutes(values.get("slot_minutes", "15")),
    )


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DondocError(
            f"Tệp cấu hình {path} không đọc được; kiểm tra dấu ngoặc kép và bảng mã UTF-8"
        ) from error
    for key in content:
        if key not in _KNOWN and not key.startswith(_FOREIGN):
            raise DondocError(
                f"Tệp cấu hình {path} có khóa lạ “{key}”; các khóa: {', '.join(sorted(_KNOWN))}"
            )
    return {key: str(value) for key, value in content.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for key in _KNOWN:
        name = f"DONDOC_{key.upper()}"
        if name in environment:
            values[key] = environment[name]
        elif f"{name}_FILE" in environment:
            values[key] = _secret_file(Path(environment[f"{name}_FILE"]), f"{name}_FILE")
    return values


def _secret_file(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DondocError(f"{name}: không đọc được tệp {path}") from error


def _hours(text: str) -> tuple[time, time]:
    begin, _, end = text.replace("–", "-").partition("-")
    try:
        span = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise DondocError(f"Giờ gửi tin “{text}” không đúng dạng; ví dụ: 07:30-17:00") from None
    if span[0] >= span[1]:
        raise DondocError(f"Giờ gửi tin “{text}”: giờ đầu phải trước giờ cuối")
    return span


def _minutes(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 60 or 60 % int(text):
        raise DondocError(f"slot_minutes “{text}” phải là một ước của 60 từ 1 đến 60")
    return int(text)
