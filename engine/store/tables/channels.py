"""How the channels are: resting or stopped, which addresses they refuse, pairing with Zalo, its keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class ChannelStateRow(SQLModel, table=True):
    """One channel: ``state`` is open | resting (until ``until``) | stopped (until a person says go on).

    ``failures`` counts the channel's own failures in a row. ``remaining`` is what the far end said at
    ``remaining_at`` that it takes that day.
    """

    __tablename__ = "channel_state"

    channel: str = Field(primary_key=True, max_length=20)
    state: str = Field(default="open", max_length=10)
    until: datetime | None = None
    failures: int = 0
    code: int | None = None
    detail: str = Field(default="", sa_type=Text)
    changed_at: datetime
    remaining: int | None = None
    remaining_at: datetime | None = None


class RefusalRow(SQLModel, table=True):
    """An address that its channel refused for good: not used again until somebody corrects or clears it."""

    __tablename__ = "refusal"

    channel: str = Field(primary_key=True, max_length=20)
    address: str = Field(primary_key=True, max_length=254)
    code: int | None = None
    detail: str = Field(default="", sa_type=Text)
    message: str = Field(default="", max_length=40)
    at: datetime


class PairingRow(SQLModel, table=True):
    """A one-time code that ties a Zalo chat to a contact; only its hash is kept."""

    __tablename__ = "pairing"

    code_hash: str = Field(primary_key=True, max_length=64)
    contact: int = Field(foreign_key="contact.id", index=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class BotUpdateRow(SQLModel, table=True):
    """A message to the bot that was answered: the same one may be handed over twice."""

    __tablename__ = "bot_update"

    message: str = Field(primary_key=True, max_length=100)
    at: datetime = Field(index=True)


class TokenRow(SQLModel, table=True):
    """The pair of keys of a channel, sealed with the installation's secret key.

    ``refreshing_by`` and ``refreshing_until`` are the lease of whoever is buying the next pair;
    ``trouble`` is what the office must put right, Vietnamese. ``seed_hash`` is of the refresh token
    that a person put in last.
    """

    __tablename__ = "token"

    channel: str = Field(primary_key=True, max_length=20)
    access: str = Field(default="", sa_type=Text)
    refresh: str = Field(default="", sa_type=Text)
    expires_at: datetime
    changed_at: datetime
    refreshing_by: str | None = Field(default=None, max_length=120)
    refreshing_until: datetime | None = None
    trouble: str = Field(default="", sa_type=Text)
    seed_hash: str = Field(default="", max_length=64)
