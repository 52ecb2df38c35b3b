"""The keys of a channel that its far end changes with each refresh: one pair for all processes, sealed.

Whoever buys the next pair takes a lease first (compare-and-set), holds no transaction open while it asks, and
stores what it got before anybody uses it. Where a process dies in between, the next one tries the old refresh
token; if that is spent, the office is told what to do and nothing is sent until it has done so.
"""

from __future__ import annotations

import base64
import hashlib
import threading
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

from engine.store.database import DatabaseUnavailable, insert_or_update, reading, take_turns, writing
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
_STORE_TRIES = 5
"""A pair that was bought and not stored is lost: the database gets several chances, within the lease."""

_SEEDING = 0x7A6E73  # the number of this work among those that take turns
_FREE: Mapping[str, Any] = {"refreshing_by": None, "refreshing_until": None}

NO_KEY = "Chưa có mã làm mới của ZNS; lấy ở trang quản lý ứng dụng Zalo rồi chạy: dondoc zns token"
_AGAIN = "Hãy lấy mã làm mới khác ở trang quản lý ứng dụng Zalo rồi chạy: dondoc zns token"
_DATABASE = "Chưa đọc được mã ZNS đã cất: cơ sở dữ liệu đang bận hoặc không dùng được"
_REPLACED = "Mã ZNS vừa được thay trong lúc đang xin mã mới"
_UNREADABLE = f"Không mở được mã ZNS đã cất: khóa bí mật (secret_key) đã đổi. {_AGAIN}"


@dataclass(frozen=True, slots=True)
class _Lease:
    """The right to spend the refresh token that is stored as ``refresh`` (sealed), until ``ends``; ``died``
    says in Vietnamese that the last one who had it did not come back."""

    refresh: str = field(repr=False)
    ends: datetime
    died: str


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
    # Once in a life: of two processes with different settings the one that started last is right, and they
    # must not replace each other's pair by seeds that are spent.
    _seeded: threading.Event = field(init=False, repr=False, compare=False, default_factory=threading.Event)

    def current(self) -> TokenPair:
        """The pair in use; one without an access key is to be renewed first. Raises VaultTrouble."""
        try:
            self._plant_seed()
            with reading(self.engine) as connection:
                row = _row(connection, self.channel)
        except DatabaseUnavailable:
            raise VaultTrouble(_DATABASE, lasting=False) from None
        return self._pair(row)

    def is_stale(self, pair: TokenPair) -> bool:
        """Whether it ends within the hour."""
        return not pair.access or self.clock() >= pair.expires_at - AHEAD

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        """A pair newer than ``stale``: bought here, or by whoever was faster. Raises VaultTrouble."""
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                with writing(self.engine) as connection:
                    row = _row(connection, self.channel, lock=True)
                    pair = self._pair(row)
                    if pair.access and pair.access != stale.access:
                        return pair
                    lease = self._takes_lease(connection, row)
            except DatabaseUnavailable:
                raise VaultTrouble(_DATABASE, lasting=False) from None
            if lease is not None:
                return self._buy(pair, exchange, lease)
            if time.monotonic() >= ends:
                raise VaultTrouble("Tiến trình khác đang xin mã ZNS mới mà chưa xong", lasting=False)
            self.sleep(_STEP)

    def _takes_lease(self, connection: Connection, row: RowMapping | None) -> _Lease | None:
        """None while somebody else is at it; otherwise it is ours."""
        if row is None:
            return None
        holder, until = row["refreshing_by"], row["refreshing_until"]
        if holder and until and until > self.clock() and not self.is_dead(holder):
            return None
        ends = self.clock() + LEASE
        values = {"refreshing_by": self.worker, "refreshing_until": ends}
        connection.execute(update(_TOKEN).where(_TOKEN.c.channel == self.channel).values(values))
        died = ""
        if holder and until is not None:
            died = f" Lần xin trước (trước {until.astimezone(VIETNAM):%H:%M %d/%m/%Y}) bị dừng giữa chừng."
        return _Lease(row["refresh"], ends, died)

    def _buy(self, pair: TokenPair, exchange: Callable[[str], TokenPair], lease: _Lease) -> TokenPair:
        try:
            new = exchange(pair.refresh)
        except RefreshRefused as refused:
            trouble = f"Không lấy được mã ZNS mới: {refused}.{lease.died} {_AGAIN}"
            # Whose lease ran out in the meantime learns nothing by a refusal: the next one may have bought.
            if not self._write({**_FREE, "trouble": trouble}, lease, held=True):
                raise VaultTrouble(_REPLACED, lasting=False) from None
            raise VaultTrouble(trouble, lasting=True) from None
        except OSError as error:
            self._write(_FREE, lease, held=True)
            raise VaultTrouble(f"Chưa xin được mã ZNS mới: {error}", lasting=False) from None
        except BaseException:
            self._write(_FREE, lease, held=True)
            raise
        # Stored before anybody uses it: the old one is spent. Late or not, it is the newest of its line; only
        # a token that a person planted meanwhile goes before it.
        if not self._write({**_FREE, **self._sealed(new), "trouble": ""}, lease, held=False):
            raise VaultTrouble(_REPLACED, lasting=False)
        return new

    def _write(self, values: Mapping[str, Any], lease: _Lease, *, held: bool) -> bool:
        """False where the refresh token is no longer the one that the lease was for; with ``held`` also where
        the lease is no longer ours."""
        own = (_TOKEN.c.channel == self.channel) & (_TOKEN.c.refresh == lease.refresh)
        if held:
            own &= (_TOKEN.c.refreshing_by == self.worker) & (_TOKEN.c.refreshing_until == lease.ends)
        for tries_left in reversed(range(_STORE_TRIES)):
            try:
                with writing(self.engine) as connection:
                    changed = {**values, "changed_at": self.clock()}
                    return bool(connection.execute(update(_TOKEN).where(own).values(changed)).rowcount)
            except DatabaseUnavailable:
                if not tries_left:
                    raise VaultTrouble(_DATABASE, lasting=False) from None
                self.sleep(1.0)
        raise AssertionError("the loop returns or raises")

    def _plant_seed(self) -> None:
        if not self.seed or self._seeded.is_set():
            return
        # Looked at and planted under one lock: who looked before another one planted and bought would put
        # the spent seed in the place of the new pair.
        with writing(self.engine) as connection:
            take_turns(connection, _SEEDING)
            row = _row(connection, self.channel, lock=True)
            if row is None or row["seed_hash"] != _seed_hash(self.seed):
                plant(connection, self.channel, self.seed, self.secret_key, self.clock(), seed=self.seed)
        self._seeded.set()

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
