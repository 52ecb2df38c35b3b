"""Where a channel keeps the keys that its far end changes all the time. The ledger's side implements it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A key to send with, until `expires_at`, and the one that buys the next pair, once."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


class VaultTrouble(Exception):
    """No usable key now; the text is Vietnamese, for the office. `lasting` until a person puts it right."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting


class RefreshRefused(Exception):
    """The far end does not take the refresh token (spent, expired, wrong). The text is Vietnamese."""


class TokenVault(Protocol):
    """One pair of keys shared by all processes."""

    def current(self) -> TokenPair:
        """The pair in use. Raises VaultTrouble when there is none."""
        ...

    def is_stale(self, pair: TokenPair) -> bool:
        """Whether the pair ends so soon that a newer one should be bought before the next message."""
        ...

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        """A pair newer than `stale`: one process calls `exchange` with the refresh token, the others wait
        for what it stores. The new pair is stored before anybody uses it. Raises VaultTrouble.

        `exchange` raises RefreshRefused where the far end says no, OSError where it cannot be reached.
        """
        ...
