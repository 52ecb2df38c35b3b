"""The keys of a channel that its far end changes with each refresh: one pair for all processes, sealed.

Whoever buys the next pair takes a lease first (compare-and-set), holds no transaction open while it asks, and
stores what it got before anybody uses it. Where a process dies in between, the next one tries the old refresh
token; if that is spent, the office is told what to do and nothing is sent until it has done so.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, select, update
from sqlalchemy.engine import Connection, RowMapping

from engine.store.database import insert_or_update, reading, writing
from engine.store.tables import TokenRow
from engine.tracking.progress import VIETNAM
from notifiers.vault import RefreshRefused, TokenPair, VaultTrouble

_TOKEN = TokenRow.__table__  # type: ignore[attr-defined]

LEASE = timedelta(seconds=60)
"""How long a refresh may take; a request ends long before."""

AHEAD = timedelta(hours=1)
"""A pair that ends sooner than this is renewed before it is used."""

_PATIENCE = 10.0  # seconds to wait for somebody else's refresh
_STEP = 0.1

NO_KEY = "Chưa có mã làm mới của ZNS; lấy ở trang quản lý ứng dụng Zalo rồi chạy: dondoc zns token"
_AGAIN = "Hãy lấy mã làm mới khác ở trang quản lý ứng dụng Zalo rồi chạy: dondoc zns token"
_UNREADABLE = f"Không mở được mã ZNS đã cất: khóa bí mật (secret_key) đã đổi. {_AGAIN}"


@dataclass(frozen=True, slots=True)
class DatabaseVault:
    """The pair of one channel. ``seed`` is a refresh token from the settings: a changed one takes the place
    of what is stored. ``is_dead`` says that a worker surely no longer runs."""

    engine: Engine
    channel: str
    secret_key: str = field(repr=False)
    worker: str
    is_dead: Callable[[str], bool]
    clock: Callable[[], datetime]
    seed: str = field(repr=False, default="")
    sleep: Callable[[float], None] = time.sleep

    def current(self) -> TokenPair:
        """The pair in use; one without an access key is to be renewed first. Raises VaultTrouble."""
        self._plant_seed()
        with reading(self.engine) as connection:
            return self._pair(_row(connection, self.channel))

    def is_stale(self, pair: TokenPair) -> bool:
        """Whether it ends within the hour."""
        return not pair.access or self.clock() >= pair.expires_at - AHEAD

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        """A pair newer than ``stale``: bought here, or by whoever was faster. Raises VaultTrouble."""
        ends = time.monotonic() + _PATIENCE
        while True:
            with writing(self.engine) as connection:
                row = _row(connection, self.channel, lock=True)
                pair = self._pair(row)
                if pair.access and pair.access != stale.access:
                    return pair
                died = self._takes_lease(connection, row)
            if died is not None:
                return self._buy(pair, exchange, died)
            if time.monotonic() >= ends:
                raise VaultTrouble("Tiến trình khác đang xin mã ZNS mới mà chưa xong", lasting=False)
            self.sleep(_STEP)

    def _takes_lease(self, connection: Connection, row: RowMapping | None) -> str | None:
        """None while somebody else is at it; otherwise the lease is ours, and the text says who died with
        it ("" for nobody)."""
        holder = row["refreshing_by"] if row else None
        until = row["refreshing_until"] if row else None
        if holder and until and until > self.clock() and not self.is_dead(holder):
            return None
        lease = {"refreshing_by": self.worker, "refreshing_until": self.clock() + LEASE}
        connection.execute(update(_TOKEN).where(_TOKEN.c.channel == self.channel).values(lease))
        if not holder or until is None:
            return ""
        return f" Lần xin trước (trước {until.astimezone(VIETNAM):%H:%M %d/%m/%Y}) bị dừng giữa chừng."

    def _buy(self, pair: TokenPair, exchange: Callable[[str], TokenPair], died: str) -> TokenPair:
        free: dict[str, Any] = {"refreshing_by": None, "refreshing_until": None}
        try:
            new = exchange(pair.refresh)
        except RefreshRefused as refused:
            trouble = f"Không lấy được mã ZNS mới: {refused}.{died} {_AGAIN}"
            self._write({**free, "trouble": trouble})
            raise VaultTrouble(trouble, lasting=True) from None
        except OSError as error:
            self._write(free)
            raise VaultTrouble(f"Chưa xin được mã ZNS mới: {error}", lasting=False) from None
        except BaseException:
            self._write(free)
            raise
        # Stored before anybody uses it: the old one is spent. Who comes late still holds the newest pair.
        self._write({**free, **self._sealed(new), "trouble": ""})
        return new

    def _write(self, values: Mapping[str, Any]) -> None:
        with writing(self.engine) as connection:
            own = _TOKEN.c.channel == self.channel
            connection.execute(update(_TOKEN).where(own).values(changed_at=self.clock(), **values))

    def _plant_seed(self) -> None:
        if not self.seed:
            return
        with reading(self.engine) as connection:
            row = _row(connection, self.channel)
        if row is None or row["seed_hash"] != _seed_hash(self.seed):
            with writing(self.engine) as connection:
                plant(connection, self.channel, self.seed, self.secret_key, self.clock(), seed=self.seed)

    def _pair(self, row: RowMapping | None) -> TokenPair:
        if row is None:
            raise VaultTrouble(NO_KEY, lasting=True)
        if row["trouble"]:
            raise VaultTrouble(row["trouble"], lasting=True)
        seal = seal_of(self.secret_key)
        try:
            opened = {
                name: seal.decrypt(row[name].encode()).decode() if row[name] else ""
                for name in ("access", "refresh")
            }
        except InvalidToken:
            raise VaultTrouble(_UNREADABLE, lasting=True) from None
        return TokenPair(opened["access"], opened["refresh"], row["expires_at"])

    def _sealed(self, pair: TokenPair) -> dict[str, Any]:
        seal = seal_of(self.secret_key)
        return {
            "access": seal.encrypt(pair.access.encode()).decode(),
            "refresh": seal.encrypt(pair.refresh.encode()).decode(),
            "expires_at": pair.expires_at,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be told of a pair: never the keys. ``expires_at`` None while none was bought yet."""

    expires_at: datetime | None
    changed_at: datetime
    trouble: str


