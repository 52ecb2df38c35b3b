"""Who may do what, and who did: accounts, sessions, links, keys, the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel


class AccountRow(SQLModel, table=True):
    """Somebody of the office who signs in. ``login`` is lower case; no password means single sign-on only."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(max_length=80, unique=True)
    name: str = Field(sa_type=Text)
    role: str = Field(max_length=20)
    password_hash: str | None = Field(default=None, sa_type=Text)
    subject: str | None = Field(default=None, max_length=300, unique=True)
    active: bool = True
    must_change: bool = False
    created_at: datetime


class SessionRow(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True, max_length=64)
    account: int = Field(foreign_key="account.id", index=True)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    origin: str = Field(default="", max_length=64)


class AttemptRow(SQLModel, table=True):
    """A failed attempt under a key ("login:…", "origin:…", "link:…"), counted against limits."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key", "key", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200)
    at: datetime


class LinkRow(SQLModel, table=True):
    """A link that opens a unit's own page or its calendar feed; only the hash of its token is kept.

    ``kind`` is unit | feed; ``units`` a JSON list of unit ids; ``address`` whom it was sent to.
    """

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    kind: str = Field(max_length=10)
    units: str = Field(sa_type=Text)
    address: str = Field(default="", max_length=254, index=True)
    name: str = Field(default="", sa_type=Text)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class ApiKeyRow(SQLModel, table=True):
    """Another system's key. ``scopes`` are parted by spaces; ``unit`` limits it to a unit and its subtree."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Text)
    key_hash: str = Field(max_length=64, unique=True)
    scopes: str = Field(sa_type=Text)
    unit: str | None = Field(default=None, max_length=120)
    created_by: str = Field(sa_type=Text)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class AuditRow(SQLModel, table=True):
    """Who did what: each row's hash covers the row before; triggers refuse updates and deletions."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"), Index("ix_audit_at", "at"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str = Field(max_length=80)
    actor_name: str = Field(default="", sa_type=Text)
    origin: str = Field(default="", max_length=64)
    action: str = Field(max_length=60)
    subject: str = Field(default="", max_length=300)
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
