"""Secrets that are handed out once and kept as hashes only."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. A plain hash will do: nobody can guess 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_key(token: str) -> str:
    """The value that a form carries to prove that it came from a page of this session; it cannot be
    turned back into the session's token."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Compares two secrets without telling by time where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())
