"""What comes in beside words and goes out beside messages: evidence files and webhooks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class EvidenceRow(SQLModel, table=True):
    """A file that a unit handed in; its content lies outside the web root under the name ``id``."""

    __tablename__ = "evidence"

    id: str = Field(primary_key=True, max_length=32)
    assignment: str = Field(max_length=300, foreign_key="assignment.id", index=True)
    event: int | None = Field(default=None, foreign_key="event.id")
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=120)
    size: int
    sha256: str = Field(max_length=64)
    by: str = Field(default="", sa_type=Text)
    at: datetime


class WebhookRow(SQLModel, table=True):
    """An address of another system that hears of events; ``kinds`` are parted by spaces, empty for all.

    ``unit`` limits it to a unit and its subtree; ``key`` is the API key that asked for it, if one did:
    without the key it hears nothing more.
    """

    __tablename__ = "webhook"

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(sa_type=Text)
    kinds: str = Field(default="", sa_type=Text)
    unit: str | None = Field(default=None, max_length=120)
    key: int | None = Field(default=None, foreign_key="api_key.id")
    created_by: str = Field(sa_type=Text)
    created_at: datetime
    ended_at: datetime | None = None


class WebhookCallRow(SQLModel, table=True):
    """One event that one address must hear of, and how the calls went."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("webhook", "event", name="uq_webhook_call"),
        Index("ix_webhook_call_state", "state", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True)
    webhook: int = Field(foreign_key="webhook.id")
    event: int = Field(foreign_key="event.id")
    state: str = Field(default="queued", max_length=12)
    attempts: int = 0
    not_before: datetime
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    code: int | None = None
    detail: str = Field(default="", sa_type=Text)


class ApiRequestRow(SQLModel, table=True):
    """A change that another system asked for, under its own name for it: asked again, it is recorded once.

    ``name_hash`` is of the Idempotency-Key header, ``body_hash`` of what was asked.
    """

    __tablename__ = "api_request"
    __table_args__ = (Index("ix_api_request_created", "created_at"),)

    key: int = Field(primary_key=True, foreign_key="api_key.id")
    name_hash: str = Field(primary_key=True, max_length=64)
    body_hash: str = Field(max_length=64)
    event: int | None = Field(default=None, foreign_key="event.id")
    created_at: datetime
