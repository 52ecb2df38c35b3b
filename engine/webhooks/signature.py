"""How the other system knows that a call is ours: HMAC-SHA256 over the instant and the body."""

from __future__ import annotations

import hashlib
import hmac

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, none itself


def secret_of(secret_key: str, webhook: int) -> str:
    """The secret of one webhook; it follows from the installation's key, so it is never stored."""
    digest = hmac.new(secret_key.encode(), f"webhook:{webhook}".encode(), hashlib.sha256).hexdigest()
    return SECRET_PREFIX + digest


def signature_of(secret: str, timestamp: int, body: bytes) -> str:
    """``sha256=`` and the HMAC of ``timestamp.body``; ``timestamp`` counts seconds since 1970 in UTC."""
    signed = str(timestamp).encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
