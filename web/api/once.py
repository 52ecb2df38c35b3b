"""What a request that writes says of itself: a name, to be recorded once; when it was said, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Header

from web.api.caller import Caller
from web.errors import Refused

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)
"""How far the clocks of two systems may differ."""

RequestName = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Tên riêng của yêu cầu này, ví dụ một UUID; gửi lại thì giữ nguyên",
    ),
]


def said_at(at: datetime | None, now: datetime, hint: str) -> datetime:
    """When it was said, never after ``now``. Raises Refused for what lies ahead or long ago."""
    said = at or now
    if not _EARLIEST <= said <= now + _SKEW:
        raise Refused(422, "at phải là một thời điểm đã qua, từ năm 2000", hint)
    return min(said, now)


def signed(by: str | None, caller: Caller) -> str:
    """Who said it: the person, where one is named, and always the other system."""
    who = (by or "").strip()
    return f"{who} – {caller.key.name}" if who else caller.key.name