def kept(connection: Connection, channel: str) -> Kept | None:
    """How the pair of a channel stands; None when nobody put a refresh token in."""
    row = _row(connection, channel)
    if row is None:
        return None
    return Kept(row["expires_at"] if row["access"] else None, row["changed_at"], row["trouble"])


def plant(
    connection: Connection, channel: str, refresh: str, secret_key: str, now: datetime, *, seed: str = ""
) -> None:
    """A new refresh token takes the place of whatever was there; the first use buys a pair. ``seed`` is the
    one that stands in the settings: it is not planted again as long as it stays the same."""
    values = {
        "access": "",
        "refresh": seal_of(secret_key).encrypt(refresh.encode()).decode(),
        "expires_at": now,
        "changed_at": now,
        "refreshing_by": None,
        "refreshing_until": None,
        "trouble": "",
        "seed_hash": _seed_hash(seed) if seed else "",
    }
    statement = insert_or_update(connection, _TOKEN, ("channel",), values)
    connection.execute(statement, {"channel": channel, **values})


def seal_of(secret_key: str) -> Fernet:
    """What seals with the installation's secret key (RFC 5869 makes a key of its own of it)."""
    derived = HKDF(SHA256(), 32, None, b"dondoc channel keys").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _seed_hash(refresh: str) -> str:
    return hashlib.sha256(refresh.encode()).hexdigest()


def _row(connection: Connection, channel: str, *, lock: bool = False) -> RowMapping | None:
    query = select(_TOKEN).where(_TOKEN.c.channel == channel)
    return connection.execute(query.with_for_update() if lock else query).mappings().first()
