"""Where a list goes on: an opaque word that fits only the filters that it came from."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import astuple
from datetime import UTC, datetime

from engine.store.work.assignment_pages import Position, Wanted
from web.errors import Refused


def cursor_of(position: Position, wanted: Wanted) -> str:
    """The word for a position in the list of ``wanted``."""
    instant = position.changed_at.astimezone(UTC).isoformat() if position.changed_at else None
    text = json.dumps([_mark(wanted), position.id, instant])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str, wanted: Wanted) -> Position:
    """The position that a word stands for; Refused when it is no word of ours or of another list."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        mark, id, instant = json.loads(text)
        if mark == _mark(wanted) and (instant is None) == (wanted.changed_since is None):
            changed_at = None if instant is None else datetime.fromisoformat(instant).astimezone(UTC)
            if isinstance(id, str) and id.isascii() and id.isprintable() and len(id) <= 300:
                return Position(id, changed_at)
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise Refused(
        422,
        "cursor không đúng, hoặc thuộc về một danh sách có bộ lọc khác",
        "Bắt đầu lại từ trang đầu (bỏ cursor), giữ nguyên các bộ lọc giữa các trang.",
    )


def _mark(wanted: Wanted) -> str:
    parts = [sorted(part) if isinstance(part, frozenset) else str(part) for part in astuple(wanted)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
