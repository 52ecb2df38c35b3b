"""Where evidence lies: ``<home>/evidence/<2 hex>/<32 hex>``, outside everything that the web serves.

The file is there before its row: a crash between the two leaves a file without a row, never the reverse.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.errors import DondocError, os_reason
from engine.store.work.evidence import FOLDER, Evidence, place_of

_UNDER_WAY = timedelta(hours=1)
"""A younger file without a row may be one whose transaction has not ended yet."""


class EvidenceGone(DondocError):
    """The file of a row is not on the shelf, or is not what it was."""


def new_id() -> str:
    """A name of our own for a file; it says nothing of its content."""
    return secrets.token_hex(16)


def sha256(content: bytes) -> str:
    """The fingerprint that the row keeps."""
    return hashlib.sha256(content).hexdigest()


def put(home: Path, id: str, content: bytes) -> None:
    """Lays a file on the shelf, whole or not at all, readable for the owner only. DondocError when it
    cannot be written."""
    place = place_of(home, id)
    partial = place.with_name(f"{id}.dang-ghi")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(place)
        _settle(place.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise DondocError(f"Chưa lưu được tệp minh chứng: {os_reason(error)}") from error


def get(home: Path, id: str, fingerprint: str) -> bytes:
    """The content of a file. EvidenceGone when it is missing or was changed on disk."""
    try:
        content = place_of(home, id).read_bytes()
    except OSError as error:
        raise EvidenceGone("Tệp minh chứng này không còn trên máy chủ") from error
    if sha256(content) != fingerprint:
        raise EvidenceGone("Tệp minh chứng này đã bị thay đổi trên máy chủ nên không đưa ra")
    return content


def remove(home: Path, ids: Collection[str]) -> None:
    """Takes files away whose rows never came to be."""
    for id in ids:
        with contextlib.suppress(OSError):
            place_of(home, id).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies on the shelf: rows whose file is missing or was changed, and files without a row."""

    missing: tuple[Evidence, ...]
    changed: tuple[Evidence, ...]
    orphans: tuple[Path, ...]


def take_stock(home: Path, rows: Iterable[Evidence], now: datetime) -> Stock:
    """Compares every row with its file; reads all of them."""
    missing, changed, known = [], [], set()
    for row in rows:
        known.add(row.id)
        try:
            with place_of(home, row.id).open("rb") as stream:
                fingerprint = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            missing.append(row)
        else:
            if fingerprint != row.sha256:
                changed.append(row)
    return Stock(tuple(missing), tuple(changed), tuple(_orphans(home, known, now)))


def _orphans(home: Path, known: Collection[str], now: datetime) -> Iterator[Path]:
    """Files without a row that lie there for longer than any transaction takes."""
    folder = home / FOLDER
    for path in sorted(folder.glob("??/*")) if folder.is_dir() else ():
        if path.name in known:
            continue
        try:
            changed = path.stat().st_mtime
        except OSError:
            continue
        if now.timestamp() - changed > _UNDER_WAY.total_seconds():
            yield path


def _settle(folder: Path) -> None:
    """Makes the new name itself survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
