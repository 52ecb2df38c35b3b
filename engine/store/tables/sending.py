"""Contacts, notices, messages, deliveries, and who stands in for whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class ContactRow(SQLModel, table=True):
    """Who is told, and how: personal data, kept here and nowhere else.

    ``phone`` is 84 and nine digits, ``zalo`` the chat that the person opened with the bot; empty for none.
    ``channels`` are names of channels in the order in which they are tried, parted by spaces, empty for the
    usual order. ``copies``: whether messages that are only for information are wanted.
    """

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("unit", "role", "email", "phone", name="uq_contact"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(max_length=120, index=True)
    role: str = Field(default="head", max_length=10)
    name: str = Field(default="", sa_type=Text)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=20)
    zalo: str = Field(default="", max_length=64)
    channels: str = Field(default="", max_length=60)
    copies: bool = True
    purpose: str = Field(default="", sa_type=Text)
    active: bool = True


class SlotRow(SQLModel, table=True):
    """One time slot of the scheduler; its unique key decides which process ticks."""

    __tablename__ = "slot"

    start: datetime = Field(primary_key=True)
    done_at: datetime
    assignments: int
    situations: int
    findings: int
    notices: int


class NoticeRow(SQLModel, table=True):
    """Somebody must be told something, once: the unique key forbids the second time."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("assignment", "rule", "deadline", "recipient", "occasion", name="uq_notice"),
        Index("ix_notice_state", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str = Field(max_length=80)
    assignment: str = Field(max_length=300)
    deadline: str = Field(max_length=10)
    recipient: str = Field(max_length=120)
    occasion: str = Field(max_length=40)
    role: str = Field(max_length=20)
    tone: str = Field(max_length=10)
    why: str = Field(sa_type=Text)
    day: date
    created_at: datetime
    state: str = Field(default="pending", max_length=12)
    reason: str = Field(default="", sa_type=Text)


class MessageRow(SQLModel, table=True):
    """One digest to one address on one day; the unique key forbids the second one.

    ``facts`` are the values of a template message as JSON, empty for channels that carry ``text``;
    ``copies`` whether everything in it is only for information. ``attempts`` numbers its deliveries,
    ``failures`` counts those that failed through no fault of the channel.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("channel", "address", "day", name="uq_message"),
        # With what is counted of each channel: words and markup need not be read for that.
        Index("ix_message_state", "state", "not_before", "channel", "in_doubt", "created_at"),
        Index("ix_message_day", "day"),
        Index("ix_message_sent", "sent_at", "channel"),
        # Everything that the notification desk counts, filters and sorts by.
        Index("ix_message_desk", "day", "recipient", "id", "state", "in_doubt", "channel"),
    )

    id: str = Field(primary_key=True, max_length=40)
    channel: str = Field(max_length=20)
    address: str = Field(max_length=254)
    recipient: str = Field(sa_type=Text)
    day: date
    subject: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text)
    facts: str = Field(default="", sa_type=Text)
    copies: bool = False
    created_at: datetime
    state: str = Field(default="queued", max_length=12)
    not_before: datetime
    attempts: int = 0
    failures: int = 0
    in_doubt: bool = False
    lease_until: datetime | None = None
    worker: str | None = Field(default=None, max_length=120)
    sent_at: datetime | None = None


class MessageNoticeRow(SQLModel, table=True):
    """Which notices a message carries."""

    __tablename__ = "message_notice"

    message: str = Field(primary_key=True, max_length=40, foreign_key="message.id")
    notice: int = Field(primary_key=True, foreign_key="notice.id", index=True)


class AttachmentRow(SQLModel, table=True):
    """A file that goes with a message."""

    __tablename__ = "attachment"

    message: str = Field(primary_key=True, max_length=40, foreign_key="message.id")
    name: str = Field(primary_key=True, max_length=120)
    media_type: str = Field(max_length=120)
    content: bytes = Field(sa_type=LargeBinary)


class DeliveryRow(SQLModel, table=True):
    """One attempt to send one message, and how it ended.

    ``reference`` is the far end's own name for it, ``cost`` what it cost in đồng by the setting of that day,
    ``cause`` whose trouble a failure was: recipient | message | channel, empty where nobody said.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_message", "message"),
        # What a month cost is read from the attempts that cost something.
        Index(
            "ix_delivery_cost",
            *("started_at", "message", "cost"),
            sqlite_where=text("cost > 0"),
            postgresql_where=text("cost > 0"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    message: str = Field(max_length=40, foreign_key="message.id")
    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = Field(default="sending", max_length=12)
    code: int | None = None
    detail: str = Field(default="", sa_type=Text)
    reference: str = Field(default="", max_length=80)
    cost: int = 0
    cause: str = Field(default="", max_length=10)


class StandInRow(SQLModel, table=True):
    """While somebody is away another contact gets their messages; both days are included."""

    __tablename__ = "stand_in"
    __table_args__ = (Index("ix_stand_in_days", "first_day", "last_day"),)

    id: int | None = Field(default=None, primary_key=True)
    contact: int = Field(foreign_key="contact.id", index=True)
    deputy: int = Field(foreign_key="contact.id", index=True)
    first_day: date
    last_day: date
    reason: str = Field(default="", sa_type=Text)
    created_by: str = Field(sa_type=Text)
    created_at: datetime
    ended_at: datetime | None = None


class ChaseRow(SQLModel, table=True):
    """The office chased a unit (đôn đốc) on a day; the unique key forbids the second time that day."""

    __tablename__ = "chase"
    __table_args__ = (UniqueConstraint("unit", "day", name="uq_chase"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(max_length=120)
    day: date
    assignments: str = Field(sa_type=Text)
    words: str = Field(default="", sa_type=Text)
    created_by: str = Field(sa_type=Text)
    created_at: datetime
